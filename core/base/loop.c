#include "base/loop.h"
#include "base/clock.h"

#include <errno.h>
#include <unistd.h>

#define ROUND 32 /* events taken from epoll at once */

bool loop_open(struct loop *loop, struct error *error)
{
    *loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    return loop->epoll >= 0 || error_set_errno(error, "cannot create the event loop");
}

void loop_close(struct loop *loop)
{
    if (loop->epoll >= 0)
        close(loop->epoll);
    loop->epoll = -1;
}

int64_t loop_now(void)
{
    return clock_ms();
}

bool loop_watch(struct loop *loop, struct loop_watch *watch, struct error *error)
{
    struct epoll_event event = {.events = watch->events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) < 0)
        return error_set_errno(error, "cannot watch descriptor %d", watch->fd);
    return true;
}

void loop_want(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    if (watch->fd < 0 || watch->events == events)
        return;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    watch->events = events;
    epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (watch->fd >= 0)
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->fd = -1;
    for (int i = 0; i < loop->round_size; i++)
        if (loop->round[i].data.ptr == watch)
            loop->round[i].data.ptr = NULL;
}

void loop_stop_timer(struct loop *loop, struct loop_timer *timer)
{
    if (!timer->deadline)
        return;
    struct loop_timer **at = &loop->timers;
    while (*at && *at != timer)
        at = &(*at)->next;
    if (*at)
        *at = timer->next;
    timer->deadline = 0;
}

void loop_start_timer(struct loop *loop, struct loop_timer *timer, int64_t delay_ms)
{
    loop_stop_timer(loop, timer);
    timer->deadline = loop_now() + (delay_ms > 0 ? delay_ms : 0);
    struct loop_timer **at = &loop->timers;
    while (*at && (*at)->deadline <= timer->deadline)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
}

static void fire_timers(struct loop *loop)
{
    int64_t now = loop->timers ? loop_now() : 0;
    while (loop->timers && loop->timers->deadline <= now && !loop->stopped) {
        struct loop_timer *timer = loop->timers;
        loop_stop_timer(loop, timer);
        timer->fire(timer->context);
    }
}

static int wait_time(const struct loop *loop, bool busy)
{
    if (busy)
        return 0;
    if (!loop->timers)
        return -1;
    int64_t left = loop->timers->deadline - loop_now();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void dispatch(struct loop *loop, struct epoll_event *events, int count)
{
    loop->round = events;
    loop->round_size = count > 0 ? count : 0;
    for (int i = 0; i < count && !loop->stopped; i++) {
        struct loop_watch *watch = events[i].data.ptr;
        if (watch)
            watch->ready(watch->context, events[i].events);
    }
    loop->round_size = 0;
}

void loop_run(struct loop *loop)
{
    struct epoll_event events[ROUND];
    while (!loop->stopped) {
        fire_timers(loop);
        bool busy = loop->before_wait && loop->before_wait(loop->context);
        if (loop->stopped)
            break;
        dispatch(loop, events, epoll_wait(loop->epoll, events, ROUND, wait_time(loop, busy)));
    }
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}
