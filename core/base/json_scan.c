#include "base/json_scan.h"
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

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static inline void skip_space(struct scanner *s)
{
    while (s->at < s->end && is_space(*s->at))
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
        if (s->at + i >= s->end || hex_value(s->at[i]) < 0)
            return fail(s, "expected four hexadecimal digits after \\u");
    s->at += 5;
    return true;
}

/* True while none of eight bytes is a quote, a backslash, a control character or not ASCII. */
static inline bool is_plain_word(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t special = (quote - ones) | (backslash - ones) | (word - ones * 0x20) | word;
    return !(special & highs);
}

/* At the opening quote. UTF-8 inside is checked for each run of bytes between escapes. */
static bool scan_string(struct scanner *s)
{
    s->at++;
    for (;;) {
        uint64_t word;
        while (s->end - s->at >= 8 && (memcpy(&word, s->at, 8), is_plain_word(word)))
            s->at += 8;
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
    if (s->at == s->end || !is_digit(*s->at))
        return fail(s, "expected a digit");
    while (s->at < s->end && is_digit(*s->at))
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
        if (*s->at == '-' || is_digit(*s->at))
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
    struct scanner s = {text.data, text.data + text.size, NULL};
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
    while (i < value.size && is_space(value.data[i]))
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

/* ---- Walking checked text: finds ends without checking again ---- */

static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return end;
}

static const char *value_end(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = string_end(at, end);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
            continue;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            depth--;
            at++;
        } else if (depth) {
            at++;
            continue;
        } else {
            while (at < end && !is_space(*at) && *at != ',' && *at != '}' && *at != ']')
                at++;
        }
        if (depth == 0)
            return at;
    }
    return at;
}

struct json_walk json_walk(struct str value)
{
    struct json_walk walk = {value.data, value.data + value.size, false};
    while (walk.at < walk.end && is_space(*walk.at))
        walk.at++;
    if (walk.at == walk.end || (*walk.at != '{' && *walk.at != '[')) {
        walk.at = walk.end;
        return walk;
    }
    walk.has_keys = *walk.at == '{';
    walk.at++;
    return walk;
}

static void skip_separators(struct json_walk *walk)
{
    while (walk->at < walk->end && (is_space(*walk->at) || *walk->at == ',' || *walk->at == ':'))
        walk->at++;
}

bool json_next(struct json_walk *walk, struct json_member *member)
{
    skip_separators(walk);
    if (walk->at >= walk->end || *walk->at == '}' || *walk->at == ']')
        return false;
    *member = (struct json_member){{NULL, 0}, {NULL, 0}};
    if (walk->has_keys) {
        const char *start = walk->at;
        walk->at = string_end(start, walk->end);
        if (walk->at - start < 2)
            return false;
        member->key = (struct str){start + 1, (size_t)(walk->at - start) - 2};
        skip_separators(walk);
    }
    const char *start = walk->at;
    walk->at = value_end(start, walk->end);
    member->value = (struct str){start, (size_t)(walk->at - start)};
    return walk->at > start;
}

static bool key_is(struct str raw, struct str key)
{
    if (!raw.size || !memchr(raw.data, '\\', raw.size))
        return str_equal(raw, key);
    struct buffer text = {0};
    json_unescape((struct str){raw.data - 1, raw.size + 2}, &text);
    bool equal = !text.failed && str_equal(buffer_str(&text), key);
    buffer_fini(&text);
    return equal;
}

bool json_get(struct str object, const char *key, struct str *value)
{
    struct json_walk walk = json_walk(object);
    struct json_member member;
    struct str wanted = str_of(key);
    bool found = false;
    while (walk.has_keys && json_next(&walk, &member)) {
        if (key_is(member.key, wanted)) {
            *value = member.value;
            found = true;
        }
    }
    return found;
}

static uint32_t read_hex4(const char *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (uint32_t)hex_value(at[i]);
    return value;
}

/* At the character after the backslash; returns where the escape ends. */
static const char *append_escape(struct buffer *out, const char *at, const char *end)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *plain = strchr(from, *at);
    if (*at != 'u') {
        buffer_append_byte(out, plain && *at ? to[plain - from] : *at);
        return at + 1;
    }
    if (end - at < 5)
        return end;
    uint32_t c = read_hex4(at + 1);
    at += 5;
    if (c >= 0xD800 && c <= 0xDBFF && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        uint32_t low = read_hex4(at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        }
    }
    utf8_append_code_point(out, c);
    return at;
}

bool json_unescape(struct str value, struct buffer *out)
{
    if (value.size < 2 || value.data[0] != '"')
        return false;
    const char *at = value.data + 1, *end = value.data + value.size - 1;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        const char *stop = backslash ? backslash : end;
        buffer_append(out, (struct str){at, (size_t)(stop - at)});
        at = stop;
        if (backslash && at + 1 < end)
            at = append_escape(out, at + 1, end);
        else if (backslash)
            break;
    }
    return true;
}

bool json_read_integer(struct str value, int64_t *out)
{
    bool negative = value.size && value.data[0] == '-';
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t number = 0;
    size_t i = negative;
    if (i == value.size)
        return false;
    for (; i < value.size; i++) {
        if (!is_digit(value.data[i]))
            return false;
        uint64_t digit = (uint64_t)(value.data[i] - '0');
        if (number > (limit - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

void json_position(struct str text, size_t offset, size_t *line, size_t *column)
{
    size_t start = 0;
    *line = 1;
    for (size_t i = 0; i < offset && i < text.size; i++) {
        if (text.data[i] == '\n') {
            ++*line;
            start = i + 1;
        }
    }
    *column = utf8_count(str_slice(text, start, offset)) + 1;
}
