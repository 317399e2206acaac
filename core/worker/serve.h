/* Requests inside the worker: each one's content in, its outputs and its reply out. */
#ifndef HILUM_WORKER_SERVE_H
#define HILUM_WORKER_SERVE_H

#include "evaluator/link.h"

struct worker;

enum service_kind {
    SERVICE_NONE,     /* not a type of request that is served */
    SERVICE_LOAD,     /* makes the session */
    SERVICE_CHANGE,   /* may change the session */
    SERVICE_QUESTION, /* looks at the session and leaves it as it is */
};

enum service_kind serve_kind(struct str type);

/* "execute_reply" for "execute_request"; empty for what is no request. */
struct str serve_reply_type(struct str type);

/* Serves the request and sends its reply. Types that are not served are ignored. */
void serve_request(struct worker *worker, const struct link_message *message);

#endif
