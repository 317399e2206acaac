/* Endpoints: their text in ZeroMQ's words, and binding to one, also to one that is free. */
#ifndef HILUM_PROTOCOL_ENDPOINT_H
#define HILUM_PROTOCOL_ENDPOINT_H

#include "base/error.h"

/* "tcp://127.0.0.1:53794", "tcp://[::1]:53794", "ipc:///path-1"; tcp with port 0: one that is free.
 * The caller frees it; NULL: out of memory. */
char *endpoint_text(bool is_ipc, const char *ip, int port);

bool endpoint_is_ipv6(bool is_ipc, const char *ip);

/*
 * Binds the socket. Where *port is 0, a free one is chosen and filled in. *file becomes the path of
 * an ipc socket, to be removed at the end and freed; NULL otherwise.
 */
bool endpoint_bind(void *socket, bool is_ipc, const char *ip, int *port, char **file,
                   struct error *error) __attribute__((warn_unused_result));

#endif
