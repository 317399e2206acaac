#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_stop(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

unsigned char fuzz_take_byte(struct str *input)
{
    struct str byte = fuzz_take(input, 1);
    return byte.size ? (unsigned char)byte.data[0] : 0;
}

struct str fuzz_take(struct str *input, size_t size)
{
    struct str taken = str_slice(*input, 0, size);
    *input = str_slice(*input, taken.size, SIZE_MAX);
    return taken;
}

struct str fuzz_take_until(struct str *input, char end)
{
    const char *found = input->size ? memchr(input->data, end, input->size) : NULL;
    struct str taken = fuzz_take(input, found ? (size_t)(found - input->data) : input->size);
    fuzz_take(input, 1);
    return taken;
}

struct str fuzz_copy(struct str text)
{
    char *copy = malloc(text.size);
    FUZZ_REQUIRE(copy || !text.size);
    if (text.size)
        memcpy(copy, text.data, text.size);
    return (struct str){copy, text.size};
}

const char *fuzz_file(struct str text)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        FUZZ_REQUIRE(fd >= 0 && fchmod(fd, 0600) == 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    FUZZ_REQUIRE(ftruncate(fd, 0) == 0);
    FUZZ_REQUIRE(text.size == 0 || pwrite(fd, text.data, text.size, 0) == (ssize_t)text.size);
    return path;
}

uint64_t fuzz_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}
