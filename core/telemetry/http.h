/*
 * A small HTTP server for one page, GET /metrics, in the kernel's event loop: libmicrohttpd, loaded
 * by http_open, since a kernel that serves no metrics shall not pay for its libraries.
 * Connections are few and do not live long; nothing here waits for a client.
 */
#ifndef HILUM_TELEMETRY_HTTP_H
#define HILUM_TELEMETRY_HTTP_H

#include "base/loop.h"
#include "telemetry/exposition.h"

#define HTTP_CONNECTIONS_MAX 16
/* Of silence. libmicrohttpd (0.9.75) may notice only then that a client went away in the middle of a
 * request, and that takes a place until it does. */
#define HTTP_TIMEOUT_SECONDS 2

struct http;

struct http_page {
    /* Appends the page. */
    void (*write)(void *context, enum exposition exposition, struct buffer *out);
    void *context;
};

/* Serves at a socket that listens, which it takes over, also when it fails: NULL, with the error. */
struct http *http_open(struct loop *loop, int listener, const struct http_page *page,
                       struct error *error) __attribute__((warn_unused_result));
void http_close(struct http *http); /* accepts NULL */

/* Can there be a server? The error says what is missing. */
bool http_is_there(struct error *error) __attribute__((warn_unused_result));

#endif
