#include "base/library.h"
#include "test.h"

#include <math.h>

#define FUNCTIONS(X) X(floor) X(hypot)

struct functions {
    FUNCTIONS(LIBRARY_MEMBER)
};

static const char *const names[] = {FUNCTIONS(LIBRARY_NAME)};

static void each_function_is_found_by_its_name(void **state)
{
    struct functions call;
    struct error error;
    (void)state;
    assert_true(library_load("libm.so.6", names, 2, &call, &error));
    assert_true(call.floor(2.5) == 2);
    assert_true(call.hypot(3, 4) == 5);
}

static void a_library_that_is_not_there_is_named(void **state)
{
    struct functions call;
    struct error error;
    (void)state;
    assert_false(library_load("libmissing.so.7", names, 2, &call, &error));
    assert_non_null(strstr(error.sentence, "libmissing.so.7"));
}

static void a_function_that_is_not_there_is_named_with_its_library(void **state)
{
    static const char *const wanted[] = {"floor", "hypotenuse"};
    struct functions call;
    struct error error;
    (void)state;
    assert_false(library_load("libm.so.6", wanted, 2, &call, &error));
    assert_string_equal(error.sentence, "libm.so.6 has no hypotenuse");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_function_is_found_by_its_name),
        cmocka_unit_test(a_library_that_is_not_there_is_named),
        cmocka_unit_test(a_function_that_is_not_there_is_named_with_its_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
