/* Lines for the kernel at the start of a cell, and what `%limit` is told. */
#include "kernel/magic_line.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "guard/limit_line.h"

#include <stdlib.h>

static const struct limits all_allowed[] = {
    {.of = {[LIMIT_WALL] = {0}}},
    {.of = {[LIMIT_WALL] = {.soft = 5000, .hard = 9000},
            [LIMIT_CPU] = {.hard = 3000},
            [LIMIT_MEMORY] = {.soft = 200000000},
            [LIMIT_PROCESSES] = {.soft = 50, .hard = 20},
            [LIMIT_OUTPUT] = {.soft = 1000000}}},
};

/* What a cell gives itself is never more than what it has. */
static void check_limits(const struct limits *allowed, const struct limits *cell)
{
    for (int kind = 0; kind < LIMIT_KINDS; kind++) {
        const struct limit *before = &allowed->of[kind], *after = &cell->of[kind];
        int64_t most = limit_lowest(before);
        FUZZ_REQUIRE(after->hard == before->hard);
        if (!after->by_cell)
            FUZZ_REQUIRE(after->soft == before->soft);
        else
            FUZZ_REQUIRE(after->soft > 0 && (!most || after->soft <= most));
    }
}

static void parse_limits(struct str arguments, const struct limits *allowed)
{
    struct limits cell = *allowed;
    struct error error = {.sentence = ""};
    if (!limit_line_parse(arguments, allowed, &cell, &error)) {
        FUZZ_REQUIRE(error.sentence[0]);
        for (int kind = 0; kind < LIMIT_KINDS; kind++)
            FUZZ_REQUIRE(!cell.of[kind].by_cell);
    }
    check_limits(allowed, &cell);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = fuzz_input(data, size);
    const struct limits *allowed = &all_allowed[fuzz_take_byte(&input) % 2];
    struct str code = fuzz_copy(input);
    struct magic_line line;
    size_t at = 0, before = 0;
    while (magic_line_next(code, &at, &line)) {
        FUZZ_REQUIRE(before <= line.start && line.start < line.end && line.end <= at);
        FUZZ_REQUIRE(at <= code.size && code.data[line.start] == '%' && line.name.size > 0);
        FUZZ_REQUIRE(magic_line_is_blank(str_slice(code, before, line.start)));
        parse_limits(line.arguments, allowed);
        before = at;
    }
    FUZZ_REQUIRE(at == before);
    struct buffer spaces = {0};
    magic_line_append_spaces(code, &spaces);
    FUZZ_REQUIRE(spaces.size == utf8_count(code) || spaces.failed);
    buffer_fini(&spaces);
    free((void *)(uintptr_t)code.data);
    return 0;
}
