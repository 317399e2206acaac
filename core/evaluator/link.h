/*
 * The worker protocol's framing (docs/worker-protocol.md): one header line of JSON, ended by '\n',
 * then as many raw bytes as its "parts" say. Both sides of the link use this module; it does no
 * waiting, and trusts nothing that it reads.
 *
 *   {"type":"execute_request","id":7,"parts":[52]}\n<52 bytes of content JSON>
 */
#ifndef HILUM_EVALUATOR_LINK_H
#define HILUM_EVALUATOR_LINK_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

#define LINK_HEADER_MAX       4096                /* bytes of a header line */
#define LINK_PARTS_MAX        256                 /* content, metadata, binary buffers */
#define LINK_COMM_BUFFERS_MAX 240                 /* of a comm message: they fit into Jupyter's */
#define LINK_BODY_MAX         ((size_t)256 << 20) /* bytes of all parts together */
#define LINK_TYPE_MAX         64                  /* bytes of a type */

/* The descriptor on which a worker finds its end of the link. */
#define LINK_WORKER_FD 3

/* What a checkpoint calls itself (prctl(2), PR_SET_NAME). */
#define LINK_SLEEPING_NAME "hilum-sleeping"

/*
 * A place in the worker's output, as running counts that wrap around at 2^32: bytes of text in the
 * ring (evaluator/ring.h), bytes read from the pipes of stdout and stderr. A message that has one
 * comes after everything printed up to there and before everything else; one that has none, after
 * all that there is.
 */
struct link_at {
    bool known;
    uint32_t ring;
    uint32_t raw[2];
};

struct link_message {
    struct str type;         /* a Jupyter message type, or one of the link's own */
    int64_t id;              /* the request it belongs to; 0: none */
    int64_t execution_count; /* with execute_request only; 0: none */
    bool more;               /* with what may change the session: others wait behind it */
    bool ahead;              /* with execute_request only: its turn has not come; see halted */
    bool halted;             /* with execute_reply only: what was sent ahead is dropped */
    bool offspring;          /* with execute_reply only: the cell left processes behind */
    bool forked;             /* with execute_reply only: it may have started processes */
    bool unchanged;          /* with execute_reply only: the state is what it was before */
    /* With execute_reply only, in microseconds: what the cell took, and the checkpoint after the one
     * before it; 0: not told. */
    int64_t compile_us, run_us, checkpoint_us;
    struct link_at at;       /* from the worker only */
    size_t part_count;
    struct str parts[LINK_PARTS_MAX]; /* content, if any; a comm message's metadata; buffers */
};

/* The content, or an empty text when the message has no parts. */
struct str link_content(const struct link_message *message);

/* Appends one message, ready to be written. */
void link_encode(struct buffer *out, const struct link_message *message);

/* Collects bytes until messages are complete. A zeroed reader is ready. */
struct link_reader {
    struct buffer bytes;
    size_t consumed; /* bytes of messages that were handed out */
};

void link_reader_fini(struct link_reader *reader);

enum link_result {
    LINK_MESSAGE, /* *message is set; it borrows from the reader until the next call */
    LINK_MORE,    /* no complete message yet */
    LINK_BROKEN,  /* the bytes are no message; the link cannot be used any more */
};

enum link_result link_next(struct link_reader *reader, struct link_message *message,
                           struct error *error);

enum link_input {
    LINK_INPUT_SOME,  /* bytes were read */
    LINK_INPUT_NONE,  /* EAGAIN or EINTR: nothing now */
    LINK_INPUT_ENDED, /* the other side is gone */
    LINK_INPUT_RESET, /* it is gone, and has not read all that was sent to it (ECONNRESET) */
};

/* One recv(2) from fd into the reader. */
enum link_input link_read(struct link_reader *reader, int fd);

/* As link_read. Descriptors that came along, at most two, take the place of those in fds, which are
 * closed; they are close-on-exec and the caller's. -1: none. Without any, fds is left alone. */
enum link_input link_read_fds(struct link_reader *reader, int fd, int fds[2]);

/* Sends a message without content, `redirect` or `ring`, with two descriptors, which stay the
 * caller's. False: not sent. */
bool link_send_pair(int fd, struct str type, const int fds[2]) __attribute__((warn_unused_result));

/* Sends a short message with one or two descriptors, which stay the caller's: all of it or nothing.
 * False: not sent. */
bool link_send_fds(int fd, struct str bytes, const int *fds, size_t count)
    __attribute__((warn_unused_result));

#endif
