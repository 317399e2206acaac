#include "config/config.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a folder of our own, so that nobody's configuration is read ---- */

static char folder[] = "/tmp/hilum-config-test.XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    unsetenv("HILUM_CONFIG");
    unsetenv("HILUM_EVALUATOR");
    unsetenv("HILUM_LOG_LEVEL");
    return mkdtemp(folder) && chdir(folder) == 0 && setenv("XDG_CONFIG_HOME", folder, 1) == 0 &&
                   mkdir("hilum", 0700) == 0
               ? 0
               : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    static const char *const files[] = {"a.json", "b.json", "hilum/hilum.json", "hilum"};
    for (size_t i = 0; i < COUNT(files); i++)
        remove(files[i]);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct config *loaded(const struct config_overrides *overrides)
{
    struct error error = {.sentence = ""};
    static const struct config_overrides none;
    struct config *config = config_load(overrides ? overrides : &none, &error);
    if (!config)
        fail_msg("%s", error.sentence);
    return config;
}

static void without_a_file_the_defaults_hold(void **state)
{
    (void)state;
    remove("hilum/hilum.json");
    struct config *config = loaded(NULL);
    assert_string_equal(config_evaluator(config), "lua");
    assert_null(config_library(config));
    assert_str(config_settings(config), STR("{}"));
    assert_int_equal(config_log_level(config), LOG_LEVEL_WARNING);
    assert_int_equal(config_queue_max(config), 10000);
    assert_int_equal(config_interrupt_grace_ms(config), 2000);
    config_free(config);
}

static void a_file_changes_what_it_names(void **state)
{
    (void)state;
    write_file("a.json", "{\"evaluator\": \"echo\", \"log\": {\"level\": \"debug\"},"
                         " \"queue\": {\"max_requests\": 7},"
                         " \"interrupt\": {\"grace_seconds\": 0.25},"
                         " \"evaluators\": {\"echo\": {\"library\": \"x/echo.so\","
                         " \"options\": {\"delay\": 1}}, \"lua\": {}}}");
    struct config *config = loaded(&(struct config_overrides){.file = "a.json"});
    assert_string_equal(config_file(config), "a.json");
    assert_string_equal(config_evaluator(config), "echo");
    assert_str(config_settings(config), STR("{\"delay\": 1}"));
    assert_int_equal(config_log_level(config), LOG_LEVEL_DEBUG);
    assert_int_equal(config_queue_max(config), 7);
    assert_int_equal(config_interrupt_grace_ms(config), 250);
    char library[256];
    snprintf(library, sizeof library, "%s/x/echo.so", folder);
    assert_string_equal(config_library(config), library);
    config_free(config);
}

static void the_command_line_beats_the_environment_beats_the_file(void **state)
{
    (void)state;
    write_file("a.json", "{\"evaluator\": \"from-file\", \"log\": {\"level\": \"error\"}}");
    struct config_overrides overrides = {.file = "a.json"};
    struct config *config = loaded(&overrides);
    assert_string_equal(config_evaluator(config), "from-file");
    config_free(config);
    setenv("HILUM_EVALUATOR", "from-environment", 1);
    setenv("HILUM_LOG_LEVEL", "info", 1);
    config = loaded(&overrides);
    assert_string_equal(config_evaluator(config), "from-environment");
    assert_int_equal(config_log_level(config), LOG_LEVEL_INFO);
    config_free(config);
    overrides.evaluator = "from-command-line";
    config = loaded(&overrides);
    assert_string_equal(config_evaluator(config), "from-command-line");
    config_free(config);
    unsetenv("HILUM_EVALUATOR");
    unsetenv("HILUM_LOG_LEVEL");
}

static void files_are_searched_in_order(void **state)
{
    (void)state;
    write_file("a.json", "{\"evaluator\": \"named\"}");
    write_file("b.json", "{\"evaluator\": \"environment\"}");
    write_file("hilum/hilum.json", "{\"evaluator\": \"user\"}");
    struct config *config = loaded(NULL);
    assert_string_equal(config_evaluator(config), "user");
    config_free(config);
    setenv("HILUM_CONFIG", "b.json", 1);
    config = loaded(NULL);
    assert_string_equal(config_evaluator(config), "environment");
    config_free(config);
    config = loaded(&(struct config_overrides){.file = "a.json"});
    assert_string_equal(config_evaluator(config), "named");
    config_free(config);
    unsetenv("HILUM_CONFIG");
    remove("hilum/hilum.json");
}

static void a_file_that_was_named_must_exist(void **state)
{
    (void)state;
    struct error error = {.sentence = ""};
    assert_null(config_load(&(struct config_overrides){.file = "absent.json"}, &error));
    assert_string_equal(error.sentence,
                        "--config: cannot read absent.json: No such file or directory");
    setenv("HILUM_CONFIG", "absent.json", 1);
    assert_null(config_load(&(struct config_overrides){0}, &error));
    assert_string_equal(error.sentence,
                        "HILUM_CONFIG: cannot read absent.json: No such file or directory");
    unsetenv("HILUM_CONFIG");
}

static void the_environment_is_checked_as_the_file_is(void **state)
{
    (void)state;
    struct error error = {.sentence = ""};
    setenv("HILUM_LOG_LEVEL", "loud", 1);
    assert_null(config_load(&(struct config_overrides){0}, &error));
    assert_string_equal(error.sentence, "HILUM_LOG_LEVEL is \"loud\"; expected one of \"error\", "
                                        "\"warning\", \"info\", \"debug\"");
    unsetenv("HILUM_LOG_LEVEL");
}

static void every_setting_is_described_with_its_origin(void **state)
{
    (void)state;
    write_file("a.json", "{\n  \"queue\": {\n    \"max_requests\": 5\n  }\n}\n");
    struct config *config =
        loaded(&(struct config_overrides){.file = "a.json", .evaluator = "echo"});
    struct buffer out = {0};
    config_describe(config, &out);
    buffer_append_byte(&out, '\0');
    assert_non_null(strstr(out.data, "log.level"));
    assert_non_null(strstr(out.data, "default"));
    assert_non_null(strstr(out.data, "a.json:3"));
    assert_non_null(strstr(out.data, "command line"));
    buffer_fini(&out);
    config_free(config);
}

/* ---- bad inputs: tests/unit/config-bad/NAME.json and the error, NAME.expected ---- */

static char *read_text(const char *path)
{
    static char text[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("cannot read %s: %s", path, strerror(errno));
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    assert_true(size >= 0);
    text[size] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void the_bad_file_is_refused_as_expected(void **state)
{
    const char *name = *state;
    char input[256], expected[256];
    snprintf(input, sizeof input, "%s.json", name);
    snprintf(expected, sizeof expected, "%s.expected", name);
    struct error error = {.sentence = ""};
    struct config *config = config_load(&(struct config_overrides){.file = input}, &error);
    if (config) {
        config_free(config);
        fail_msg("accepted: %s", input);
    }
    assert_string_equal(error.sentence, read_text(expected));
}

static int enter_bad_inputs(void **state)
{
    (void)state;
    unsetenv("HILUM_CONFIG");
    return chdir(getenv("SRCDIR")) == 0 && chdir("tests/unit/config-bad") == 0 ? 0 : -1;
}

static int is_input(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

/* One test for each file, under the file's name. */
static int run_bad_inputs(void)
{
    char path[1024];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s/tests/unit/config-bad", getenv("SRCDIR"));
    int count = scandir(path, &entries, is_input, alphasort);
    if (count <= 0) {
        print_error("no inputs in %s\n", path);
        return 1;
    }
    struct CMUnitTest *tests = calloc((size_t)count, sizeof *tests);
    for (int i = 0; tests && i < count; i++) {
        char *name = entries[i]->d_name;
        name[strlen(name) - 5] = '\0';
        tests[i] = (struct CMUnitTest){
            .name = name, .test_func = the_bad_file_is_refused_as_expected, .initial_state = name};
    }
    int status =
        tests ? _cmocka_run_group_tests("bad inputs", tests, (size_t)count, enter_bad_inputs, NULL)
              : 1;
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(tests);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_the_defaults_hold),
        cmocka_unit_test(a_file_changes_what_it_names),
        cmocka_unit_test(the_command_line_beats_the_environment_beats_the_file),
        cmocka_unit_test(files_are_searched_in_order),
        cmocka_unit_test(a_file_that_was_named_must_exist),
        cmocka_unit_test(the_environment_is_checked_as_the_file_is),
        cmocka_unit_test(every_setting_is_described_with_its_origin),
    };
    if (!getenv("SRCDIR"))
        setenv("SRCDIR", ".", 1);
    char *top = realpath(getenv("SRCDIR"), NULL);
    setenv("SRCDIR", top ? top : ".", 1);
    free(top);
    int failed = cmocka_run_group_tests(tests, enter_folder, leave_folder);
    return failed + run_bad_inputs();
}
