#include "guard/limits.h"
#include "protocol/wire.h"
#include "telemetry/exposition.h"
#include "test.h"

static struct buffer page(const struct metrics *metrics, enum exposition exposition)
{
    struct buffer out = {0};
    exposition_write(metrics, exposition, &out);
    buffer_append_byte(&out, '\0');
    assert_false(out.failed);
    return out;
}

static void assert_has(const struct buffer *text, const char *line)
{
    if (!strstr(text->data, line))
        fail_msg("\"%s\" is not in:\n%s", line, text->data);
}

static void each_family_has_a_name_and_a_sentence_of_its_own(void **state)
{
    (void)state;
    for (const struct metrics_family *a = metrics_families; a->name; a++) {
        assert_int_equal(strncmp(a->name, "hilum_", 6), 0);
        assert_null(strstr(a->name, "_total"));
        assert_int_equal(a->help[strlen(a->help) - 1], '.');
        for (const struct metrics_family *b = metrics_families; b < a; b++) {
            assert_string_not_equal(a->name, b->name);
            assert_true(a->offset != b->offset);
        }
    }
}

static void bounds_grow(void **state)
{
    (void)state;
    for (size_t i = 1; i < METRICS_BUCKETS; i++)
        assert_true(metrics_bounds[i - 1] < metrics_bounds[i]);
}

static void an_observation_counts_in_its_bucket_and_all_above(void **state)
{
    (void)state;
    struct metrics metrics = {.build = "version=\"1\""};
    metrics_observe(&metrics.run, 100);
    metrics_observe(&metrics.run, 101);
    metrics_observe(&metrics.run, INT64_C(700000000));
    metrics_observe(&metrics.run, -5);
    struct buffer text = page(&metrics, EXPOSITION_PROMETHEUS);
    assert_has(&text, "\nhilum_execute_run_seconds_bucket{le=\"0.00005\"} 1\n");
    assert_has(&text, "\nhilum_execute_run_seconds_bucket{le=\"0.0001\"} 2\n");
    assert_has(&text, "\nhilum_execute_run_seconds_bucket{le=\"0.00025\"} 3\n");
    assert_has(&text, "\nhilum_execute_run_seconds_bucket{le=\"600.0\"} 3\n");
    assert_has(&text, "\nhilum_execute_run_seconds_bucket{le=\"+Inf\"} 4\n");
    assert_has(&text, "\nhilum_execute_run_seconds_sum 700.000201\n");
    assert_has(&text, "\nhilum_execute_run_seconds_count 4\n");
    buffer_fini(&text);
}

static void requests_are_counted_by_type_and_status(void **state)
{
    (void)state;
    struct metrics metrics = {.build = ""};
    metrics_count_request(&metrics, STR("execute_request"), METRICS_ABORTED);
    metrics_count_request(&metrics, STR("history_request"), METRICS_OK);
    metrics_count_request(&metrics, STR("no such type"), METRICS_IGNORED);
    struct buffer text = page(&metrics, EXPOSITION_PROMETHEUS);
    assert_has(&text, "{type=\"execute_request\",status=\"aborted\"} 1\n");
    assert_has(&text, "{type=\"execute_request\",status=\"ok\"} 0\n");
    assert_has(&text, "{type=\"history_request\",status=\"ok\"} 1\n");
    assert_has(&text, "{type=\"other\",status=\"ignored\"} 1\n");
    assert_null(strstr(text.data, "comm_open"));
    buffer_fini(&text);
}

static void only_output_counts_as_output(void **state)
{
    (void)state;
    struct metrics metrics = {.build = ""};
    assert_true(metrics_count_output(&metrics, STR("stream"), 10));
    assert_true(metrics_count_output(&metrics, STR("stream"), 5));
    assert_false(metrics_count_output(&metrics, STR("status"), 5));
    struct buffer text = page(&metrics, EXPOSITION_PROMETHEUS);
    assert_has(&text, "hilum_output_messages_total{type=\"stream\"} 2\n");
    assert_has(&text, "hilum_output_bytes_total{type=\"stream\"} 15\n");
    buffer_fini(&text);
}

static void the_two_formats_name_families_as_their_specifications_want(void **state)
{
    (void)state;
    struct metrics metrics = {.build = "version=\"1\"", .uptime_us = 1500000};
    struct buffer old = page(&metrics, EXPOSITION_PROMETHEUS);
    struct buffer open = page(&metrics, EXPOSITION_OPENMETRICS);
    assert_has(&old, "# TYPE hilum_requests_total counter\n");
    assert_has(&open, "# TYPE hilum_requests counter\n");
    assert_has(&old, "# TYPE hilum_build_info gauge\nhilum_build_info{version=\"1\"} 1\n");
    assert_has(&open, "# TYPE hilum_build info\nhilum_build_info{version=\"1\"} 1\n");
    assert_has(&open, "\nhilum_uptime_seconds 1.5\n");
    assert_null(strstr(old.data, "# EOF"));
    assert_string_equal(open.data + open.size - 7, "# EOF\n");
    buffer_fini(&old);
    buffer_fini(&open);
}

static void accept_chooses(void **state)
{
    (void)state;
    assert_int_equal(exposition_choose(NULL), EXPOSITION_PROMETHEUS);
    assert_int_equal(exposition_choose("*/*"), EXPOSITION_PROMETHEUS);
    assert_int_equal(exposition_choose("application/openmetrics-text;version=1.0.0,*/*;q=0.1"),
                     EXPOSITION_OPENMETRICS);
}

/* The metrics know nothing of limits and of the wire, and still have to name them. */
static void limits_and_faults_have_the_names_that_they_have_elsewhere(void **state)
{
    (void)state;
    const struct metrics_family *family = metrics_families;
    while (strcmp(family->name, "hilum_bad_messages") != 0)
        family++;
    assert_int_equal(family->labels[0].count, WIRE_FAULTS - 1);
    for (int fault = WIRE_FINE + 1; fault < WIRE_FAULTS; fault++)
        assert_string_equal(family->labels[0].values[fault - 1],
                            wire_fault_name((enum wire_fault)fault));
    family = metrics_families;
    while (strcmp(family->name, "hilum_limits_exceeded") != 0)
        family++;
    for (int kind = 0; kind < METRICS_LIMITS; kind++)
        assert_non_null(strstr(family->labels[0].values[kind], limits_table[kind].word));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family_has_a_name_and_a_sentence_of_its_own),
        cmocka_unit_test(bounds_grow),
        cmocka_unit_test(an_observation_counts_in_its_bucket_and_all_above),
        cmocka_unit_test(requests_are_counted_by_type_and_status),
        cmocka_unit_test(only_output_counts_as_output),
        cmocka_unit_test(the_two_formats_name_families_as_their_specifications_want),
        cmocka_unit_test(accept_chooses),
        cmocka_unit_test(limits_and_faults_have_the_names_that_they_have_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
