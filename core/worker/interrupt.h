/*
 * Interrupts inside the worker: the SIGINT handler and its flags.
 *
 * An interrupt belongs to the request that is being served when SIGINT arrives. The kernel signals
 * only while it waits for a reply, and sends the next request after it has the reply; a signal that
 * was sent before a message is handled before read(2) returns that message. So a late signal finds
 * nothing being served and is forgotten: it cannot hit the next cell.
 */
#ifndef HILUM_WORKER_INTERRUPT_H
#define HILUM_WORKER_INTERRUPT_H

#include <hilum/evaluator.h>

/* Installs the handlers of SIGINT and SIGHUP (kernel gone: kill the process group). */
void interrupt_install(void);

/* A request starts and ends being served. */
void interrupt_begin(void);
void interrupt_end(void);

/* Did an interrupt arrive for the request being served? Async-signal-safe. */
bool interrupt_pending(void);

/*
 * Around each call into the evaluator. Between the two, SIGINT calls table->interrupt(session).
 * interrupt_enter returns false when an interrupt is pending already: the call is not to be made
 * (interrupt_leave still is).
 */
bool interrupt_enter(const struct hilum_evaluator *table, struct hilum_session *session);
void interrupt_leave(void);

#endif
