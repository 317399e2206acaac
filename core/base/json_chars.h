/* The characters that JSON's grammar is made of. */
#ifndef HILUM_BASE_JSON_CHARS_H
#define HILUM_BASE_JSON_CHARS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool json_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 0 to 15, or -1. */
static inline int json_hex_value(char c)
{
    if (json_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* True when none of eight bytes is a quote, a backslash, a control character or not ASCII. (May be
 * false for a word that is plain, never true for one that is not.) */
static inline bool json_is_plain_word(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t special = (quote - ones) | (backslash - ones) | (word - ones * 0x20) | word;
    return !(special & highs);
}

#endif
