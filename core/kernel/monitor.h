/*
 * Exports the metrics: serves them over HTTP (`metrics.listen`), tells Prometheus where
 * (`metrics.targets`), and writes them to a file at the end (`metrics.file`). Does nothing when none of
 * that is asked for, and loads the HTTP server's libraries when somebody connects first: a start does
 * not wait for them.
 */
#ifndef HILUM_KERNEL_MONITOR_H
#define HILUM_KERNEL_MONITOR_H

#include "base/buffer.h"
#include "base/error.h"
#include "telemetry/http.h"
#include "telemetry/listener.h"

struct kernel;

struct monitor {
    struct listener listener;
    struct loop_watch first; /* the listening socket, until somebody connects */
    struct http *http;       /* NULL: nobody has, or they are not served */
    char *target;            /* the file for Prometheus; NULL: there is none */
    int64_t started_us;      /* monotonic */
    int64_t measured_us;     /* when the session's processes were looked at last; 0: never */
    struct buffer labels;    /* of hilum_build_info */
};

/* The settings are right? Nothing is opened yet. */
bool monitor_init(struct kernel *kernel, struct error *error) __attribute__((warn_unused_result));

/* Clients can come: starts to serve. What fails is a line in the log, as metrics are no reason to have no
 * kernel. */
void monitor_start(struct kernel *kernel);

/* The kernel ends. */
void monitor_stop(struct kernel *kernel);

#endif
