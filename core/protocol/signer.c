#include "protocol/signer.h"

#include <nettle/memops.h>
#include <stdlib.h>

/* Slots of one generation: twice its entries, so that probing stays short. A power of two. */
#define SLOTS ((size_t)SIGNER_MEMORY * 2)

bool signer_init(struct signer *signer, struct str scheme, struct str key, struct error *error)
{
    *signer = (struct signer){.enabled = key.size > 0};
    if (!signer->enabled)
        return true;
    if (!str_equal(scheme, STR("hmac-sha256")))
        return error_set(error,
                         "signature_scheme \"%.*s\" is not supported, expected \"hmac-sha256\"",
                         STR_FORMAT(scheme));
    signer->seen = calloc(2 * SLOTS, sizeof *signer->seen);
    if (!signer->seen)
        return error_set(error, "out of memory");
    hmac_sha256_set_key(&signer->context, key.size, (const uint8_t *)key.data);
    return true;
}

void signer_fini(struct signer *signer)
{
    free(signer->seen);
    explicit_bzero(signer, sizeof *signer);
}

static void digest(struct signer *signer, const struct str frames[SIGNER_FRAMES],
                   uint8_t out[SHA256_DIGEST_SIZE])
{
    for (size_t i = 0; i < SIGNER_FRAMES; i++)
        hmac_sha256_update(&signer->context, frames[i].size, (const uint8_t *)frames[i].data);
    hmac_sha256_digest(&signer->context, SHA256_DIGEST_SIZE, out);
}

static void to_hex(const uint8_t bytes[SHA256_DIGEST_SIZE], char hex[SIGNER_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
}

size_t signer_sign(struct signer *signer, const struct str frames[SIGNER_FRAMES],
                   char hex[SIGNER_HEX_SIZE])
{
    uint8_t bytes[SHA256_DIGEST_SIZE];
    if (!signer->enabled)
        return 0;
    digest(signer, frames, bytes);
    to_hex(bytes, hex);
    return SIGNER_HEX_SIZE;
}

/* The slot that holds `value`, or the empty one where it belongs. */
static uint64_t *find_slot(struct signer *signer, size_t generation, uint64_t value)
{
    uint64_t *set = signer->seen + (generation & 1) * SLOTS;
    size_t i = value & (SLOTS - 1);
    while (set[i] && set[i] != value)
        i = (i + 1) & (SLOTS - 1);
    return &set[i];
}

/* True when the digest is new. The older generation is forgotten when the current one is full. */
static bool remember(struct signer *signer, const uint8_t bytes[SHA256_DIGEST_SIZE])
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    value = value ? value : 1;
    if (*find_slot(signer, signer->generation + 1, value) == value)
        return false;
    uint64_t *slot = find_slot(signer, signer->generation, value);
    if (*slot == value)
        return false;
    *slot = value;
    if (++signer->seen_count == SIGNER_MEMORY) {
        signer->generation++;
        signer->seen_count = 0;
        memset(signer->seen + (signer->generation & 1) * SLOTS, 0, SLOTS * sizeof *signer->seen);
    }
    return true;
}

enum signer_verdict signer_verify(struct signer *signer, const struct str frames[SIGNER_FRAMES],
                                  struct str signature)
{
    uint8_t bytes[SHA256_DIGEST_SIZE];
    char hex[SIGNER_HEX_SIZE];
    if (!signer->enabled)
        return SIGNER_GOOD;
    if (signature.size != SIGNER_HEX_SIZE)
        return SIGNER_WRONG;
    digest(signer, frames, bytes);
    to_hex(bytes, hex);
    if (!memeql_sec(hex, signature.data, SIGNER_HEX_SIZE))
        return SIGNER_WRONG;
    return remember(signer, bytes) ? SIGNER_GOOD : SIGNER_REPLAYED;
}
