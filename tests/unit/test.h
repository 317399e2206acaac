/* cmocka, the headers it wants before it, and what all unit tests share. */
#ifndef HILUM_TESTS_UNIT_TEST_H
#define HILUM_TESTS_UNIT_TEST_H

#include "base/buffer.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Unlike assert_string_equal it takes a struct str and shows NULs and control characters. */
#define assert_str(got, want) test_assert_str(got, want, __FILE__, __LINE__)

static inline void test_print_str(const char *label, struct str text)
{
    print_message("%s (%zu bytes): \"", label, text.size);
    for (size_t i = 0; i < text.size && i < 400; i++) {
        unsigned char c = (unsigned char)text.data[i];
        print_message(c < 0x20 || c == '\\' || c >= 0x7F ? "\\x%02X" : "%c", c);
    }
    print_message("\"\n");
}

static inline void test_assert_str(struct str got, struct str want, const char *file, int line)
{
    if (str_equal(got, want))
        return;
    test_print_str("got ", got);
    test_print_str("want", want);
    _fail(file, line);
}

/* Random numbers that are the same in every run (splitmix64). */
struct test_random {
    uint64_t state;
};

static inline uint64_t test_random_next(struct test_random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static inline size_t test_random_below(struct test_random *random, size_t limit)
{
    return (size_t)(test_random_next(random) % limit);
}

#endif
