/*
 * What the fuzz targets share: taking an input apart, and stopping when a promise was broken. Each
 * target is one file with the entry point that libFuzzer and replay.c call. Targets are
 * deterministic: the same bytes do the same, whatever ran before.
 */
#ifndef HILUM_TESTS_FUZZ_FUZZ_H
#define HILUM_TESTS_FUZZ_FUZZ_H

#include "base/buffer.h"
#include "base/str.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A crash that names what did not hold. Also without NDEBUG's consent. */
#define FUZZ_REQUIRE(condition) ((condition) ? (void)0 : fuzz_stop(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_stop(const char *what, const char *file, int line);

static inline struct str fuzz_input(const uint8_t *data, size_t size)
{
    return (struct str){(const char *)data, size};
}

/* Takes the first byte off the input; 0 when nothing is left. */
unsigned char fuzz_take_byte(struct str *input);

/* Takes off up to `size` bytes. */
struct str fuzz_take(struct str *input, size_t size);

/* Takes off what stands before the next `end`, which goes too; everything when there is none. */
struct str fuzz_take_until(struct str *input, char end);

/* A heap object of exactly this size, so that the address sanitizer sees a byte too far. To be
 * given to free. */
struct str fuzz_copy(struct str text);

/* The path of a file in memory with this text, readable by its owner only; the same in each call. */
const char *fuzz_file(struct str text);

/* Random numbers that depend on the seed alone. */
uint64_t fuzz_random(uint64_t *seed);

#endif
