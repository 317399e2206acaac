#include "kernel/look.h"
#include "base/clock.h"
#include "kernel/state.h"

#include <sched.h>

/* A reply that took longer is not waited for. */
#define QUICK_US 200
/* ZeroMQ's thread sends in less; programs that compute have the processor for longer. */
#define LONG_YIELD_US 1000
/* How long no processor is left to others after that, and how long at most when it goes on so. */
#define PAUSE_US     1000000
#define PAUSE_MAX_US (64 * PAUSE_US)
/* So many yields that are not long are needed to forget those that were. */
#define SHORT_YIELDS 1000
/* How long it looks at most. */
#define LOOK_US 6

void look_expect(struct kernel *kernel)
{
    kernel->look.due = LOOK_BEFORE_SENDING;
}

void look_replied(struct kernel *kernel, const struct request *request)
{
    kernel->look.was_quick = request->times.replied_us - request->times.sent_us < QUICK_US;
}

/* Did the active request end? */
static bool is_over(struct kernel *kernel)
{
    session_read(&kernel->session);
    return !kernel->execution.active;
}

bool look_before_sending(struct kernel *kernel)
{
    struct look *look = &kernel->look;
    if (look->due != LOOK_BEFORE_SENDING)
        return false;
    look->due = LOOK_BEFORE_SLEEPING;
    return kernel->execution.active && is_over(kernel);
}

/* Others that are ready to run get the processor. The time at which it is ours again. */
static int64_t yield(struct look *look, int64_t now)
{
    sched_yield();
    int64_t end = clock_us();
    if (end - now > LONG_YIELD_US) {
        look->pause_us = look->pause_us ? look->pause_us * 2 : PAUSE_US;
        if (look->pause_us > PAUSE_MAX_US)
            look->pause_us = PAUSE_MAX_US;
        look->paused_until_us = end + look->pause_us;
        look->short_yields = 0;
    } else if (look->pause_us && ++look->short_yields == SHORT_YIELDS) {
        look->pause_us = 0;
    }
    return end;
}

bool look_before_sleeping(struct kernel *kernel)
{
    struct look *look = &kernel->look;
    bool due = look->due == LOOK_BEFORE_SLEEPING && look->was_quick && kernel->execution.active &&
               queue_is_empty(&kernel->queue);
    int64_t now = due ? clock_us() : 0;
    look->due = LOOK_NOT;
    if (!due || now < look->paused_until_us)
        return false;
    now = yield(look, now);
    while (!is_over(kernel))
        if (clock_us() - now > LOOK_US)
            return false;
    return true;
}
