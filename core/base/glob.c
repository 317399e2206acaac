#include "base/glob.h"

#include <stdint.h>

/* The code point at *at, which is moved behind it. */
static struct str take(struct str text, size_t *at)
{
    size_t from = (*at)++;
    while (*at < text.size && ((unsigned char)text.data[*at] & 0xC0) == 0x80)
        ++*at;
    return str_slice(text, from, *at);
}

/* Bytes of UTF-8 have the order of the code points. */
static int compare(struct str a, struct str b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static bool is_byte(struct str c, char byte)
{
    return c.size == 1 && c.data[0] == byte;
}

static bool has_range(struct str pattern, size_t at)
{
    return at + 1 < pattern.size && pattern.data[at] == '-' && pattern.data[at + 1] != ']';
}

/* *at is behind the '['; it is moved behind the ']'. */
static bool set_has(struct str pattern, size_t *at, struct str c)
{
    bool inverted = *at < pattern.size && pattern.data[*at] == '^', found = false;
    *at += inverted;
    for (bool first = true; *at < pattern.size; first = false) {
        struct str low = take(pattern, at), high = low;
        if (is_byte(low, ']') && !first)
            return found != inverted;
        if (has_range(pattern, *at)) {
            ++*at;
            high = take(pattern, at);
        }
        found |= compare(low, c) <= 0 && compare(c, high) <= 0;
    }
    return false;
}

/* Does what is at *at in the pattern, which is no star, stand for c? Moves *at behind it. */
static bool stands_for(struct str pattern, size_t *at, struct str c)
{
    struct str wanted = take(pattern, at);
    if (is_byte(wanted, '['))
        return set_has(pattern, at, c);
    return is_byte(wanted, '?') || str_equal(wanted, c);
}

/* Where a mismatch sends us back to: the last star takes one code point more. An earlier star never
 * has to, so that nothing is tried twice. */
bool glob_matches(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_end = 0;
    while (t < text.size) {
        if (p < pattern.size && pattern.data[p] == '*') {
            star = ++p;
            star_end = t;
            continue;
        }
        struct str c = take(text, &t);
        if (p < pattern.size && stands_for(pattern, &p, c))
            continue;
        if (star == SIZE_MAX)
            return false;
        take(text, &star_end);
        t = star_end;
        p = star;
    }
    while (p < pattern.size && pattern.data[p] == '*')
        p++;
    return p == pattern.size;
}
