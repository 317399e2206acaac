/*
 * What the file says that `hilum run -f` names: where the kernel has to listen, and the keys. Two
 * kinds of file are told apart by their members (jupyter_client, docs/kernels.rst): a connection
 * file has the five ports, a registration file has "registration_port" and leaves them to the
 * kernel.
 */
#ifndef HILUM_PROTOCOL_CONNECTION_H
#define HILUM_PROTOCOL_CONNECTION_H

#include "base/error.h"
#include "protocol/curve.h"

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
    bool is_ipc;
    char *ip;            /* with ipc the sockets' path up to "-NUMBER" */
    int ports[CHANNELS]; /* 0: sockets_open chooses and fills in */
    bool ports_chosen;   /* some of them were 0 */
    char *key;           /* "": messages are not signed */
    char *signature_scheme;
    struct curve_key curve;
    /* Of a registration file (JEP 66); NULL: a connection file. */
    char *kernel_id;
    char *registration_endpoint;
};

/*
 * Reads and checks the file. Errors name the file, the key and what was expected. Warns in the log
 * when others may read the file, since it holds the key. On failure nothing is left to free.
 */
bool connection_read(struct connection *connection, const char *file, struct error *error)
    __attribute__((warn_unused_result));

/* When ports were chosen: tells the log and writes them into the file, which is a connection file
 * afterwards, for all that are to connect (a registration file stays one, too). */
bool connection_publish(const struct connection *connection, const char *file, struct error *error)
    __attribute__((warn_unused_result));

/* Also wipes the keys. */
void connection_fini(struct connection *connection);

#endif
