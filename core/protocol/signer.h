/*
 * Message signatures: HMAC-SHA256 over the four JSON frames, as 64 hexadecimal digits. With an
 * empty key nothing is signed or checked (messaging specification, "The wire protocol").
 */
#ifndef HILUM_PROTOCOL_SIGNER_H
#define HILUM_PROTOCOL_SIGNER_H

#include "base/error.h"
#include "base/str.h"

#include <nettle/hmac.h>
#include <stdint.h>

#define SIGNER_FRAMES   4  /* header, parent_header, metadata, content */
#define SIGNER_HEX_SIZE 64 /* digits of a signature */

/* How many of the last messages are remembered, at least, to recognise a replay. */
#define SIGNER_MEMORY 8192

struct signer {
    bool enabled;
    struct hmac_sha256_ctx context;
    uint64_t *seen;    /* two hash sets of digest prefixes: current and older generation */
    size_t seen_count; /* in the current one */
    size_t generation;
};

/* `scheme` is the connection file's signature_scheme; only hmac-sha256 exists here. */
bool signer_init(struct signer *signer, struct str scheme, struct str key, struct error *error)
    __attribute__((warn_unused_result));
void signer_fini(struct signer *signer);

/* Writes the signature and returns its size: SIGNER_HEX_SIZE, or 0 without a key. */
size_t signer_sign(struct signer *signer, const struct str frames[SIGNER_FRAMES],
                   char hex[SIGNER_HEX_SIZE]);

enum signer_verdict {
    SIGNER_GOOD,
    SIGNER_WRONG,    /* not the signature of these frames; compared in constant time */
    SIGNER_REPLAYED, /* good, but seen before */
};

/* Checks an incoming signature and remembers it. */
enum signer_verdict signer_verify(struct signer *signer, const struct str frames[SIGNER_FRAMES],
                                  struct str signature);

#endif
