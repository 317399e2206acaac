#include "json_check.h"

#include <lauxlib.h>

#include <string.h>

enum {
    DEPTH = 200,
};

struct reader {
    struct hilum_str text;
    size_t at;
    const char *problem;
};

static int peek(const struct reader *reader)
{
    return reader->at < reader->text.size ? (unsigned char)reader->text.data[reader->at] : -1;
}

static bool fail(struct reader *reader, const char *problem)
{
    if (!reader->problem)
        reader->problem = problem;
    return false;
}

static void skip_space(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\n' || peek(reader) == '\t' ||
           peek(reader) == '\r')
        reader->at++;
}

static bool take(struct reader *reader, char c)
{
    if (peek(reader) != c)
        return false;
    reader->at++;
    return true;
}

static bool read_word(struct reader *reader, const char *word)
{
    size_t size = strlen(word);
    if (reader->text.size - reader->at < size ||
        memcmp(reader->text.data + reader->at, word, size) != 0)
        return fail(reader, "expected a value");
    reader->at += size;
    return true;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool read_digits(struct reader *reader)
{
    if (!is_digit(peek(reader)))
        return fail(reader, "expected a digit");
    while (is_digit(peek(reader)))
        reader->at++;
    return true;
}

static bool read_number(struct reader *reader)
{
    take(reader, '-');
    if (!take(reader, '0') && !read_digits(reader))
        return false;
    if (take(reader, '.') && !read_digits(reader))
        return false;
    if (!take(reader, 'e') && !take(reader, 'E'))
        return true;
    if (!take(reader, '+'))
        take(reader, '-');
    return read_digits(reader);
}

static bool read_escape(struct reader *reader)
{
    int c = peek(reader);
    if (c < 0 || !strchr("\"\\/bfnrtu", c))
        return fail(reader, "unknown escape");
    reader->at++;
    for (int i = 0; c == 'u' && i < 4; i++) {
        int digit = peek(reader);
        if (!is_digit(digit) && !((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f'))
            return fail(reader, "expected four hexadecimal digits");
        reader->at++;
    }
    return true;
}

static bool read_string(struct reader *reader)
{
    if (!take(reader, '"'))
        return fail(reader, "expected a string");
    while (!take(reader, '"')) {
        int c = peek(reader);
        struct hilum_str rest = {reader->text.data + reader->at, reader->text.size - reader->at};
        size_t size = c < 0x80 ? 1 : str_sequence_size(rest);
        if (c < ' ')
            return fail(reader, c < 0 ? "unfinished string" : "control character in a string");
        if (size == 0)
            return fail(reader, "invalid UTF-8");
        reader->at += size;
        if (c == '\\' && !read_escape(reader))
            return false;
    }
    return true;
}

static bool read_key(struct reader *reader)
{
    skip_space(reader);
    if (!read_string(reader))
        return false;
    skip_space(reader);
    return take(reader, ':') || fail(reader, "expected ':'");
}

static bool read_value(struct reader *reader, int depth);

/* The rest of an array or object behind its first bracket. */
static bool read_members(struct reader *reader, char close, int depth)
{
    if (depth == DEPTH)
        return fail(reader, "nested too deeply");
    skip_space(reader);
    if (take(reader, close))
        return true;
    do {
        if ((close == '}' && !read_key(reader)) || !read_value(reader, depth + 1))
            return false;
    } while (take(reader, ','));
    return take(reader, close) || fail(reader, "expected ',' or the closing bracket");
}

/* A value with the white space around it. */
static bool read_value(struct reader *reader, int depth)
{
    bool good;
    skip_space(reader);
    switch (peek(reader)) {
    case '{':
    case '[':
        good = read_members(reader, reader->text.data[reader->at++] == '{' ? '}' : ']', depth);
        break;
    case '"':
        good = read_string(reader);
        break;
    case 't':
        good = read_word(reader, "true");
        break;
    case 'f':
        good = read_word(reader, "false");
        break;
    case 'n':
        good = read_word(reader, "null");
        break;
    default:
        good = is_digit(peek(reader)) || peek(reader) == '-' ? read_number(reader)
                                                             : fail(reader, "expected a value");
    }
    if (good) /* otherwise this is where the problem is */
        skip_space(reader);
    return good;
}

void json_check(lua_State *L, int index, const char *name)
{
    struct reader reader = {0};
    reader.text.data = lua_tolstring(L, index, &reader.text.size);
    if (read_value(&reader, 0) &&
        (reader.at == reader.text.size || fail(&reader, "text after the value")))
        return;
    luaL_error(L, "%s: a string must be JSON text, but at byte %I: %s", name,
               (LUAI_UACINT)(reader.at + 1), reader.problem);
}
