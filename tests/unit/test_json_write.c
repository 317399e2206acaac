#include "base/json_write.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "test.h"

#include <jansson.h>

static struct buffer written(struct str text)
{
    struct buffer out = {0};
    json_write_string(&out, text);
    return out;
}

static void strings_are_quoted_and_escaped(void **state)
{
    (void)state;
    static const struct {
        struct str text, json;
    } cases[] = {
        {{"", 0}, {"\"\"", 2}},
        {{"plain", 5}, {"\"plain\"", 7}},
        {{"\"\\/", 3}, {"\"\\\"\\\\/\"", 7}},
        {{"\b\f\n\r\t", 5}, {"\"\\b\\f\\n\\r\\t\"", 12}},
        {{"\0\x1F\x7F", 3}, {"\"\\u0000\\u001f\x7F\"", 15}},
        {{"\xE2\x82\xAC", 3}, {"\"\xE2\x82\xAC\"", 5}},
        {{"a\xFFz", 3}, {"\"a\xEF\xBF\xBDz\"", 7}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = written(cases[i].text);
        assert_str(buffer_str(&out), cases[i].json);
        buffer_fini(&out);
    }
}

/* jansson reads `json` as a string; its value has to be `text`. */
static void assert_reads_as(struct str json, struct str text)
{
    json_error_t error;
    json_t *value = json_loadb(json.data, json.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value) {
        test_print_str("json", json);
        fail_msg("jansson: %s", error.text);
    }
    struct str got = {json_string_value(value), json_string_length(value)};
    assert_str(got, text);
    json_decref(value);
}

/* Text is written in blocks and slices: the special piece comes at each place in and around them. */
static void a_special_character_may_be_anywhere(void **state)
{
    (void)state;
    static const struct {
        struct str text, json;
    } cases[] = {
        {{"\n", 1}, {"\\n", 2}},
        {{"\"", 1}, {"\\\"", 2}},
        {{"\x01", 1}, {"\\u0001", 6}},
        {{"\xC3\xA4", 2}, {"\xC3\xA4", 2}},
        {{"\xE2\x82\xAC", 3}, {"\xE2\x82\xAC", 3}},
        {{"\xF0\x9F\x98\x80", 4}, {"\xF0\x9F\x98\x80", 4}},
        {{"\xED\xA0\x80", 3}, {"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 9}},
        {{"\xE0\x80", 2}, {"\xEF\xBF\xBD\xEF\xBF\xBD", 6}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t before = 0; before < 2100; before += before < 50 || before > 1000 ? 1 : 40) {
            for (size_t after = 0; after < 34; after += 11) {
                struct buffer text = {0}, expected = {0};
                buffer_append_byte(&expected, '"');
                for (size_t n = 0; n < before + after; n++) {
                    if (n == before)
                        buffer_append(&text, cases[i].text);
                    if (n == before)
                        buffer_append(&expected, cases[i].json);
                    buffer_append_byte(&text, (char)('a' + n % 26));
                    buffer_append_byte(&expected, (char)('a' + n % 26));
                }
                if (!after) {
                    buffer_append(&text, cases[i].text);
                    buffer_append(&expected, cases[i].json);
                }
                buffer_append_byte(&expected, '"');
                struct buffer out = written(buffer_str(&text));
                assert_str(buffer_str(&out), buffer_str(&expected));
                buffer_fini(&out);
                buffer_fini(&text);
                buffer_fini(&expected);
            }
        }
    }
}

static void every_byte_comes_back_from_jansson(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x80; c++) {
        char text[] = {'a', (char)c, 'b'};
        struct buffer out = written((struct str){text, sizeof text});
        assert_reads_as(buffer_str(&out), (struct str){text, sizeof text});
        buffer_fini(&out);
    }
}

static void random_bytes_come_back_repaired(void **state)
{
    (void)state;
    struct test_random random = {5};
    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        size_t size = test_random_below(&random, sizeof bytes);
        bool ascii = test_random_below(&random, 2);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(test_random_next(&random) & (ascii ? 0x7F : 0xFF));
        struct buffer repaired = {0}, back = {0};
        utf8_append_repaired(&repaired, (struct str){bytes, size});
        struct buffer out = written((struct str){bytes, size});
        assert_true(json_check(buffer_str(&out), NULL));
        assert_reads_as(buffer_str(&out), buffer_str(&repaired));
        assert_true(json_unescape(buffer_str(&out), &back));
        assert_str(buffer_str(&back), buffer_str(&repaired));
        buffer_fini(&out);
        buffer_fini(&back);
        buffer_fini(&repaired);
    }
}

static void a_key_is_followed_by_its_value(void **state)
{
    (void)state;
    struct buffer out = {0};
    json_write_key(&out, "text");
    json_write_string(&out, STR("a\"b\n"));
    assert_str(buffer_str(&out), STR("\"text\":\"a\\\"b\\n\""));
    buffer_fini(&out);
}

/* What needs care is found wherever it stands among the eight bytes that are looked at at once. */
static void care_is_taken_at_every_position(void **state)
{
    (void)state;
    static const struct {
        const char *byte;
        const char *written;
    } cases[] = {{"\n", "\\n"},           {"\"", "\\\""},   {"\\", "\\\\"},
                 {"\x01", "\\u0001"},     {"\x7f", "\x7f"}, {"\xC3\xA9", "\xC3\xA9"},
                 {"\xFF", "\xEF\xBF\xBD"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int before = 0; before < 20; before++) {
            struct buffer text = {0}, expected = {0}, out = {0};
            buffer_append_format(&text, "%.*s%s%s", before, "abcdefghijklmnopqrst", cases[i].byte,
                                 "0123456789");
            buffer_append_format(&expected, "\"%.*s%s%s\"", before, "abcdefghijklmnopqrst",
                                 cases[i].written, "0123456789");
            json_write_string(&out, buffer_str(&text));
            assert_str(buffer_str(&out), buffer_str(&expected));
            buffer_fini(&text);
            buffer_fini(&expected);
            buffer_fini(&out);
        }
    }
}

/* RFC 4648, section 10, and the two last digits of the alphabet. */
static void base64_has_the_bytes_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        const char *json;
    } cases[] = {
        {{"", 0}, "\"\""},
        {{"f", 1}, "\"Zg==\""},
        {{"fo", 2}, "\"Zm8=\""},
        {{"foo", 3}, "\"Zm9v\""},
        {{"foob", 4}, "\"Zm9vYg==\""},
        {{"fooba", 5}, "\"Zm9vYmE=\""},
        {{"foobar", 6}, "\"Zm9vYmFy\""},
        {{"\xFB\xFF\xFE", 3}, "\"+//+\""},
        {{"\0\0\0", 3}, "\"AAAA\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        json_write_base64(&out, cases[i].bytes);
        assert_str(buffer_str(&out), str_of(cases[i].json));
        buffer_fini(&out);
    }
}

static void writing_into_a_full_buffer_fails_without_harm(void **state)
{
    (void)state;
    for (size_t max = 1; max < 12; max++) {
        struct buffer string = {.max = max}, base64 = {.max = max};
        json_write_string(&string, STR("a\nb\xFF"
                                       "cdefghij"));
        json_write_base64(&base64, STR("123456789"));
        assert_true(string.failed);
        assert_true(base64.failed);
        assert_true(string.size <= max);
        buffer_fini(&string);
        buffer_fini(&base64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_quoted_and_escaped),
        cmocka_unit_test(a_special_character_may_be_anywhere),
        cmocka_unit_test(every_byte_comes_back_from_jansson),
        cmocka_unit_test(random_bytes_come_back_repaired),
        cmocka_unit_test(a_key_is_followed_by_its_value),
        cmocka_unit_test(care_is_taken_at_every_position),
        cmocka_unit_test(base64_has_the_bytes_of_the_rfc),
        cmocka_unit_test(writing_into_a_full_buffer_fails_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
