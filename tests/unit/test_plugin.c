#include "worker/plugin.h"
#include "test.h"

/* ---- a table that is as it should be ---- */

static enum hilum_status load(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **session)
{
    (void)host, (void)settings, (void)setting_count, (void)session;
    return HILUM_OK;
}

static enum hilum_status compile(struct hilum_session *session, const struct hilum_source *source,
                                 struct hilum_unit **unit)
{
    (void)session, (void)source, (void)unit;
    return HILUM_OK;
}

static enum hilum_status run(struct hilum_session *session, struct hilum_unit *unit)
{
    (void)session, (void)unit;
    return HILUM_OK;
}

static void discard(struct hilum_session *session, struct hilum_unit *unit)
{
    (void)session, (void)unit;
}

static void unload(struct hilum_session *session)
{
    (void)session;
}

static void interrupt(struct hilum_session *session)
{
    (void)session;
}

static enum hilum_completeness is_complete(struct hilum_session *session, struct hilum_str code,
                                           struct hilum_str *indent)
{
    (void)session, (void)code, (void)indent;
    return HILUM_COMPLETE;
}

static const struct hilum_language language = {"test", "1", "text/plain", ".txt", NULL, NULL, NULL};

static struct hilum_evaluator good_table(void)
{
    return (struct hilum_evaluator){
        .abi_version = HILUM_ABI_VERSION,
        .struct_size = sizeof(struct hilum_evaluator),
        .name = "test",
        .version = "1",
        .display_name = "Test",
        .language = &language,
        .load = load,
        .compile = compile,
        .run = run,
        .discard = discard,
        .unload = unload,
        .interrupt = interrupt,
        .is_complete = is_complete,
    };
}

#define MANDATORY_SIZE offsetof(struct hilum_evaluator, options)

static void a_good_table_is_copied(void **state)
{
    (void)state;
    struct hilum_evaluator given = good_table(), taken;
    struct error error;
    assert_true(plugin_copy_table(&given, "test.so", &taken, &error));
    assert_memory_equal(&taken, &given, sizeof given);
}

/* An evaluator that was built when the table ended earlier. */
static void members_that_an_older_evaluator_does_not_have_are_absent(void **state)
{
    (void)state;
    struct hilum_evaluator given = good_table(), taken;
    struct error error;
    given.struct_size = MANDATORY_SIZE;
    memset((char *)&given + MANDATORY_SIZE, 0xFF, sizeof given - MANDATORY_SIZE);
    assert_true(plugin_copy_table(&given, "test.so", &taken, &error));
    assert_int_equal(taken.struct_size, MANDATORY_SIZE);
    assert_ptr_equal(taken.unload, unload);
    assert_null(taken.options);
    assert_null(taken.interrupt);
    assert_null(taken.is_complete);
}

/* An evaluator that knows members which this core does not. */
static void members_that_a_newer_evaluator_has_are_ignored(void **state)
{
    (void)state;
    struct {
        struct hilum_evaluator table;
        void *later;
    } given = {good_table(), &given};
    struct hilum_evaluator taken[2];
    struct error error;
    memset(taken, 0x55, sizeof taken);
    struct hilum_evaluator untouched = taken[1];
    given.table.struct_size = sizeof given;
    assert_true(plugin_copy_table(&given.table, "test.so", taken, &error));
    assert_int_equal(taken[0].struct_size, sizeof taken[0]);
    assert_ptr_equal(taken[0].is_complete, is_complete);
    assert_memory_equal(&taken[1], &untouched, sizeof untouched);
}

static void assert_refused(const struct hilum_evaluator *given, const char *sentence)
{
    struct hilum_evaluator taken;
    struct error error = {.sentence = ""};
    assert_false(plugin_copy_table(given, "test.so", &taken, &error));
    assert_string_equal(error.sentence, sentence);
}

static void another_abi_is_refused_with_both_versions_and_before_anything_else(void **state)
{
    (void)state;
    struct hilum_evaluator given = {.abi_version = HILUM_ABI_VERSION + 1};
    assert_refused(&given, "test.so speaks evaluator ABI 2, this Hilum speaks 1; rebuild the "
                           "evaluator against this version's <hilum/evaluator.h>");
}

static void a_table_without_its_mandatory_members_is_refused(void **state)
{
    (void)state;
    char sentence[200];
    for (uint32_t size = 0; size < MANDATORY_SIZE; size += 4) {
        struct hilum_evaluator given = good_table();
        given.struct_size = size;
        snprintf(sentence, sizeof sentence,
                 "test.so: its table has %u bytes, but the mandatory members take %zu; set "
                 "struct_size to sizeof(struct hilum_evaluator)",
                 size, MANDATORY_SIZE);
        assert_refused(&given, sentence);
    }
}

static void each_mandatory_member_is_missed_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t offset;
    } members[] = {
#define MEMBER(name) {#name, offsetof(struct hilum_evaluator, name)}
        MEMBER(name),    MEMBER(version), MEMBER(display_name), MEMBER(language), MEMBER(load),
        MEMBER(compile), MEMBER(run),     MEMBER(discard),      MEMBER(unload),
#undef MEMBER
    };
    for (size_t i = 0; i < COUNT(members); i++) {
        struct hilum_evaluator given = good_table();
        char sentence[100];
        memset((char *)&given + members[i].offset, 0, sizeof(void *));
        snprintf(sentence, sizeof sentence,
                 "test.so: the evaluator's table has no `%s`, which is mandatory", members[i].name);
        assert_refused(&given, sentence);
    }
}

static void each_mandatory_fact_of_the_language_is_missed_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"name", "version", "mimetype", "file_extension"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct hilum_language incomplete = language;
        struct hilum_evaluator given = good_table();
        char sentence[100];
        ((const char **)&incomplete)[i] = NULL;
        given.language = &incomplete;
        snprintf(sentence, sizeof sentence,
                 "test.so: the evaluator's table has no `language->%s`, which is mandatory",
                 names[i]);
        assert_refused(&given, sentence);
    }
}

static void no_table_is_refused(void **state)
{
    (void)state;
    assert_refused(NULL, "test.so: hilum_evaluator() returned no table");
}

static void what_cannot_be_loaded_is_explained(void **state)
{
    (void)state;
    struct hilum_evaluator taken;
    struct error error = {.sentence = ""};
    assert_false(plugin_open("/nonexistent/test.so", &taken, &error));
    assert_non_null(strstr(error.sentence, "cannot load the evaluator: /nonexistent/test.so"));
    assert_non_null(strstr(error.sentence, "ldd -r"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_table_is_copied),
        cmocka_unit_test(members_that_an_older_evaluator_does_not_have_are_absent),
        cmocka_unit_test(members_that_a_newer_evaluator_has_are_ignored),
        cmocka_unit_test(another_abi_is_refused_with_both_versions_and_before_anything_else),
        cmocka_unit_test(a_table_without_its_mandatory_members_is_refused),
        cmocka_unit_test(each_mandatory_member_is_missed_by_name),
        cmocka_unit_test(each_mandatory_fact_of_the_language_is_missed_by_name),
        cmocka_unit_test(no_table_is_refused),
        cmocka_unit_test(what_cannot_be_loaded_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
