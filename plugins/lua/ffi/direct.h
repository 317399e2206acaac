/*
 * Calls without libffi. Where integers and floats are passed in registers of their own, in the order
 * in which they come, and a function does not look at those that it has no parameters for, one C
 * function type can stand for all. That holds for the System V ABI of x86-64; other machines go
 * through libffi always.
 */
#ifndef FFI_DIRECT_H
#define FFI_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__LP64__)
enum { DIRECT_INTEGERS = 6, DIRECT_FLOATS = 8 };
#else
enum { DIRECT_INTEGERS = 0, DIRECT_FLOATS = 0 };
#endif

/* The registers of one call. */
struct direct {
    int64_t integers[6]; /* integers and pointers */
    double floats[8];    /* a float lies in the lower half */
};

enum direct_way {
    DIRECT_NOT,       /* through libffi */
    DIRECT_TO_WORD,   /* integers only; returns one, a pointer or nothing */
    DIRECT_ALL_WORD,  /* both */
    DIRECT_ALL_FLOAT, /* both; returns a float or double */
};

void direct_call(void *function, enum direct_way way, const struct direct *direct, void *result);

#endif
