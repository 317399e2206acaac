#include "worker/settings.h"
#include "test.h"

static const struct hilum_option options[] = {
    {"text", HILUM_OPTION_STRING, "default", "A text."},
    {"count", HILUM_OPTION_INTEGER, "7", "An integer."},
    {"ratio", HILUM_OPTION_NUMBER, "0.5", "A number."},
    {"flag", HILUM_OPTION_BOOLEAN, "true", "A truth."},
    {"optional", HILUM_OPTION_STRING, NULL, "A text without a default."},
    {"anything", HILUM_OPTION_JSON, NULL, "Any value."},
    {NULL, HILUM_OPTION_STRING, NULL, NULL},
};

static struct str value_of(const struct settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct hilum_setting *item = &settings->items[i];
        if (str_equal((struct str){item->key.data, item->key.size}, str_of(key)))
            return (struct str){item->value.data, item->value.size};
    }
    return STR("(absent)");
}

static struct settings read_settings(const char *object)
{
    struct settings settings;
    struct error error = {.sentence = ""};
    if (!settings_init(&settings, options, str_of(object), &error))
        fail_msg("%s", error.sentence);
    return settings;
}

static void without_a_section_the_defaults_hold(void **state)
{
    (void)state;
    struct settings settings = read_settings("{}");
    assert_int_equal(settings.count, 4);
    assert_str(value_of(&settings, "text"), STR("default"));
    assert_str(value_of(&settings, "count"), STR("7"));
    assert_str(value_of(&settings, "ratio"), STR("0.5"));
    assert_str(value_of(&settings, "flag"), STR("true"));
    assert_str(value_of(&settings, "optional"), STR("(absent)"));
    settings_fini(&settings);
}

static void what_the_section_sets_arrives_as_text(void **state)
{
    (void)state;
    struct settings settings =
        read_settings("{ \"optional\": \"\", \"flag\" : false, \"ratio\": -1.5e3, \"count\":-3,"
                      " \"text\":\"a\\n\\u20AC\\\"\" }");
    assert_int_equal(settings.count, 5);
    assert_str(value_of(&settings, "text"), STR("a\n\xE2\x82\xAC\""));
    assert_str(value_of(&settings, "count"), STR("-3"));
    assert_str(value_of(&settings, "ratio"), STR("-1.5e3"));
    assert_str(value_of(&settings, "flag"), STR("false"));
    assert_str(value_of(&settings, "optional"), STR(""));
    settings_fini(&settings);
}

static void json_options_arrive_as_they_are_written(void **state)
{
    (void)state;
    static const char *const values[] = {"[1, {\"a\": null}]", "\"\\n\"", "null", "{}"};
    for (size_t i = 0; i < COUNT(values); i++) {
        char object[64];
        snprintf(object, sizeof object, "{\"anything\": %s}", values[i]);
        struct settings settings = read_settings(object);
        assert_str(value_of(&settings, "anything"), str_of(values[i]));
        settings_fini(&settings);
    }
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *object, *sentence;
    } cases[] = {
        {"{\"txet\":\"a\"}", "the evaluator has no option \"txet\" (`hilum config` lists them)"},
        {"{\"text\":1}", "option \"text\" must be a string, got 1"},
        {"{\"text\":null}", "option \"text\" must be a string, got null"},
        {"{\"count\":1.5}", "option \"count\" must be an integer, got 1.5"},
        {"{\"count\":\"1\"}", "option \"count\" must be an integer, got \"1\""},
        {"{\"count\":9223372036854775808}",
         "option \"count\" must be an integer, got 9223372036854775808"},
        {"{\"ratio\":\"x\"}", "option \"ratio\" must be a number, got \"x\""},
        {"{\"ratio\":[1]}", "option \"ratio\" must be a number, got [1]"},
        {"{\"flag\":1}", "option \"flag\" must be true or false, got 1"},
        {"{\"flag\":\"true\"}", "option \"flag\" must be true or false, got \"true\""},
        {"{\"text\":\"fine\",\"flag\":{}}", "option \"flag\" must be true or false, got {}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct settings settings;
        struct error error = {.sentence = ""};
        assert_false(settings_init(&settings, options, str_of(cases[i].object), &error));
        assert_string_equal(error.sentence, cases[i].sentence);
    }
}

static void an_evaluator_without_options_takes_none(void **state)
{
    (void)state;
    struct settings settings;
    struct error error = {.sentence = ""};
    assert_true(settings_init(&settings, NULL, STR("{}"), &error));
    assert_int_equal(settings.count, 0);
    settings_fini(&settings);
    assert_false(settings_init(&settings, NULL, STR("{\"a\":1}"), &error));
    assert_non_null(strstr(error.sentence, "no option \"a\""));
}

/* All values together may be no bytes at all: then there is no text to point into. */
static void a_setting_may_be_empty(void **state)
{
    (void)state;
    static const struct hilum_option one[] = {
        {"text", HILUM_OPTION_STRING, "", "Empty unless set."},
        {NULL, HILUM_OPTION_STRING, NULL, NULL},
    };
    static const char *const objects[] = {"{}", "{\"text\":\"\"}"};
    for (size_t i = 0; i < COUNT(objects); i++) {
        struct settings settings;
        struct error error = {.sentence = ""};
        assert_true(settings_init(&settings, one, str_of(objects[i]), &error));
        assert_int_equal(settings.count, 1);
        assert_str(value_of(&settings, "text"), STR(""));
        settings_fini(&settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_section_the_defaults_hold),
        cmocka_unit_test(what_the_section_sets_arrives_as_text),
        cmocka_unit_test(json_options_arrive_as_they_are_written),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(an_evaluator_without_options_takes_none),
        cmocka_unit_test(a_setting_may_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
