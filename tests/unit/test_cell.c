#include "kernel/cell.h"
#include "test.h"

static bool read_cell(const char *content, struct cell *cell)
{
    const struct request request = {.content = str_of(content)};
    return cell_read(&request, cell);
}

static void what_is_absent_has_the_defaults_of_the_specification(void **state)
{
    (void)state;
    struct cell cell;
    assert_true(read_cell("{\"code\":\"1+1\"}", &cell));
    assert_str(cell.code, STR("\"1+1\""));
    assert_false(cell.silent);
    assert_true(cell.stop_on_error);
    assert_true(cell.is_counted);
}

static void each_member_is_read(void **state)
{
    (void)state;
    struct cell cell;
    assert_true(
        read_cell("{\"stop_on_error\":false,\"store_history\":false,\"code\":\"\"}", &cell));
    assert_false(cell.stop_on_error);
    assert_false(cell.is_counted);
    assert_true(read_cell("{\"code\":\"\",\"silent\":true,\"store_history\":true}", &cell));
    assert_true(cell.silent);
    assert_false(cell.is_counted);
}

static void a_value_of_another_kind_says_nothing(void **state)
{
    (void)state;
    struct cell cell;
    assert_true(read_cell("{\"code\":\"\",\"silent\":1,\"stop_on_error\":null}", &cell));
    assert_false(cell.silent);
    assert_true(cell.stop_on_error);
}

static void keys_may_be_written_with_escapes_and_the_last_one_counts(void **state)
{
    (void)state;
    struct cell cell;
    assert_true(read_cell("{\"code\":\"a\",\"\\u0063ode\":\"b\",\"s\\u0069lent\":true}", &cell));
    assert_str(cell.code, STR("\"b\""));
    assert_true(cell.silent);
}

static void without_code_there_is_no_cell(void **state)
{
    (void)state;
    struct cell cell;
    assert_false(read_cell("{}", &cell));
    assert_false(read_cell("{\"code\":7}", &cell));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_absent_has_the_defaults_of_the_specification),
        cmocka_unit_test(each_member_is_read),
        cmocka_unit_test(a_value_of_another_kind_says_nothing),
        cmocka_unit_test(keys_may_be_written_with_escapes_and_the_last_one_counts),
        cmocka_unit_test(without_code_there_is_no_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
