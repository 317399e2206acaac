#include "protocol/date.h"

#include "test.h"

static int64_t parsed(const char *text)
{
    int64_t value = -1;
    assert_true(date_parse(str_of(text), &value));
    return value;
}

static void dates_of_all_clients_are_read(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00.000000Z"), 0);
    assert_int_equal(parsed("1970-01-01T00:00:01.5000007Z"), 1500000);
    assert_int_equal(parsed("2026-11-24T01:28:20.070860Z"), 1795483700070860);
    assert_int_equal(parsed("2026-11-24T01:28:20.070860+00:00"), 1795483700070860);
    assert_int_equal(parsed("2026-11-24T02:58:20.070860+01:30"), 1795483700070860);
    assert_int_equal(parsed("2026-11-23T20:28:20.070860-0500"), 1795483700070860);
    assert_int_equal(parsed("2026-11-24 01:28:20.070860"), 1795483700070860);
}

static void missing_digits_mean_the_last_instant(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00.123Z"), 123999);
    assert_int_equal(parsed("1970-01-01T00:00:00Z"), 999999);
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-11-24",
                                      "2026-11-24T01:28",
                                      "2026-11-24T01:28:20.1Zx",
                                      "2026-11-24T01:28:20+1",
                                      "2026-1-24T01:28:20Z",
                                      "x026-11-24T01:28:20Z",
                                      "2026-11-24T01:28:20.070860Z "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value;
        assert_false(date_parse(str_of(bad[i]), &value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_of_all_clients_are_read),
        cmocka_unit_test(missing_digits_mean_the_last_instant),
        cmocka_unit_test(what_is_no_date_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
