#include "base/loop.h"
#include "history/answer.h"
#include "test.h"

/* The answer to rows of session 1, given the latest first: "c", "b" are lines 2 and 1. */
static const char *answered(struct history_answer *answer, const char *const *sources, bool output)
{
    static char text[1000];
    struct buffer out = {0};
    int64_t count = 0;
    while (sources[count])
        count++;
    for (int64_t i = 0; i < count; i++) {
        struct history_row row = {1, count - i, str_of(sources[i]), {NULL, 0}};
        if (sources[i][0] == '=')
            row.output = str_slice(row.source, 1, SIZE_MAX);
        if (!history_answer_take(answer, &row))
            break;
    }
    history_answer_write(answer, output, &out);
    snprintf(text, sizeof text, "%.*s", STR_FORMAT(buffer_str(&out)));
    buffer_fini(&out);
    history_answer_fini(answer);
    return text;
}

static void rows_come_back_in_the_order_they_were_entered(void **state)
{
    (void)state;
    struct history_answer answer = {.max = INT64_MAX};
    const char *got = answered(&answer, (const char *const[]){"c\n", "b", "a", NULL}, false);
    assert_string_equal(got, "[[1,1,\"a\"],[1,2,\"b\"],[1,3,\"c\\n\"]]");
}

static void with_output_inputs_are_pairs(void **state)
{
    (void)state;
    struct history_answer answer = {.max = INT64_MAX};
    const char *got = answered(&answer, (const char *const[]){"=7", "=", "a", NULL}, true);
    assert_string_equal(got, "[[1,1,[\"a\",null]],[1,2,[\"=\",\"\"]],[1,3,[\"=7\",\"7\"]]]");
}

static void nothing_is_an_empty_array(void **state)
{
    (void)state;
    struct history_answer answer = {.max = INT64_MAX};
    assert_string_equal(answered(&answer, (const char *const[]){NULL}, true), "[]");
}

static void only_the_latest_max_rows_are_taken(void **state)
{
    (void)state;
    const char *const rows[] = {"c", "b", "a", NULL};
    struct history_answer answer = {.max = 2};
    assert_string_equal(answered(&answer, rows, false), "[[1,2,\"b\"],[1,3,\"c\"]]");
    assert_false(answer.cut);
    answer = (struct history_answer){.max = 0};
    assert_string_equal(answered(&answer, rows, false), "[]");
    answer = (struct history_answer){.max = -1};
    assert_string_equal(answered(&answer, rows, false), "[]");
}

static void a_pattern_chooses(void **state)
{
    (void)state;
    struct history_answer answer = {.max = 1, .pattern = STR("a*")};
    const char *got = answered(&answer, (const char *const[]){"b", "ab", "c", "aa", NULL}, false);
    assert_string_equal(got, "[[1,3,\"ab\"]]");
}

static void of_equal_inputs_the_latest_is_kept(void **state)
{
    (void)state;
    struct history_answer answer = {.max = 3, .unique = true};
    const char *got =
        answered(&answer, (const char *const[]){"a", "b", "a", "", "", "c", NULL}, false);
    assert_string_equal(got, "[[1,3,\"\"],[1,5,\"b\"],[1,6,\"a\"]]");
}

static void many_different_inputs_are_told_apart(void **state)
{
    (void)state;
    struct history_answer answer = {.max = INT64_MAX, .unique = true};
    struct buffer out = {0};
    char text[16];
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof text, "%d", i % 5000);
        struct history_row row = {1, i, str_of(text), {NULL, 0}};
        assert_true(history_answer_take(&answer, &row));
        if (i % 1000 == 0)
            answer.deadline = loop_now() + HISTORY_ANSWER_MS; /* slow machines */
    }
    history_answer_write(&answer, false, &out);
    size_t rows = 0;
    for (size_t i = 0; i < out.size; i++)
        rows += out.data[i] == '[';
    assert_int_equal(rows, 5001);
    buffer_fini(&out);
    history_answer_fini(&answer);
}

static void an_answer_that_gets_too_large_is_cut(void **state)
{
    (void)state;
    struct history_answer answer = {.max = INT64_MAX};
    size_t size = HISTORY_ANSWER_BYTES_MAX / 2;
    char *text = test_malloc(size);
    memset(text, 'x', size);
    struct history_row row = {1, 1, {text, size}, {NULL, 0}};
    assert_true(history_answer_take(&answer, &row));
    answer.deadline = loop_now() + 10000;
    assert_true(history_answer_take(&answer, &row));
    assert_false(answer.cut);
    assert_false(history_answer_take(&answer, &row));
    assert_true(answer.cut);
    assert_int_equal(answer.text.size, 2 * size);
    history_answer_fini(&answer);
    test_free(text);
}

static void an_answer_that_takes_too_long_is_cut(void **state)
{
    (void)state;
    struct history_answer answer = {.max = INT64_MAX, .deadline = loop_now() - 1};
    struct history_row row = {1, 1, STR("a"), {NULL, 0}};
    assert_false(history_answer_take(&answer, &row));
    assert_true(answer.cut);
    history_answer_fini(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_in_the_order_they_were_entered),
        cmocka_unit_test(with_output_inputs_are_pairs),
        cmocka_unit_test(nothing_is_an_empty_array),
        cmocka_unit_test(only_the_latest_max_rows_are_taken),
        cmocka_unit_test(a_pattern_chooses),
        cmocka_unit_test(of_equal_inputs_the_latest_is_kept),
        cmocka_unit_test(many_different_inputs_are_told_apart),
        cmocka_unit_test(an_answer_that_gets_too_large_is_cut),
        cmocka_unit_test(an_answer_that_takes_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
