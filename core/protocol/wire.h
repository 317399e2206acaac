/*
 * A Jupyter message as frames: taking an incoming one apart and putting an outgoing one together.
 * Knows no sockets, so that it can be tested and fuzzed with bytes alone.
 *
 *   identities... <IDS|MSG> signature header parent_header metadata content buffers...
 */
#ifndef HILUM_PROTOCOL_WIRE_H
#define HILUM_PROTOCOL_WIRE_H

#include "base/buffer.h"
#include "base/error.h"
#include "protocol/signer.h"

#define WIRE_FRAMES_MAX 256                /* frames of one message, identities and all */
#define WIRE_HEADER_MAX ((size_t)64 << 10) /* bytes of header, parent_header and metadata each */

/* Version of the message specification that this kernel speaks. */
#define WIRE_PROTOCOL_VERSION "5.5"

struct wire_incoming {
    const struct str *identities;
    size_t identity_count;
    struct str header, parent_header, metadata, content; /* checked JSON objects */
    const struct str *buffers;
    size_t buffer_count;
    struct str msg_id, msg_type; /* from the header: raw, without quotes */
    bool names_subshell;         /* JEP 91: the header has a subshell_id that is not null */
};

/* Why something from a client was not accepted. One counter each. */
enum wire_fault {
    WIRE_FINE,
    WIRE_NO_DELIMITER,
    WIRE_MISSING_FRAMES,
    WIRE_TOO_LARGE,
    WIRE_BAD_SIGNATURE,
    WIRE_REPLAYED,
    WIRE_BAD_JSON,
    WIRE_BAD_HEADER,
    WIRE_BAD_SUBSCRIPTION, /* not UTF-8 (JEP 65); nothing that wire_parse says */
    WIRE_FAULTS,
};

/* "bad_signature": for logs and metrics. */
const char *wire_fault_name(enum wire_fault fault);

/* Frames and sizes first, then the signature, then JSON. *message borrows from the frames. */
enum wire_fault wire_parse(const struct str *frames, size_t count, struct signer *signer,
                           struct wire_incoming *message, struct error *error)
    __attribute__((warn_unused_result));

/* What the outgoing messages of one kernel have in common. */
struct wire_sender {
    struct signer *signer;
    char session[40];
    char prefix[128]; /* the header up to the message's number */
    char suffix[256]; /* from after the type up to the date */
    size_t suffix_size;
    size_t prefix_size;
    uint64_t sent;    /* numbers the messages */
    long long second; /* the one that `date` shows */
    char date[24];
};

/* A fresh session. `username` goes into headers. */
bool wire_sender_init(struct wire_sender *sender, struct signer *signer, const char *username,
                      struct error *error) __attribute__((warn_unused_result));

/* Appends the msg_id of the n-th message sent. */
void wire_append_message_id(const struct wire_sender *sender, uint64_t number, struct buffer *out);

struct wire_outgoing {
    const struct str *identities; /* or the topic */
    size_t identity_count;
    struct str msg_type;
    struct str parent_header; /* the frame to answer to, as it came; empty: none */
    struct str metadata;      /* empty: {} */
    struct str content;       /* empty: {}; not for wire_begin */
    const struct str *buffers;
    size_t buffer_count;
};

/* Frames ready to be sent, one after the other in `bytes`. */
struct wire_frames {
    struct buffer bytes;
    uint32_t ends[WIRE_FRAMES_MAX]; /* BUFFER_MAX_DEFAULT bounds them */
    size_t count;
    size_t signature; /* index of its frame */
};

/* Replaces what `frames` holds. False only when memory ran out or there are too many frames. */
bool wire_compose(struct wire_frames *frames, struct wire_sender *sender,
                  const struct wire_outgoing *message) __attribute__((warn_unused_result));

/* The same in two steps, for content that is long: after wire_begin the caller appends the content,
 * a JSON object, to frames->bytes itself, and wire_end signs it where it is. */
bool wire_begin(struct wire_frames *frames, struct wire_sender *sender,
                const struct wire_outgoing *message) __attribute__((warn_unused_result));
bool wire_end(struct wire_frames *frames, struct wire_sender *sender,
              const struct wire_outgoing *message) __attribute__((warn_unused_result));

struct str wire_frame(const struct wire_frames *frames, size_t index);

#endif
