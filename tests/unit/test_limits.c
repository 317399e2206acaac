#include "base/error.h"
#include "guard/limit_line.h"
#include "guard/limits.h"
#include "guard/output_quota.h"
#include "test.h"

static const struct limit_use nothing;

static struct limits with(enum limit_kind kind, int64_t soft, int64_t hard)
{
    struct limits limits = {{{0}}};
    limits.of[kind] = (struct limit){.soft = soft, .hard = hard};
    return limits;
}

static struct limit_use using(enum limit_kind kind, int64_t amount)
{
    struct limit_use use = {{0}};
    use.of[kind] = amount;
    return use;
}

static void the_table_has_a_row_for_each_kind_with_names_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < LIMIT_KINDS; i++) {
        assert_int_equal(limits_table[i].kind, i);
        assert_non_null(limits_table[i].setting);
        assert_true(limits_table[i].scale > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(limits_table[i].word, limits_table[j].word);
            assert_string_not_equal(limits_table[i].error, limits_table[j].error);
            assert_string_not_equal(limits_table[i].code, limits_table[j].code);
        }
    }
}

static void use_up_to_the_limit_is_allowed(void **state)
{
    (void)state;
    struct breach breach;
    struct limits limits = with(LIMIT_CPU, 500, 0);
    struct limit_use use = using(LIMIT_CPU, 500);
    assert_false(limits_exceeded(&limits, &use, &nothing, false, &breach));
    use.of[LIMIT_CPU]++;
    assert_true(limits_exceeded(&limits, &use, &nothing, false, &breach));
    assert_int_equal(breach.kind, LIMIT_CPU);
    assert_int_equal(breach.limit, 500);
    assert_int_equal(breach.use, 501);
    assert_false(breach.hard);
}

static void without_limits_nothing_is_exceeded(void **state)
{
    (void)state;
    struct breach breach;
    struct limits none = {{{0}}};
    struct limit_use use;
    for (int i = 0; i < LIMIT_KINDS; i++)
        use.of[i] = INT64_MAX;
    assert_false(limits_exceeded(&none, &use, &nothing, false, &breach));
}

static void a_hard_limit_counts_before_any_soft_one(void **state)
{
    (void)state;
    struct breach breach;
    struct limits limits = with(LIMIT_MEMORY, 100, 200);
    limits.of[LIMIT_WALL].soft = 1;
    struct limit_use use = using(LIMIT_MEMORY, 300);
    use.of[LIMIT_WALL] = 2;
    assert_true(limits_exceeded(&limits, &use, &nothing, false, &breach));
    assert_true(breach.hard);
    assert_int_equal(breach.kind, LIMIT_MEMORY);
    use.of[LIMIT_MEMORY] = 150;
    assert_false(limits_exceeded(&limits, &use, &nothing, true, &breach));
    assert_true(limits_exceeded(&limits, &use, &nothing, false, &breach));
    assert_int_equal(breach.kind, LIMIT_WALL);
}

static void a_session_above_its_limit_may_run_cells_that_do_not_make_it_worse(void **state)
{
    (void)state;
    struct breach breach;
    struct limits limits = with(LIMIT_MEMORY, 100, 200);
    struct limit_use forgiven = using(LIMIT_MEMORY, 130);
    struct limit_use use = using(LIMIT_MEMORY, 130);
    assert_false(limits_exceeded(&limits, &use, &forgiven, false, &breach));
    use.of[LIMIT_MEMORY] = 131;
    assert_true(limits_exceeded(&limits, &use, &forgiven, false, &breach));
    forgiven.of[LIMIT_MEMORY] = 999;
    use.of[LIMIT_MEMORY] = 201;
    assert_true(limits_exceeded(&limits, &use, &forgiven, false, &breach));
    assert_true(breach.hard);
}

static void time_of_earlier_cells_is_never_forgiven(void **state)
{
    (void)state;
    struct breach breach;
    struct limits limits = with(LIMIT_WALL, 100, 0);
    struct limit_use use = using(LIMIT_WALL, 101), forgiven = using(LIMIT_WALL, 1000);
    assert_true(limits_exceeded(&limits, &use, &forgiven, false, &breach));
}

static void output_is_cut_not_breached(void **state)
{
    (void)state;
    struct breach breach;
    struct limits limits = with(LIMIT_OUTPUT, 100, 0);
    struct limit_use use = using(LIMIT_OUTPUT, 101);
    assert_false(limits_exceeded(&limits, &use, &nothing, false, &breach));
}

static void the_lowest_of_soft_and_hard_is_what_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(limit_lowest(&(struct limit){.soft = 0, .hard = 0}), 0);
    assert_int_equal(limit_lowest(&(struct limit){.soft = 5, .hard = 0}), 5);
    assert_int_equal(limit_lowest(&(struct limit){.soft = 0, .hard = 7}), 7);
    assert_int_equal(limit_lowest(&(struct limit){.soft = 9, .hard = 7}), 7);
}

static void amounts_are_written_for_people(void **state)
{
    (void)state;
    static const struct {
        enum limit_kind kind;
        int64_t amount;
        const char *text;
    } cases[] = {
        {LIMIT_WALL, 1, "1 ms"},
        {LIMIT_WALL, 999, "999 ms"},
        {LIMIT_CPU, 1000, "1 s"},
        {LIMIT_CPU, 1050, "1.05 s"},
        {LIMIT_CPU, 61234, "61.234 s"},
        {LIMIT_MEMORY, 12, "12 bytes"},
        {LIMIT_MEMORY, 1000, "1 kB"},
        {LIMIT_OUTPUT, 1048576, "1.048 MB"},
        {LIMIT_MEMORY, 200000000, "200 MB"},
        {LIMIT_MEMORY, INT64_C(4503599627370496), "4503599.627 GB"},
        {LIMIT_PROCESSES, 40, "40"},
        {LIMIT_OPEN_FILES, 0, "0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        limit_write_amount(cases[i].kind, cases[i].amount, &out);
        assert_str(buffer_str(&out), str_of(cases[i].text));
        buffer_fini(&out);
    }
}

static void a_breach_says_use_limit_and_setting(void **state)
{
    (void)state;
    struct buffer out = {0};
    breach_write(&(struct breach){LIMIT_MEMORY, true, false, 800000000, 812300000}, &out);
    assert_str(buffer_str(&out), STR("held 812.3 MB of memory, more than the hard limit of 800 MB "
                                     "(limits.session_memory_mb_hard)"));
    buffer_clear(&out, 0);
    breach_write(&(struct breach){LIMIT_WALL, false, true, 5000, 5001}, &out);
    assert_str(buffer_str(&out), STR("ran for 5.001 s, more than the limit of 5 s (%limit wall)"));
    buffer_fini(&out);
}

/* ---- %limit ---- */

static void a_line_sets_what_it_names(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum limit_kind kind;
        int64_t amount;
    } cases[] = {
        {"wall=5s", LIMIT_WALL, 5000},
        {"  wall=250ms\t", LIMIT_WALL, 250},
        {"cpu=1.5min", LIMIT_CPU, 90000},
        {"cpu=1h", LIMIT_CPU, 3600000},
        {"memory=200MB", LIMIT_MEMORY, 200000000},
        {"memory=1.5GiB", LIMIT_MEMORY, INT64_C(1610612736)},
        {"output=1B", LIMIT_OUTPUT, 1},
        {"output=64KiB", LIMIT_OUTPUT, 65536},
        {"output=1kB", LIMIT_OUTPUT, 1000},
        {"output=1KB", LIMIT_OUTPUT, 1000},
        {"processes=50", LIMIT_PROCESSES, 50},
        {"files=64", LIMIT_OPEN_FILES, 64},
    };
    static const struct limits none;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct limits cell = none;
        struct error error = {.sentence = ""};
        if (!limit_line_parse(str_of(cases[i].line), &none, &cell, &error))
            fail_msg("%s: %s", cases[i].line, error.sentence);
        for (int kind = 0; kind < LIMIT_KINDS; kind++) {
            bool named = kind == (int)cases[i].kind;
            assert_int_equal(cell.of[kind].soft, named ? cases[i].amount : 0);
            assert_int_equal(cell.of[kind].by_cell, named);
        }
    }
}

static void a_line_may_set_several(void **state)
{
    (void)state;
    static const struct limits none;
    struct limits cell = none;
    assert_true(limit_line_parse(STR("wall=5s memory=200MB output=1MB"), &none, &cell, NULL));
    assert_int_equal(cell.of[LIMIT_WALL].soft, 5000);
    assert_int_equal(cell.of[LIMIT_MEMORY].soft, 200000000);
    assert_int_equal(cell.of[LIMIT_OUTPUT].soft, 1000000);
}

static void a_bad_line_is_refused_with_what_was_expected(void **state)
{
    (void)state;
#define TIME  "; expected a time with its unit (ms, s, min, h), such as 5s"
#define SIZE  "; expected a size with its unit (B, kB, MB, GB, KiB, MiB, GiB), such as 200MB"
#define WHOLE "; expected a whole number, such as 50"
    static const struct {
        const char *line, *sentence;
    } cases[] = {
        {"", "%limit says no limit; expected NAME=VALUE, such as wall=5s"},
        {" \t", "%limit says no limit; expected NAME=VALUE, such as wall=5s"},
        {"wal=5s", "%limit knows no \"wal\"; did you mean \"wall\"?"},
        {"=5s", "%limit knows no \"\"; expected one of \"wall\", \"cpu\", \"memory\", "
                "\"processes\", \"files\", \"output\""},
        {"wall", "%limit wall is \"\"" TIME},
        {"wall=", "%limit wall is \"\"" TIME},
        {"wall=5", "%limit wall is \"5\"" TIME},
        {"wall= 5s", "%limit wall is \"\"" TIME},
        {"wall=s", "%limit wall is \"s\"" TIME},
        {"wall=0s", "%limit wall is \"0s\"" TIME},
        {"wall=0.0001ms", "%limit wall is \"0.0001ms\"" TIME},
        {"wall=-5s", "%limit wall is \"-5s\"" TIME},
        {"wall=+5s", "%limit wall is \"+5s\"" TIME},
        {"wall=5S", "%limit wall is \"5S\"" TIME},
        {"wall=5MB", "%limit wall is \"5MB\"" TIME},
        {"wall=1e3s", "%limit wall is \"1e3s\"" TIME},
        {"wall=.5s", "%limit wall is \".5s\"" TIME},
        {"wall=5.s", "%limit wall is \"5.s\"" TIME},
        {"wall=1.2.3s", "%limit wall is \"1.2.3s\"" TIME},
        {"wall=inf", "%limit wall is \"inf\"" TIME},
        {"wall=99999999999999999999s", "%limit wall is \"99999999999999999999s\"" TIME},
        {"memory=200", "%limit memory is \"200\"" SIZE},
        {"memory=200mb", "%limit memory is \"200mb\"" SIZE},
        {"memory=200M", "%limit memory is \"200M\"" SIZE},
        {"processes=5.0", "%limit processes is \"5.0\"" WHOLE},
        {"processes=0", "%limit processes is \"0\"" WHOLE},
        {"files=1kB", "%limit files is \"1kB\"" WHOLE},
        {"wall=5s wall=4s", "%limit names \"wall\" twice"},
        {"wall=5s, cpu=4s", "%limit wall is \"5s,\"" TIME},
    };
    static const struct limits none;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct limits cell = none;
        struct error error = {.sentence = ""};
        if (limit_line_parse(str_of(cases[i].line), &none, &cell, &error))
            fail_msg("accepted: %s", cases[i].line);
        assert_string_equal(error.sentence, cases[i].sentence);
        assert_memory_equal(&cell, &none, sizeof cell);
    }
}

static void a_cell_gets_at_most_what_the_operator_allows(void **state)
{
    (void)state;
    struct error error;
    struct limits operator= with(LIMIT_WALL, 5000, 9000);
    struct limits cell = operator;
    assert_false(limit_line_parse(STR("wall=6s"), &operator, & cell, &error));
    assert_string_equal(error.sentence, "%limit wall=6s asks for more than the 5 s that "
                                        "limits.cell_wall_seconds allows");
    assert_true(limit_line_parse(STR("wall=5s"), &operator, & cell, &error));
    assert_int_equal(cell.of[LIMIT_WALL].soft, 5000);
    assert_int_equal(cell.of[LIMIT_WALL].hard, 9000);
    operator= with(LIMIT_MEMORY, 0, 100000000);
    cell = operator;
    assert_false(limit_line_parse(STR("memory=200MB"), &operator, & cell, &error));
    assert_string_equal(error.sentence, "%limit memory=200MB asks for more than the 100 MB that "
                                        "limits.session_memory_mb_hard allows");
}

/* ---- output ---- */

static void without_a_limit_everything_is_shown(void **state)
{
    (void)state;
    struct output_quota quota = {0};
    assert_str(output_quota_take_text(&quota, STR("anything")), STR("anything"));
    assert_true(output_quota_take_whole(&quota, UINT64_MAX));
    assert_int_equal(quota.left_out, 0);
}

static void text_is_shown_up_to_the_limit_and_counted_beyond_it(void **state)
{
    (void)state;
    struct output_quota quota = {.max = 10};
    assert_str(output_quota_take_text(&quota, STR("12345")), STR("12345"));
    assert_str(output_quota_take_text(&quota, STR("67890")), STR("67890"));
    assert_int_equal(quota.left_out, 0);
    assert_str(output_quota_take_text(&quota, STR("abc")), STR(""));
    assert_int_equal(quota.shown, 10);
    assert_int_equal(quota.left_out, 3);
}

static void text_is_cut_at_a_whole_code_point(void **state)
{
    (void)state;
    struct output_quota quota = {.max = 4};
    assert_str(output_quota_take_text(&quota, STR("a\xF0\x9D\x84\x9Ez")), STR("a"));
    assert_int_equal(quota.left_out, 5);
    /* There would be room for it, but then there was a hole. */
    assert_str(output_quota_take_text(&quota, STR("b")), STR(""));
    assert_int_equal(quota.left_out, 6);
}

static void a_display_is_shown_whole_or_not_at_all(void **state)
{
    (void)state;
    struct output_quota quota = {.max = 10};
    assert_true(output_quota_take_whole(&quota, 10));
    assert_false(output_quota_take_whole(&quota, 1));
    quota = (struct output_quota){.max = 10};
    assert_false(output_quota_take_whole(&quota, 11));
    assert_str(output_quota_take_text(&quota, STR("x")), STR(""));
    assert_int_equal(quota.shown, 0);
    assert_int_equal(quota.left_out, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_a_row_for_each_kind_with_names_of_its_own),
        cmocka_unit_test(use_up_to_the_limit_is_allowed),
        cmocka_unit_test(without_limits_nothing_is_exceeded),
        cmocka_unit_test(a_hard_limit_counts_before_any_soft_one),
        cmocka_unit_test(a_session_above_its_limit_may_run_cells_that_do_not_make_it_worse),
        cmocka_unit_test(time_of_earlier_cells_is_never_forgiven),
        cmocka_unit_test(output_is_cut_not_breached),
        cmocka_unit_test(the_lowest_of_soft_and_hard_is_what_is_allowed),
        cmocka_unit_test(amounts_are_written_for_people),
        cmocka_unit_test(a_breach_says_use_limit_and_setting),
        cmocka_unit_test(a_line_sets_what_it_names),
        cmocka_unit_test(a_line_may_set_several),
        cmocka_unit_test(a_bad_line_is_refused_with_what_was_expected),
        cmocka_unit_test(a_cell_gets_at_most_what_the_operator_allows),
        cmocka_unit_test(without_a_limit_everything_is_shown),
        cmocka_unit_test(text_is_shown_up_to_the_limit_and_counted_beyond_it),
        cmocka_unit_test(text_is_cut_at_a_whole_code_point),
        cmocka_unit_test(a_display_is_shown_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
