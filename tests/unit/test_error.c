#include "base/error.h"
#include "test.h"

#include <errno.h>

static void an_error_is_a_sentence_and_a_false(void **state)
{
    (void)state;
    struct error error;
    assert_false(error_set(&error, "no %s in line %d", "key", 3));
    assert_string_equal(error.sentence, "no key in line 3");
}

static void an_error_with_errno_says_what_the_system_said(void **state)
{
    (void)state;
    struct error error;
    errno = ENOENT;
    assert_false(error_set_errno(&error, "cannot open %s", "a.json"));
    assert_string_equal(error.sentence, "cannot open a.json: No such file or directory");
}

static void outer_layers_stand_before_the_cause(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, "the cause");
    assert_false(error_prefix(&error, "in line %d", 12));
    assert_false(error_prefix(&error, "loading"));
    assert_string_equal(error.sentence, "loading: in line 12: the cause");
}

static void long_sentences_are_cut_and_the_cause_survives(void **state)
{
    (void)state;
    char text[4000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct error error;
    error_set(&error, "%s", text);
    assert_int_equal(strlen(error.sentence), sizeof error.sentence - 1);
    errno = EACCES;
    error_set_errno(&error, "%s", text);
    assert_non_null(strstr(error.sentence, ": Permission denied"));
    error_set(&error, "the cause");
    error_prefix(&error, "%s", text);
    assert_non_null(strstr(error.sentence, ": the cause"));
}

static void nobody_has_to_want_the_sentence(void **state)
{
    (void)state;
    assert_false(error_set(NULL, "x"));
    assert_false(error_set_errno(NULL, "x"));
    assert_false(error_prefix(NULL, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_a_sentence_and_a_false),
        cmocka_unit_test(an_error_with_errno_says_what_the_system_said),
        cmocka_unit_test(outer_layers_stand_before_the_cause),
        cmocka_unit_test(long_sentences_are_cut_and_the_cause_survives),
        cmocka_unit_test(nobody_has_to_want_the_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
