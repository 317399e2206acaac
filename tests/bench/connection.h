/* The connection file of one kernel: ports, key, and the file in the workspace. */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include <limits.h>
#include <stdbool.h>

enum port {
    PORT_SHELL,
    PORT_IOPUB,
    PORT_STDIN,
    PORT_CONTROL,
    PORT_HEARTBEAT,
    PORT_COUNT,
};

struct connection {
    int ports[PORT_COUNT];
    char key[65]; /* hexadecimal */
    char file[PATH_MAX];
};

/* Picks free TCP ports on 127.0.0.1 and a key, and writes `directory`/NAME, mode 0600. */
bool connection_create(struct connection *connection, const char *directory)
    __attribute__((warn_unused_result));

/* Is somebody listening on the port? Connects and hangs up. */
bool connection_is_open(const struct connection *connection, enum port port);

/* 64 random hexadecimal digits and a NUL. */
void random_hex(char digits[65]);

#endif
