#include "base/json_scan.h"
#include "base/json_chars.h"
#include "base/utf8.h"

struct scanner {
    const char *at;
    const char *end;
    const char *what;
};

static bool fail(struct scanner *s, const char *what)
{
    s->what = what;
    return false;
}

static inline void skip_space(struct scanner *s)
{
    while (s->at < s->end && json_is_space(*s->at))
        s->at++;
}

static bool scan_escape(struct scanner *s)
{
    s->at++;
    if (s->at == s->end)
        return fail(s, "the text ends inside a string");
    if (*s->at != 'u') {
        if (!memchr("\"\\/bfnrt", *s->at, 8))
            return fail(s, "unknown escape in a string");
        s->at++;
        return true;
    }
    for (int i = 1; i <= 4; i++)
        if (s->at + i >= s->end || json_hex_value(s->at[i]) < 0)
            return fail(s, "expected four hexadecimal digits after \\u");
    s->at += 5;
    return true;
}

/* Past all that needs no look of its own: eight bytes at a time, and then up to the byte that does. */
static inline const char *skip_plain(const char *at, const char *end)
{
    uint64_t word;
    while (end - at >= 8 && (memcpy(&word, at, 8), json_is_plain_word(word)))
        at += 8;
    while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* At the opening quote. UTF-8 inside is checked for each run of bytes between escapes. */
static bool scan_string(struct scanner *s)
{
    s->at++;
    for (;;) {
        s->at = skip_plain(s->at, s->end);
        if (s->at == s->end)
            return fail(s, "the text ends inside a string");
        unsigned char c = (unsigned char)*s->at;
        if (c == '"') {
            s->at++;
            return true;
        }
        if (c == '\\') {
            if (!scan_escape(s))
                return false;
        } else if (c < 0x20) {
            return fail(s, "a control character in a string must be escaped");
        } else if (c < 0x80) {
            s->at++;
        } else {
            const char *run = s->at;
            while (s->at < s->end && (*s->at & 0x80))
                s->at++;
            struct str bytes = {run, (size_t)(s->at - run)};
            size_t valid = utf8_valid_prefix(bytes);
            if (valid != bytes.size) {
                s->at = run + valid;
                return fail(s, "invalid UTF-8");
            }
        }
    }
}

static bool scan_digits(struct scanner *s)
{
    if (s->at == s->end || !json_is_digit(*s->at))
        return fail(s, "expected a digit");
    while (s->at < s->end && json_is_digit(*s->at))
        s->at++;
    return true;
}

static bool scan_number(struct scanner *s)
{
    if (*s->at == '-')
        s->at++;
    if (s->at < s->end && *s->at == '0')
        s->at++;
    else if (!scan_digits(s))
        return false;
    if (s->at < s->end && *s->at == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        if (!scan_digits(s))
            return false;
    }
    return true;
}

static bool scan_word(struct scanner *s, struct str word)
{
    if (!str_has_prefix((struct str){s->at, (size_t)(s->end - s->at)}, word))
        return fail(s, "expected a value");
    s->at += word.size;
    return true;
}

static bool scan_scalar(struct scanner *s)
{
    switch (*s->at) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, STR("true"));
    case 'f':
        return scan_word(s, STR("false"));
    case 'n':
        return scan_word(s, STR("null"));
    default:
        if (*s->at == '-' || json_is_digit(*s->at))
            return scan_number(s);
        return fail(s, "expected a value");
    }
}

static bool scan_key(struct scanner *s)
{
    skip_space(s);
    if (s->at == s->end || *s->at != '"')
        return fail(s, "expected a key in double quotes");
    if (!scan_string(s))
        return false;
    skip_space(s);
    if (s->at == s->end || *s->at != ':')
        return fail(s, "expected ':' after a key");
    s->at++;
    return true;
}

/* Iterative, so that hostile nesting costs a bit each instead of a stack frame. */
static bool scan_value(struct scanner *s)
{
    unsigned char is_object[JSON_DEPTH_MAX];
    size_t depth = 0;
    for (;;) {
        skip_space(s);
        if (s->at == s->end)
            return fail(s, "the text ends where a value was expected");
        bool opened = *s->at == '{' || *s->at == '[';
        if (opened) {
            if (depth == JSON_DEPTH_MAX)
                return fail(s, "nested too deeply");
            char close = *s->at == '{' ? '}' : ']';
            is_object[depth++] = close == '}';
            s->at++;
            skip_space(s);
            if (s->at == s->end || *s->at != close) {
                if (close == '}' && !scan_key(s))
                    return false;
                continue;
            }
        } else if (!scan_scalar(s)) {
            return false;
        }
        /* A value has just ended, or the innermost container is about to. */
        for (bool first = opened;; first = false) {
            if (depth == 0)
                return true;
            if (!first)
                skip_space(s);
            char close = is_object[depth - 1] ? '}' : ']';
            if (s->at < s->end && *s->at == close) {
                s->at++;
                depth--;
                continue;
            }
            if (s->at == s->end || *s->at != ',')
                return fail(s,
                            is_object[depth - 1] ? "expected ',' or '}'" : "expected ',' or ']'");
            s->at++;
            if (is_object[depth - 1] && !scan_key(s))
                return false;
            break;
        }
    }
}

bool json_check(struct str text, struct json_problem *problem)
{
    struct scanner s = {text.data, str_end(text), NULL};
    bool good = text.size > 0 ? scan_value(&s) : fail(&s, "the text is empty");
    if (good) {
        skip_space(&s);
        if (s.at != s.end)
            good = fail(&s, "more text after the value");
    }
    if (!good && problem)
        *problem = (struct json_problem){s.what, text.size ? (size_t)(s.at - text.data) : 0};
    return good;
}

bool json_check_object(struct str text, struct json_problem *problem)
{
    if (!json_check(text, problem))
        return false;
    if (json_kind(text) == JSON_KIND_OBJECT)
        return true;
    if (problem)
        *problem = (struct json_problem){"expected an object", 0};
    return false;
}

enum json_kind json_kind(struct str value)
{
    size_t i = 0;
    while (i < value.size && json_is_space(value.data[i]))
        i++;
    switch (i < value.size ? value.data[i] : 'n') {
    case '{':
        return JSON_KIND_OBJECT;
    case '[':
        return JSON_KIND_ARRAY;
    case '"':
        return JSON_KIND_STRING;
    case 't':
        return JSON_KIND_TRUE;
    case 'f':
        return JSON_KIND_FALSE;
    case 'n':
        return JSON_KIND_NULL;
    default:
        return JSON_KIND_NUMBER;
    }
}
