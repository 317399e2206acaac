/*
 * The registration service of a launcher: where a kernel that has chosen its own ports says which
 * (messaging specification 5.6, "Kernel startup handshake"; JEP 66). Nothing here blocks.
 *
 * Both messages are short ones, not full Jupyter messages: <IDS|MSG> signature content. The content
 * of the acknowledgement is left to the service.
 */
#ifndef HILUM_PROTOCOL_REGISTRATION_H
#define HILUM_PROTOCOL_REGISTRATION_H

#include "base/buffer.h"
#include "protocol/sockets.h"

struct registration {
    void *socket; /* a DEALER; NULL: closed */
    int fd;       /* to be watched for input, as edge-triggered as that of struct sockets */
};

bool registration_open(struct registration *registration, const struct sockets *sockets,
                       const struct connection *connection, struct error *error)
    __attribute__((warn_unused_result));

/* Gives up what was not sent. A zeroed struct is accepted. */
void registration_close(struct registration *registration);

/* {"kernel_id": ..., "shell_port": "53794", ...}: the ports as texts, as the specification says. */
void registration_write(const struct connection *connection, struct buffer *out);

/* ZMQ_POLLIN: an answer is there; ZMQ_POLLOUT: the service is connected. To be asked until there is
 * nothing to do, because the descriptor tells of a change only once. */
int registration_events(const struct registration *registration);

/* Sends the signed content. False: the service is not connected, so nothing was queued. */
bool registration_send(struct registration *registration, struct signer *signer,
                       struct str content);

/* Is this the service's acknowledgement? On false the error says what is wrong with it. */
bool registration_check(const struct str *frames, size_t count, struct signer *signer,
                        struct error *error) __attribute__((warn_unused_result));

#endif
