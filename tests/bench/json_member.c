#include "json_member.h"

struct cursor {
    const char *at;
    const char *end;
};

static void skip_space(struct cursor *cursor)
{
    while (cursor->at < cursor->end && strchr(" \t\r\n:,", *cursor->at) && *cursor->at)
        cursor->at++;
}

/* From the opening quote to behind the closing one; the text between them goes to *text. */
static bool take_string(struct cursor *cursor, struct span *text)
{
    const char *start = cursor->at + 1;
    const char *from = start;
    for (;;) {
        const char *quote =
            from < cursor->end ? memchr(from, '"', (size_t)(cursor->end - from)) : NULL;
        if (!quote)
            return false;
        size_t backslashes = 0;
        while (quote - backslashes > start && quote[-1 - (ptrdiff_t)backslashes] == '\\')
            backslashes++;
        from = quote + 1;
        if (backslashes % 2 == 0) {
            *text = (struct span){start, (size_t)(quote - start)};
            cursor->at = from;
            return true;
        }
    }
}

static bool skip_nested(struct cursor *cursor)
{
    int depth = 0;
    while (cursor->at < cursor->end) {
        struct span ignored;
        char byte = *cursor->at;
        if (byte == '"') {
            if (!take_string(cursor, &ignored))
                return false;
            continue;
        }
        cursor->at++;
        depth += (byte == '{' || byte == '[') - (byte == '}' || byte == ']');
        if (depth == 0)
            return true;
    }
    return false;
}

static bool take_value(struct cursor *cursor, struct span *value)
{
    const char *start = cursor->at;
    if (start == cursor->end)
        return false;
    if (*start == '"')
        return take_string(cursor, value);
    if (*start == '{' || *start == '[') {
        if (!skip_nested(cursor))
            return false;
    } else {
        while (cursor->at < cursor->end && !strchr(",} \t\r\n", *cursor->at))
            cursor->at++;
    }
    *value = (struct span){start, (size_t)(cursor->at - start)};
    return true;
}

bool json_member(struct span object, const char *key, struct span *value)
{
    struct cursor cursor = {object.data, object.data + object.size};
    skip_space(&cursor);
    if (cursor.at == cursor.end || *cursor.at++ != '{')
        return false;
    for (;;) {
        struct span name;
        skip_space(&cursor);
        if (cursor.at == cursor.end || *cursor.at != '"' || !take_string(&cursor, &name))
            return false;
        skip_space(&cursor);
        if (!take_value(&cursor, value))
            return false;
        if (span_is(name, key))
            return true;
    }
}
