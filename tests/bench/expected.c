#include "expected.h"

#include "kernels.h"

#include <strings.h>

#define PATTERN_SIZE (sizeof BIG_PATTERN - 1)
#define TILE_SIZE    (4096 * PATTERN_SIZE)

/* The pattern, often enough for one memcmp from any phase. */
static char tile[TILE_SIZE + PATTERN_SIZE];

static uint64_t size_of_lines(uint64_t count)
{
    uint64_t size = 0;
    for (uint64_t from = 0, to = 10, width = 2; from < count; from = to, to *= 10, width++)
        size += ((count < to ? count : to) - from) * width;
    return size;
}

void expected_init(struct expected *expected, enum output_kind kind, uint64_t count)
{
    *expected = (struct expected){.kind = kind, .is_in_order = true, .line = "0\n", .line_size = 2};
    expected->total =
        kind == OUTPUT_LINES ? size_of_lines(count) : count * PATTERN_SIZE + sizeof(char);
    for (size_t i = 0; i < sizeof tile; i++)
        tile[i] = BIG_PATTERN[i % PATTERN_SIZE];
}

/* Adds one to the decimal number in expected->line. */
static void next_line(struct expected *expected)
{
    char *line = expected->line;
    size_t at = expected->line_size - 1; /* the newline */
    expected->line_at = 0;
    while (at > 0) {
        if (line[--at] != '9') {
            line[at]++;
            return;
        }
        line[at] = '0';
    }
    memmove(line + 1, line, expected->line_size++);
    line[0] = '1';
}

static void feed_line_byte(struct expected *expected, char byte)
{
    if (byte != expected->line[expected->line_at])
        expected->is_in_order = false;
    if (++expected->line_at == expected->line_size)
        next_line(expected);
}

static void feed_pattern(struct expected *expected, const char *text, size_t size)
{
    while (size > 0) {
        size_t part = size < TILE_SIZE ? size : TILE_SIZE;
        if (memcmp(text, tile + expected->seen % PATTERN_SIZE, part) != 0)
            expected->is_in_order = false;
        expected->seen += part;
        text += part;
        size -= part;
    }
}

/* The byte that the escape at json[0] == '\\' stands for; *size is the escape's length. */
static char unescape(const char *json, size_t left, size_t *size)
{
    *size = left < 2 ? left : 2;
    switch (left < 2 ? 0 : json[1]) {
    case 'n':
        return '\n';
    case 'u':
        *size = left < 6 ? left : 6;
        return *size == 6 && strncasecmp(json + 2, "000a", 4) == 0 ? '\n' : '?';
    default:
        return '?'; /* nothing that is expected needs another escape */
    }
}

static void feed_lines(struct expected *expected, struct span json)
{
    for (size_t at = 0, size; at < json.size; at += size) {
        char byte = json.data[at];
        size = 1;
        if (byte == '\\')
            byte = unescape(json.data + at, json.size - at, &size);
        feed_line_byte(expected, byte);
        expected->seen++;
    }
}

static void feed_big(struct expected *expected, struct span json)
{
    const char *at = json.data, *end = json.data + json.size;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        const char *run_end = escape ? escape : end;
        if (!escape && expected->seen + (uint64_t)(end - at) == expected->total && end[-1] == '\n')
            run_end = end - 1; /* the floor does not escape its newline */
        feed_pattern(expected, at, (size_t)(run_end - at));
        at = run_end;
        if (at < end) {
            size_t size = 1;
            char byte = *at == '\\' ? unescape(at, (size_t)(end - at), &size) : *at;
            if (byte != '\n' || expected->seen != expected->total - 1)
                expected->is_in_order = false;
            expected->seen++;
            at += size;
        }
    }
}

void expected_feed(struct expected *expected, struct span json)
{
    if (expected->kind == OUTPUT_LINES)
        feed_lines(expected, json);
    else
        feed_big(expected, json);
}

bool expected_is_complete(const struct expected *expected)
{
    return expected->is_in_order && expected->seen == expected->total;
}

double expected_lost_share(const struct expected *expected)
{
    if (expected->seen >= expected->total)
        return 0;
    return 1 - (double)expected->seen / (double)expected->total;
}
