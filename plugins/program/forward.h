/* What a program sends by itself, handed to the host. */
#ifndef HILUM_PROGRAM_FORWARD_H
#define HILUM_PROGRAM_FORWARD_H

#include "session.h"

/* Passes on one message that is no answer. Unknown types are ignored, as the protocol says. */
void forward(struct hilum_session *session, const struct frame *frame);

/* The content of a frame; the caller decrefs. NULL, with a line in the log: it is no object. */
json_t *forward_content(struct hilum_session *session, const struct frame *frame);

/* Hands a content with "data" and "metadata" to host->display, result, inspection, ... */
void forward_bundle(struct hilum_session *session, const json_t *content,
                    void (*show)(const struct hilum_host *, const struct hilum_bundle *));

/* One line for the kernel's log. */
void forward_log(struct hilum_session *session, enum hilum_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
