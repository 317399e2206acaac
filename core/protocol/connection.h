/* The connection file: where a client wants the kernel to listen, and the key. */
#ifndef HILUM_PROTOCOL_CONNECTION_H
#define HILUM_PROTOCOL_CONNECTION_H

#include "base/error.h"
#include "base/str.h"

enum channel_name {
    CHANNEL_SHELL,
    CHANNEL_CONTROL,
    CHANNEL_IOPUB,
    CHANNEL_STDIN,
    CHANNEL_HB,
    CHANNELS,
};

/* "shell", "control", ... */
const char *channel_name_text(enum channel_name channel);

struct connection {
    char *endpoints[CHANNELS]; /* "tcp://127.0.0.1:53794" */
    bool ipv6;
    char *key; /* "" : messages are not signed */
    char *signature_scheme;
    int ports[CHANNELS];
};

/*
 * Reads and checks the file. Errors name the file, the key and what was expected. Warns in the log
 * when others may read the file, since it holds the key. On failure nothing is left to free.
 */
bool connection_read(struct connection *connection, const char *file, struct error *error)
    __attribute__((warn_unused_result));

/* Also wipes the key. */
void connection_fini(struct connection *connection);

#endif
