/* The second half of json_scan.h: walking text that was checked, so ends are found without checking
 * again. */
#include "base/json_chars.h"
#include "base/json_scan.h"
#include "base/utf8.h"

/* `at` is the opening quote; behind the closing one. The next quote is looked for again only when it turned
 * out to be escaped, so that the time is linear. */
static const char *string_end(const char *at, const char *end)
{
    const char *quote = NULL;
    for (at++; at < end;) {
        if (!quote || quote < at)
            quote = memchr(at, '"', (size_t)(end - at));
        if (!quote)
            return end;
        const char *backslash = memchr(at, '\\', (size_t)(quote - at));
        if (!backslash)
            return quote + 1;
        at = backslash + 2;
    }
    return end;
}

/* What stands between members and their parts, and what ends a number or a word. */
enum { SEPARATES = 1, ENDS = 2 };

static const unsigned char roles[256] = {
    [' '] = SEPARATES | ENDS,
    ['\n'] = SEPARATES | ENDS,
    ['\r'] = SEPARATES | ENDS,
    ['\t'] = SEPARATES | ENDS,
    [','] = SEPARATES | ENDS,
    [':'] = SEPARATES,
    ['}'] = ENDS,
    [']'] = ENDS,
};

static inline bool has_role(char c, unsigned role)
{
    return roles[(unsigned char)c] & role;
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
            while (at < end && !has_role(*at, ENDS))
                at++;
        }
        if (depth == 0)
            return at;
    }
    return at;
}

struct json_walk json_walk(struct str value)
{
    struct json_walk walk = {value.data, str_end(value), false};
    while (walk.at < walk.end && json_is_space(*walk.at))
        walk.at++;
    if (walk.at == walk.end || (*walk.at != '{' && *walk.at != '[')) {
        walk.at = walk.end;
        return walk;
    }
    walk.has_keys = *walk.at == '{';
    walk.at++;
    return walk;
}

static inline void skip_separators(struct json_walk *walk)
{
    while (walk->at < walk->end && has_role(*walk->at, SEPARATES))
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

bool json_key_is(struct str raw, struct str key)
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
        if (json_key_is(member.key, wanted)) {
            *value = member.value;
            found = true;
        }
    }
    return found;
}

bool json_member_is_true(struct str object, const char *key)
{
    struct str value;
    return json_get(object, key, &value) && json_kind(value) == JSON_KIND_TRUE;
}

static uint32_t read_hex4(const char *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (uint32_t)json_hex_value(at[i]);
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
        if (!json_is_digit(value.data[i]))
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
