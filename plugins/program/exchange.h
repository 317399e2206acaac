/* Requests to the program: sent, and waited for, while its messages are passed on. */
#ifndef HILUM_PROGRAM_EXCHANGE_H
#define HILUM_PROGRAM_EXCHANGE_H

#include "session.h"

/* Sends a message without waiting for anything; takes `content` over, NULL: none. False: the
 * program is gone. */
bool exchange_send(struct hilum_session *session, const char *type, int64_t id, json_t *content);

enum exchange_result {
    EXCHANGE_DONE,
    EXCHANGE_GONE,    /* the program has closed its link */
    EXCHANGE_NOISE,   /* it sent what is no message; `problem` says what */
    EXCHANGE_TIMEOUT, /* the time is over */
    EXCHANGE_STOPPED, /* from exchange_await: an interrupt came and nothing can be asked to stop */
};

/*
 * Waits for a message of this type with the id of the current request (id 0 when there is none), and
 * sets *content to it; the caller decrefs. Other messages are passed on meanwhile, and interrupts.
 * timeout_ms < 0: as long as it takes.
 */
enum exchange_result exchange_await(struct hilum_session *session, const char *type, int timeout_ms,
                                    json_t **content, char problem[FRAME_PROBLEM_SIZE]);

/*
 * A whole request: sends it under a new id and returns the content of its answer, which the caller
 * decrefs. When the program is gone, or makes noise, the session is lost and this does not return.
 * Takes `content` over.
 */
json_t *exchange_ask(struct hilum_session *session, const char *type, const char *reply,
                     json_t *content);

/*
 * A request with two answers: sends it and returns the first. If its status is "ok" the request stays
 * open, and exchange_finish is to be called for the second; if not, there is none.
 */
json_t *exchange_open(struct hilum_session *session, const char *type, const char *first,
                      json_t *content);
json_t *exchange_finish(struct hilum_session *session, const char *second);

/* The same with a time limit, for requests that are no cell's; NULL: the time is over. */
json_t *exchange_try(struct hilum_session *session, const char *type, const char *reply,
                     json_t *content, int timeout_ms);

/* Gives the session up between two cells; `problem` completes "spoke no worker protocol (...)". */
_Noreturn void exchange_lose(struct hilum_session *session, const char *problem);

/* The program has been told that the request is interrupted. */
void exchange_told(struct hilum_session *session);

/* While no request is served: passes on what has arrived. */
void exchange_idle(struct hilum_session *session);

/* Checks before a request that the program is alive; if not, the session is lost (`untouched`: see
 * host->lost). Makes the program print to where we do. */
void exchange_begin(struct hilum_session *session, bool untouched);

/* The status of an answer that has one: "ok", "error" or "aborted". A reported error of the
 * answer itself (ename, evalue, traceback) goes to the host. */
enum hilum_status exchange_status(struct hilum_session *session, const json_t *answer);

#endif
