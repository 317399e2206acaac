/*
 * The JSON scanner against jansson: they judge alike, and walking finds what jansson's tree holds.
 * They differ where json_scan.h says so, and where jansson has a limit of its own:
 *
 *   accepted here only   lone surrogates as \uXXXX; numbers of any size; U+0000 in keys
 *   refused here only    nesting beyond JSON_DEPTH_MAX; a NUL byte after a number, which jansson
 *                        loses when it puts it back
 */
#include "base/json_scan.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <jansson.h>

static void compare(struct str value, const json_t *tree);

static void compare_string(struct str value, struct str expected)
{
    struct buffer text = {0};
    FUZZ_REQUIRE(json_unescape(value, &text));
    FUZZ_REQUIRE(utf8_is_valid(buffer_str(&text)));
    FUZZ_REQUIRE(str_equal(buffer_str(&text), expected));
    buffer_fini(&text);
}

/* Raw keys, with their quotes around them, become NUL-terminated text. */
static struct buffer unescape_key(struct str key)
{
    struct buffer text = {0};
    FUZZ_REQUIRE(json_unescape((struct str){key.data - 1, key.size + 2}, &text));
    buffer_append_byte(&text, '\0');
    return text;
}

static void compare_object(struct str value, const json_t *tree)
{
    struct json_walk walk = json_walk(value);
    struct json_member member;
    size_t distinct = 0;
    while (json_next(&walk, &member)) {
        struct buffer key = unescape_key(member.key);
        struct str last;
        FUZZ_REQUIRE(json_get(value, key.data, &last));
        if (last.data == member.value.data) {
            distinct++;
            compare(member.value, json_object_get(tree, key.data));
        }
        buffer_fini(&key);
    }
    FUZZ_REQUIRE(distinct == json_object_size(tree));
}

static void compare_array(struct str value, const json_t *tree)
{
    struct json_walk walk = json_walk(value);
    struct json_member member;
    size_t count = 0;
    while (json_next(&walk, &member))
        compare(member.value, json_array_get(tree, count++));
    FUZZ_REQUIRE(count == json_array_size(tree));
}

static void compare(struct str value, const json_t *tree)
{
    static const enum json_kind kinds[] = {
        [JSON_OBJECT] = JSON_KIND_OBJECT, [JSON_ARRAY] = JSON_KIND_ARRAY,
        [JSON_STRING] = JSON_KIND_STRING, [JSON_INTEGER] = JSON_KIND_NUMBER,
        [JSON_REAL] = JSON_KIND_NUMBER,   [JSON_TRUE] = JSON_KIND_TRUE,
        [JSON_FALSE] = JSON_KIND_FALSE,   [JSON_NULL] = JSON_KIND_NULL,
    };
    int64_t integer = 0;
    FUZZ_REQUIRE(tree);
    FUZZ_REQUIRE(json_check(value, NULL));
    FUZZ_REQUIRE(json_kind(value) == kinds[json_typeof(tree)]);
    FUZZ_REQUIRE(json_read_integer(value, &integer) == json_is_integer(tree));
    FUZZ_REQUIRE(integer == json_integer_value(tree));
    if (json_is_object(tree))
        compare_object(value, tree);
    else if (json_is_array(tree))
        compare_array(value, tree);
    else if (json_is_string(tree))
        compare_string(value, (struct str){json_string_value(tree), json_string_length(tree)});
}

static bool is_documented(const json_error_t *refused, struct str text)
{
    switch (json_error_code(refused)) {
    case json_error_numeric_overflow:
    case json_error_null_byte_in_key:
        return true;
    case json_error_invalid_syntax:
        return strstr(refused->text, "invalid Unicode") && memmem(text.data, text.size, "\\u", 2);
    default:
        return false;
    }
}

static bool has_nul(struct str text)
{
    return memchr(text.data, '\0', text.size);
}

/* Values that a walk hands out have no white space around them. */
static struct str trim(struct str text)
{
    while (text.size && strchr(" \t\r\n", text.data[0]))
        text = str_slice(text, 1, text.size);
    while (text.size && strchr(" \t\r\n", text.data[text.size - 1]))
        text.size--;
    return text;
}

/* The walk is memory-safe on any text. */
static void walk_anyhow(struct str text, int depth)
{
    struct json_walk walk = json_walk(text);
    struct json_member member;
    struct buffer out = {0};
    struct str value;
    int64_t integer;
    json_unescape(text, &out);
    json_read_integer(text, &integer);
    json_get(text, "a", &value);
    buffer_fini(&out);
    while (json_next(&walk, &member))
        if (depth)
            walk_anyhow(member.value, depth - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = fuzz_input(data, size);
    struct json_problem problem = {NULL, 0};
    json_error_t refused;
    bool good = json_check(text, &problem);
    json_t *tree =
        json_loadb(size ? text.data : "", size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &refused);
    if (!good) {
        size_t line, column;
        FUZZ_REQUIRE(problem.what && problem.offset <= size);
        json_position(text, problem.offset, &line, &column);
        FUZZ_REQUIRE(line >= 1 && column >= 1);
    }
    if (good && tree)
        compare(trim(text), tree);
    else if (good)
        FUZZ_REQUIRE(is_documented(&refused, text));
    else if (tree)
        FUZZ_REQUIRE(strcmp(problem.what, "nested too deeply") == 0 || has_nul(text));
    FUZZ_REQUIRE(json_check_object(text, NULL) == (good && json_kind(text) == JSON_KIND_OBJECT));
    json_decref(tree);
    walk_anyhow(text, 3);
    return 0;
}
