/*
 * Looking for the reply to what the worker was just sent. Evaluators need some microseconds for a
 * short cell, a sleeping thread needs more to be woken: so the reply is looked for at the two places
 * where it may be there already.
 */
#ifndef HILUM_KERNEL_LOOK_H
#define HILUM_KERNEL_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct kernel;
struct request;

enum look_due {
    LOOK_NOT,
    LOOK_BEFORE_SENDING,
    LOOK_BEFORE_SLEEPING,
};

struct look {
    enum look_due due;
    bool was_quick; /* the reply to the request before came after microseconds */
    /* The processor is not left to others until then, because they took it for long; for how long
     * that was the last time; and how often they did not since. */
    int64_t paused_until_us;
    int64_t pause_us;
    unsigned short_yields;
};

/* The worker was sent a request; it has replied to this one, whose times tell when. */
void look_expect(struct kernel *kernel);
void look_replied(struct kernel *kernel, const struct request *request);

/*
 * Before what is held for clients leaves: the worker may have got this processor as soon as it had the
 * request. Then all that the request causes leaves together.
 * True: the request is over, and the next one may begin.
 */
bool look_before_sending(struct kernel *kernel);

/*
 * After that, before this thread sleeps: when the evaluator is quick, ZeroMQ's thread gets the
 * processor, which has something to send now, and the reply is looked for once it has. This thread
 * would be asleep for less time than it takes to wake it. Where other programs take the processor in
 * between, which they do for milliseconds, that is left alone for a while.
 * True: as above.
 */
bool look_before_sleeping(struct kernel *kernel);

#endif
