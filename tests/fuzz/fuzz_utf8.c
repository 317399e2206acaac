/* UTF-8 repair: what comes out is valid, stays as it is, and does not depend on how it came in. */
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "fuzz.h"

static struct buffer repair(struct str text)
{
    struct buffer out = {0};
    utf8_append_repaired(&out, text);
    FUZZ_REQUIRE(!out.failed);
    return out;
}

/* As kernel/output does it: what may be the start of a code point waits for the next chunk. */
static struct buffer repair_in_chunks(struct str text, uint64_t seed)
{
    struct buffer out = {0}, held = {0};
    while (text.size) {
        buffer_append(&held, fuzz_take(&text, 1 + fuzz_random(&seed) % 5));
        size_t tail = utf8_incomplete_tail(buffer_str(&held));
        FUZZ_REQUIRE(tail <= 3 && tail <= held.size);
        utf8_append_repaired(&out, str_slice(buffer_str(&held), 0, held.size - tail));
        buffer_consume(&held, held.size - tail);
    }
    utf8_append_repaired(&out, buffer_str(&held));
    buffer_fini(&held);
    return out;
}

static void check_code_points(struct str valid)
{
    size_t count = utf8_count(valid), step = count / 16 + 1;
    FUZZ_REQUIRE(utf8_offset(valid, count) == valid.size);
    for (size_t i = 0; i < count; i += step) {
        size_t offset = utf8_offset(valid, i);
        FUZZ_REQUIRE(offset < valid.size);
        FUZZ_REQUIRE(utf8_count(str_slice(valid, 0, offset)) == i);
        FUZZ_REQUIRE(utf8_is_valid(str_slice(valid, 0, offset)));
    }
}

static void check_as_json(struct str text, struct str repaired)
{
    struct buffer json = {0}, back = {0};
    json_write_string(&json, text);
    FUZZ_REQUIRE(json_check(buffer_str(&json), NULL));
    FUZZ_REQUIRE(json_unescape(buffer_str(&json), &back));
    FUZZ_REQUIRE(str_equal(buffer_str(&back), repaired));
    buffer_fini(&json);
    buffer_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = fuzz_input(data, size);
    uint64_t seed = fuzz_take_byte(&text);
    struct buffer once = repair(text), twice = repair(buffer_str(&once));
    struct buffer chunked = repair_in_chunks(text, seed);
    size_t good = utf8_valid_prefix(text);
    FUZZ_REQUIRE(good <= text.size);
    FUZZ_REQUIRE(utf8_is_valid(str_slice(text, 0, good)));
    FUZZ_REQUIRE(str_has_prefix(buffer_str(&once), str_slice(text, 0, good)));
    FUZZ_REQUIRE(utf8_is_valid(text) == str_equal(buffer_str(&once), text));
    FUZZ_REQUIRE(utf8_is_valid(buffer_str(&once)));
    FUZZ_REQUIRE(str_equal(buffer_str(&twice), buffer_str(&once)));
    FUZZ_REQUIRE(str_equal(buffer_str(&chunked), buffer_str(&once)));
    check_code_points(buffer_str(&once));
    check_as_json(text, buffer_str(&once));
    buffer_fini(&once);
    buffer_fini(&twice);
    buffer_fini(&chunked);
    return 0;
}
