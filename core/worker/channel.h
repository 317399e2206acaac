/* The worker's end of the link: blocking, and ends the process when the kernel is gone. */
#ifndef HILUM_WORKER_CHANNEL_H
#define HILUM_WORKER_CHANNEL_H

#include "evaluator/link.h"

#include <sys/types.h>

struct channel {
    int fd;
    pid_t owner;       /* the process whose link it is */
    struct buffer out; /* encoded, not yet written */
    bool unplaced;     /* something was sent that does not say which prints it comes after */
    struct link_reader in;
    struct link_reader kept; /* requests that came while another message was awaited */
    int fds[2];              /* that came with a message, until somebody takes them; -1: none */
};

void channel_init(struct channel *channel, int fd);
void channel_fini(struct channel *channel);

/* Queues a message with the given content (empty: no parts); channel_flush sends what is queued. */
void channel_send(struct channel *channel, struct str type, int64_t id, struct str content);
void channel_send_message(struct channel *channel, const struct link_message *message);
/* A process that user code has forked off ends here: the link is not its own. */
void channel_flush(struct channel *channel);

enum channel_result {
    CHANNEL_MESSAGE,     /* *message is set, borrowed until the next call */
    CHANNEL_INTERRUPTED, /* `interrupted` became true while nothing was there */
    CHANNEL_NOTHING,     /* from channel_poll: nothing now */
};

/* Waits for a message that was not kept. With `interrupted`, SIGINT ends the wait as soon as that says so. */
enum channel_result channel_receive(struct channel *channel, struct link_message *message,
                                    bool (*interrupted)(void));

/* A message that has been read already. False: there is none, channel_receive would wait. */
bool channel_next(struct channel *channel, struct link_message *message);

/* The message that channel_next would tell; with `look`, also one that has arrived but was not read.
 * It stays the next one. False: there is none. */
bool channel_peek(struct channel *channel, bool look, struct link_message *message);

/* A message that was received by whoever waits for another one: channel_next will tell it again, before
 * what has not been received. */
void channel_keep(struct channel *channel, const struct link_message *message);

/* What has arrived already, and was not kept. */
enum channel_result channel_poll(struct channel *channel, struct link_message *message);

/* Makes the descriptors that came with `redirect` stdout and stderr. False: there were none. */
bool channel_redirect(struct channel *channel);

/* After a fork, in the child: the descriptor is another link now, and the child's. */
void channel_disown(struct channel *channel);

/* The kernel is gone, or talks nonsense: ends this process and its process group. */
_Noreturn void channel_abandon(void);

#endif
