/*
 * Reads JSON in place, without a tree: checks a text once, then walks it as raw spans. Messages
 * mostly pass through the kernel, so their values are forwarded as the bytes they came in.
 *
 * Everything after json_check works on text that json_check accepted; on other text the result is
 * unspecified (though memory-safe).
 */
#ifndef HILUM_BASE_JSON_SCAN_H
#define HILUM_BASE_JSON_SCAN_H

#include "base/buffer.h"
#include "base/str.h"

#include <stdint.h>

/* Deepest nesting that json_check accepts. Clients' own parsers recurse; Python's fails at 1000. */
#define JSON_DEPTH_MAX 512

enum json_kind {
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_NUMBER,
    JSON_KIND_TRUE,
    JSON_KIND_FALSE,
    JSON_KIND_NULL,
};

struct json_problem {
    const char *what; /* static text: "expected ':'" */
    size_t offset;    /* in bytes */
};

/*
 * Is text exactly one JSON value (RFC 8259) in valid UTF-8, with white space around it allowed? A
 * lone surrogate written as \uXXXX is accepted: JavaScript clients send them.
 */
bool json_check(struct str text, struct json_problem *problem) __attribute__((warn_unused_result));

/* As json_check, and the value is an object. */
bool json_check_object(struct str text, struct json_problem *problem)
    __attribute__((warn_unused_result));

/* The kind of a checked value; white space before it is skipped. */
enum json_kind json_kind(struct str value);

/* Walks the members of an object or the elements of an array. */
struct json_walk {
    const char *at;
    const char *end;
    bool has_keys;
};

struct json_member {
    struct str key;   /* raw, without quotes, escapes left as they are; empty in arrays */
    struct str value; /* raw, without white space around it */
};

/* `value` is an object or array (anything else: the walk is empty). */
struct json_walk json_walk(struct str value);
bool json_next(struct json_walk *walk, struct json_member *member);

/* Is this the key of a member, as json_next tells it? It may be written with escapes. */
bool json_key_is(struct str raw, struct str key);

/* The value of a member of an object; of several with the same key the last. Keys written with
 * escapes are compared unescaped. */
bool json_get(struct str object, const char *key, struct str *value);

/* Has the object a member of this key whose value is true? */
bool json_member_is_true(struct str object, const char *key);

/* Appends the text of a JSON string (with its quotes); lone surrogates become U+FFFD. False when
 * `value` is not a string. */
bool json_unescape(struct str value, struct buffer *out);

/* The value of an integer that fits; false for anything else, also for 1.0 and 1e3. */
bool json_read_integer(struct str value, int64_t *out);

/* Line and column (from 1, in code points) of a byte offset, for error messages. */
void json_position(struct str text, size_t offset, size_t *line, size_t *column);

#endif
