#include "base/suggest.h"
#include "test.h"

static void assert_suggests(const char *unknown, const char *want)
{
    static const char *const known[] = {"evaluator", "log", "queue", "interrupt"};
    struct suggestion suggestion = {.unknown = str_of(unknown)};
    struct buffer out = {0};
    for (size_t i = 0; i < COUNT(known); i++)
        suggestion_offer(&suggestion, str_of(known[i]));
    suggestion_write(&suggestion, &out);
    assert_str(buffer_str(&out), str_of(want));
    suggestion_fini(&suggestion);
    buffer_fini(&out);
}

static void a_mistyped_word_brings_the_nearest_one(void **state)
{
    (void)state;
    assert_suggests("evaluater", "; did you mean \"evaluator\"?");
    assert_suggests("lgo", "; did you mean \"log\"?");
    assert_suggests("logs", "; did you mean \"log\"?");
    assert_suggests("interupt", "; did you mean \"interrupt\"?");
    assert_suggests("Queue", "; did you mean \"queue\"?");
}

static void a_strange_word_brings_all_that_are_known(void **state)
{
    (void)state;
    static const char all[] = "; expected one of \"evaluator\", \"log\", \"queue\", \"interrupt\"";
    char longer[100];
    memset(longer, 'e', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_suggests("colour", all);
    assert_suggests("", all);
    assert_suggests(longer, all);
}

static void without_known_words_nothing_is_said(void **state)
{
    (void)state;
    struct suggestion suggestion = {.unknown = STR("x")};
    struct buffer out = {0};
    suggestion_write(&suggestion, &out);
    assert_int_equal(out.size, 0);
    suggestion_fini(&suggestion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistyped_word_brings_the_nearest_one),
        cmocka_unit_test(a_strange_word_brings_all_that_are_known),
        cmocka_unit_test(without_known_words_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
