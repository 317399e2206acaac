#include "kernel/trail.h"
#include "test.h"

static void requests_are_found_by_number_until_later_ones_take_their_place(void **state)
{
    (void)state;
    struct trail trail = {0};
    trail_add(&trail, 1, STR("first"));
    assert_str(trail_find(&trail, 1), STR("first"));
    for (int64_t i = 2; i <= TRAIL_LENGTH; i++)
        trail_add(&trail, i, STR("x"));
    assert_str(trail_find(&trail, 1), STR("first"));
    trail_add(&trail, TRAIL_LENGTH + 1, STR("later"));
    assert_str(trail_find(&trail, 1), STR(""));
    assert_str(trail_find(&trail, TRAIL_LENGTH + 1), STR("later"));
}

static void what_a_worker_invents_is_not_found(void **state)
{
    (void)state;
    struct trail trail = {0};
    trail_add(&trail, 5, STR("five"));
    assert_str(trail_find(&trail, 0), STR(""));
    assert_str(trail_find(&trail, -27), STR(""));
    assert_str(trail_find(&trail, 5 + TRAIL_LENGTH), STR(""));
    assert_str(trail_find(&trail, INT64_MIN), STR(""));
    assert_str(trail_find(&trail, INT64_MAX), STR(""));
}

static void a_long_id_is_cut(void **state)
{
    (void)state;
    char id[TRAIL_ID_MAX + 10];
    struct trail trail = {0};
    memset(id, 'a', sizeof id);
    trail_add(&trail, 1, (struct str){id, sizeof id});
    assert_int_equal(trail_find(&trail, 1).size, TRAIL_ID_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_found_by_number_until_later_ones_take_their_place),
        cmocka_unit_test(what_a_worker_invents_is_not_found),
        cmocka_unit_test(a_long_id_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
