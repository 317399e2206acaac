#include "base/utf8.h"
#include "test.h"

#define CODE_POINT_END 0x110000u

static bool is_surrogate(uint32_t c)
{
    return c >= 0xD800 && c <= 0xDFFF;
}

/* ---- a reference that decodes first and judges the number afterwards ---- */

/* Length of the valid sequence at the start of text, 0 when there is none. */
static size_t reference_sequence(const unsigned char *at, size_t left)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length;
    uint32_t c;
    if (at[0] < 0x80)
        return 1;
    if ((at[0] & 0xE0) == 0xC0)
        length = 2, c = at[0] & 0x1F;
    else if ((at[0] & 0xF0) == 0xE0)
        length = 3, c = at[0] & 0x0F;
    else if ((at[0] & 0xF8) == 0xF0)
        length = 4, c = at[0] & 0x07;
    else
        return 0;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (at[i] & 0x3F);
    }
    return c >= smallest[length] && c < CODE_POINT_END && !is_surrogate(c) ? length : 0;
}

static size_t reference_valid_prefix(const unsigned char *text, size_t size)
{
    size_t i = 0, length;
    while (i < size && (length = reference_sequence(text + i, size - i)))
        i += length;
    return i;
}

static struct str bytes_of(const unsigned char *bytes, size_t size)
{
    return (struct str){(const char *)bytes, size};
}

static void check_against_reference(const unsigned char *bytes, size_t size)
{
    size_t got = utf8_valid_prefix(bytes_of(bytes, size));
    size_t want = reference_valid_prefix(bytes, size);
    if (got != want) {
        test_print_str("bytes", bytes_of(bytes, size));
        fail_msg("valid prefix of %zu bytes, expected %zu", got, want);
    }
}

static void valid_prefix_agrees_with_the_reference_on_all_texts_of_up_to_3_bytes(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 1u << 24; n++) {
        unsigned char bytes[3] = {(unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                  (unsigned char)n};
        check_against_reference(bytes, 3);
        if (n < 1u << 16)
            check_against_reference(bytes + 1, 2);
        if (n < 1u << 8)
            check_against_reference(bytes + 2, 1);
    }
}

static void valid_prefix_agrees_with_the_reference_on_4_byte_sequences(void **state)
{
    (void)state;
    static const unsigned char thirds[] = {0x00, 0x7F, 0x80, 0x81, 0xBF, 0xC0, 0xFF};
    for (unsigned first = 0xEF; first <= 0xFF; first++)
        for (unsigned second = 0; second <= 0xFF; second++)
            for (size_t i = 0; i < sizeof thirds; i++)
                for (size_t j = 0; j < sizeof thirds; j++) {
                    unsigned char bytes[] = {(unsigned char)first, (unsigned char)second, thirds[i],
                                             thirds[j]};
                    check_against_reference(bytes, 4);
                }
}

static void every_code_point_is_written_as_valid_text(void **state)
{
    (void)state;
    struct buffer out = {0};
    for (uint32_t c = 0; c < CODE_POINT_END; c++) {
        buffer_clear(&out, SIZE_MAX);
        utf8_append_code_point(&out, c);
        assert_true(utf8_is_valid(buffer_str(&out)));
        assert_int_equal(utf8_count(buffer_str(&out)), 1);
        bool replaced = str_equal(buffer_str(&out), STR("\xEF\xBF\xBD"));
        assert_int_equal(replaced, is_surrogate(c) || c == 0xFFFD);
    }
    buffer_fini(&out);
}

static void numbers_that_are_no_code_points_become_the_replacement_character(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0xD800, 0xDBFF, 0xDC00, 0xDFFF, CODE_POINT_END, UINT32_MAX};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct buffer out = {0};
        utf8_append_code_point(&out, numbers[i]);
        assert_str(buffer_str(&out), STR("\xEF\xBF\xBD"));
        buffer_fini(&out);
    }
}

static void boundary_code_points_have_their_known_bytes(void **state)
{
    (void)state;
    static const struct {
        uint32_t c;
        struct str text;
    } cases[] = {
        {0x00, {"\0", 1}},
        {0x7F, {"\x7F", 1}},
        {0x80, {"\xC2\x80", 2}},
        {0x7FF, {"\xDF\xBF", 2}},
        {0x800, {"\xE0\xA0\x80", 3}},
        {0xD7FF, {"\xED\x9F\xBF", 3}},
        {0xE000, {"\xEE\x80\x80", 3}},
        {0xFFFF, {"\xEF\xBF\xBF", 3}},
        {0x10000, {"\xF0\x90\x80\x80", 4}},
        {0x10FFFF, {"\xF4\x8F\xBF\xBF", 4}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        utf8_append_code_point(&out, cases[i].c);
        assert_str(buffer_str(&out), cases[i].text);
        buffer_fini(&out);
    }
}

static void an_invalid_byte_is_found_wherever_it_stands_in_a_long_text(void **state)
{
    (void)state;
    char text[64];
    for (size_t size = 1; size <= sizeof text; size++) {
        for (size_t at = 0; at < size; at++) {
            memset(text, 'a', sizeof text);
            text[at] = (char)0x80;
            assert_int_equal(utf8_valid_prefix((struct str){text, size}), at);
        }
    }
}

static void the_empty_text_is_valid(void **state)
{
    (void)state;
    struct str empty = {NULL, 0};
    struct buffer out = {0};
    assert_true(utf8_is_valid(empty));
    assert_int_equal(utf8_incomplete_tail(empty), 0);
    assert_int_equal(utf8_count(empty), 0);
    assert_int_equal(utf8_offset(empty, 3), 0);
    utf8_append_repaired(&out, empty);
    assert_int_equal(out.size, 0);
    assert_false(out.failed);
}

/* ---- tails ---- */

/* Bit n is set when the bytes of n (big-endian, `length` of them) start a valid longer sequence. */
static unsigned char *proper_prefixes(size_t length)
{
    unsigned char *set = test_calloc((size_t)1 << (8 * length), 1);
    for (uint32_t c = 0x80; c < CODE_POINT_END; c++) {
        if (is_surrogate(c))
            continue;
        struct buffer out = {0};
        utf8_append_code_point(&out, c);
        if (out.size > length) {
            size_t number = 0;
            for (size_t i = 0; i < length; i++)
                number = number << 8 | (unsigned char)out.data[i];
            set[number] = 1;
        }
        buffer_fini(&out);
    }
    return set;
}

static void the_incomplete_tail_is_what_some_code_point_starts_with(void **state)
{
    (void)state;
    unsigned char *one = proper_prefixes(1), *two = proper_prefixes(2), *three = proper_prefixes(3);
    for (uint32_t n = 0; n < 1u << 24; n++) {
        unsigned char bytes[3] = {(unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                  (unsigned char)n};
        size_t want = three[n] ? 3 : two[n & 0xFFFF] ? 2 : one[n & 0xFF] ? 1 : 0;
        size_t got = utf8_incomplete_tail(bytes_of(bytes, 3));
        if (got != want) {
            test_print_str("bytes", bytes_of(bytes, 3));
            fail_msg("tail of %zu bytes, expected %zu", got, want);
        }
    }
    test_free(one);
    test_free(two);
    test_free(three);
}

static void a_tail_may_be_the_whole_text(void **state)
{
    (void)state;
    assert_int_equal(utf8_incomplete_tail(STR("\xC3")), 1);
    assert_int_equal(utf8_incomplete_tail(STR("\xE2\x82")), 2);
    assert_int_equal(utf8_incomplete_tail(STR("\xF0\x9F\x98")), 3);
    assert_int_equal(utf8_incomplete_tail(STR("\xF0\x9F\x98\x80")), 0);
    assert_int_equal(utf8_incomplete_tail(STR("\x80\x80\x80\x80")), 0);
}

/* ---- repair ---- */

/* The Unicode Standard, section 3.9, tables 3-8 to 3-11, and what stands at the edges. */
static void each_maximal_invalid_sequence_becomes_one_replacement_character(void **state)
{
    (void)state;
#define R "\xEF\xBF\xBD"
    static const struct {
        struct str bad, repaired;
    } cases[] = {
        {{"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
          "A",
          9},
         {R R R R R R R R "A", 25}},
        {{"\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
          "A",
          9},
         {R R R R R R R R "A", 25}},
        {{"\xF4\x91\x92\x93\xFF"
          "A\x80\xBF"
          "B",
          9},
         {R R R R R "A" R R "B", 23}},
        {{"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
          "A",
          9},
         {R R R R "A", 13}},
        {{"\xE2\x82", 2}, {R, 3}},
        {{"\xF0\x9F\x98", 3}, {R, 3}},
        {{"\xF0\x9F\x98"
          "x",
          4},
         {R "x", 4}},
        {{"\xC3\xC3\xA9", 3}, {R "\xC3\xA9", 5}},
        {{"good \xE2\x82\xAC", 8}, {"good \xE2\x82\xAC", 8}},
    };
#undef R
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        utf8_append_repaired(&out, cases[i].bad);
        assert_str(buffer_str(&out), cases[i].repaired);
        buffer_fini(&out);
    }
}

/* Makes text in which broken and good sequences are about equally frequent. */
static void append_random_sequence(struct buffer *out, struct test_random *random)
{
    static const unsigned char interesting[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                                0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED,
                                                0xEE, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF};
    if (test_random_below(random, 2)) {
        buffer_append_byte(out, (char)interesting[test_random_below(random, sizeof interesting)]);
        return;
    }
    static const uint32_t limits[] = {0x80, 0x800, 0x10000, CODE_POINT_END};
    uint32_t limit = limits[test_random_below(random, COUNT(limits))];
    utf8_append_code_point(out, (uint32_t)test_random_below(random, limit));
}

static void repaired_text_is_valid_and_keeps_what_was(void **state)
{
    (void)state;
    struct test_random random = {1};
    for (int round = 0; round < 20000; round++) {
        struct buffer text = {0}, once = {0}, twice = {0};
        for (size_t i = test_random_below(&random, 12); i > 0; i--)
            append_random_sequence(&text, &random);
        utf8_append_repaired(&once, buffer_str(&text));
        assert_true(utf8_is_valid(buffer_str(&once)));
        size_t good = utf8_valid_prefix(buffer_str(&text));
        assert_str(str_slice(buffer_str(&once), 0, good), str_slice(buffer_str(&text), 0, good));
        utf8_append_repaired(&twice, buffer_str(&once));
        assert_str(buffer_str(&twice), buffer_str(&once));
        buffer_fini(&text);
        buffer_fini(&once);
        buffer_fini(&twice);
    }
}

static void a_reader_of_chunks_that_keeps_tails_back_repairs_as_if_it_saw_the_whole(void **state)
{
    (void)state;
    struct test_random random = {2};
    for (int round = 0; round < 20000; round++) {
        struct buffer text = {0}, whole = {0}, pieces = {0}, held = {0};
        for (size_t i = 1 + test_random_below(&random, 10); i > 0; i--)
            append_random_sequence(&text, &random);
        utf8_append_repaired(&whole, buffer_str(&text));
        for (size_t at = 0; at < text.size;) {
            size_t end = at + 1 + test_random_below(&random, 4);
            buffer_append(&held, str_slice(buffer_str(&text), at, end));
            at = end;
            size_t ready = held.size - utf8_incomplete_tail(buffer_str(&held));
            utf8_append_repaired(&pieces, str_slice(buffer_str(&held), 0, ready));
            buffer_consume(&held, ready);
        }
        utf8_append_repaired(&pieces, buffer_str(&held));
        assert_str(buffer_str(&pieces), buffer_str(&whole));
        buffer_fini(&text);
        buffer_fini(&whole);
        buffer_fini(&pieces);
        buffer_fini(&held);
    }
}

/* ---- code points and bytes ---- */

static void offsets_count_code_points(void **state)
{
    (void)state;
    struct str text = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"); /* a e-acute euro emoji z */
    static const size_t offsets[] = {0, 1, 3, 6, 10, 11, 11};
    assert_int_equal(utf8_count(text), 5);
    for (size_t i = 0; i < COUNT(offsets); i++)
        assert_int_equal(utf8_offset(text, i), offsets[i]);
    assert_int_equal(utf8_offset(text, SIZE_MAX), text.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_prefix_agrees_with_the_reference_on_all_texts_of_up_to_3_bytes),
        cmocka_unit_test(valid_prefix_agrees_with_the_reference_on_4_byte_sequences),
        cmocka_unit_test(every_code_point_is_written_as_valid_text),
        cmocka_unit_test(numbers_that_are_no_code_points_become_the_replacement_character),
        cmocka_unit_test(boundary_code_points_have_their_known_bytes),
        cmocka_unit_test(an_invalid_byte_is_found_wherever_it_stands_in_a_long_text),
        cmocka_unit_test(the_empty_text_is_valid),
        cmocka_unit_test(the_incomplete_tail_is_what_some_code_point_starts_with),
        cmocka_unit_test(a_tail_may_be_the_whole_text),
        cmocka_unit_test(each_maximal_invalid_sequence_becomes_one_replacement_character),
        cmocka_unit_test(repaired_text_is_valid_and_keeps_what_was),
        cmocka_unit_test(a_reader_of_chunks_that_keeps_tails_back_repairs_as_if_it_saw_the_whole),
        cmocka_unit_test(offsets_count_code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
