/* An address to listen at that comes from a setting: "127.0.0.1:9100", "[::1]:0", "unix:/run/m.sock". */
#ifndef HILUM_TELEMETRY_LISTENER_H
#define HILUM_TELEMETRY_LISTENER_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct listener {
    union {
        struct sockaddr head;
        struct sockaddr_storage any;
        struct sockaddr_un local;
    } address;
    socklen_t size;
    int fd;         /* -1: closed; it does not block */
    char name[160]; /* as people write it, with the port that was chosen */
};

/* Takes the text apart. {pid} in a path is this process's number. Addresses are numbers or "localhost";
 * those that other machines can reach are refused, unless they are allowed. */
bool listener_parse(struct listener *listener, const char *text, bool allow_remote,
                    struct error *error) __attribute__((warn_unused_result));

/* Binds and listens. A socket file that nobody listens at any more is replaced; it is for this user
 * only. */
bool listener_open(struct listener *listener, struct error *error)
    __attribute__((warn_unused_result));

/* Is it a file, which only programs of this machine can use? */
bool listener_is_file(const struct listener *listener);

/* Removes the socket file, if it is one. Does not close the descriptor, which somebody else may have. */
void listener_forget(struct listener *listener);

/* `text` with {pid} replaced; NULL: out of memory. The caller frees it. */
char *listener_expand(const char *text);

#endif
