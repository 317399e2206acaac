/* The tokens of C declarations, one at a time. Comments are blanks, and so are line marks ("# 1
 * "file.h"") that a preprocessor leaves. */
#ifndef FFI_CTOKEN_H
#define FFI_CTOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctoken_kind {
    CTOKEN_END,
    CTOKEN_NAME,
    CTOKEN_INTEGER, /* also a character constant */
    CTOKEN_STRING,
    CTOKEN_SIGN,   /* punctuation: up to three characters */
    CTOKEN_PRAGMA, /* a line "#pragma ..." */
    CTOKEN_BAD,    /* `problem` says why */
};

struct ctoken {
    enum ctoken_kind kind;
    const char *start;
    size_t size;
    uint64_t value;   /* of an integer */
    bool is_unsigned; /* an integer of type unsigned int or larger unsigned */
    bool is_wide;     /* an integer that takes 64 bits */
    const char *problem;
};

struct ctokens {
    const char *text;
    const char *at;
    const char *end;
};

/* Reads from a text that stays valid. */
struct ctokens ctokens_of(const char *text, size_t size);

struct ctoken ctoken_next(struct ctokens *tokens);

/* Is it this name or sign? */
bool ctoken_is(const struct ctoken *token, const char *text);

#endif
