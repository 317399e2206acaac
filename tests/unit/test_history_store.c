#include "history.h"
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void add(struct history_store *store, int64_t line, const char *const *sources)
{
    struct error error = {.sentence = ""};
    if (history_add_lines(store, line, sources, &error) != STORE_DONE)
        fail_msg("%s", error.sentence);
}

static int64_t number(struct history_store *store)
{
    struct error error;
    int64_t session = 0;
    assert_int_equal(history_store_number(store, &session, &error), STORE_DONE);
    return session;
}

/* The sentence of an open that has to give `expected`. */
static const char *refusal(const char *path, enum store_result expected)
{
    static struct error error;
    struct history_store *store = NULL;
    error = (struct error){.sentence = ""};
    assert_int_equal(history_store_open(&store, path, "lua", 0, &error), expected);
    assert_null(store);
    return error.sentence;
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void a_new_file_and_its_folders_are_for_their_owner_only(void **state)
{
    (void)state;
    struct stat status;
    struct history_store *store = history_opened("a/b/h.sqlite", "lua");
    add(store, 1, LINES("x"));
    static const char *const files[] = {"a/b/h.sqlite", "a/b/h.sqlite-wal", "a/b/h.sqlite-shm"};
    for (size_t i = 0; i < COUNT(files); i++) {
        assert_int_equal(stat(files[i], &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
    }
    assert_int_equal(stat("a/b", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    history_store_close(store);
    assert_int_equal(access("a/b/h.sqlite-wal", F_OK), -1);
}

static void nothing_is_in_a_new_history(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    struct error error;
    int64_t value = 7;
    assert_string_equal(history_all(store), "");
    assert_int_equal(number(store), 1);
    assert_int_equal(history_store_earlier(store, 1, 1, &value, &error), STORE_DONE);
    assert_int_equal(value, 0);
    assert_int_equal(history_store_last_line(store, 1, &value, &error), STORE_DONE);
    assert_int_equal(value, 0);
    history_store_close(store);
    assert_int_equal(history_query("h", "SELECT count(*) FROM sessions"), 0);
}

static void sessions_are_numbered_from_1_when_they_have_a_line(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua"), *idle = history_opened("h", "lua");
    add(store, 1, LINES("a", "b"));
    assert_int_equal(number(store), 1);
    assert_int_equal(number(idle), 2);
    history_store_close(store);
    history_store_close(idle);
    store = history_opened("h", "lua");
    add(store, 1, LINES("c"));
    add(store, 2, LINES("d"));
    assert_int_equal(number(store), 2);
    assert_string_equal(history_all(store), "2:2:d;2:1:c;1:2:b;1:1:a;");
    history_store_close(store);
    assert_int_equal(history_query("h", "SELECT count(*) FROM sessions"), 2);
}

static void a_session_is_described(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    add(store, 1, LINES("a", "b"));
    assert_int_equal(history_query("h", "SELECT end IS NULL AND num_cmds IS NULL AND "
                                        "start = '2020-01-01T00:00:00Z' FROM sessions"),
                     1);
    history_store_close(store);
    assert_int_equal(history_query("h", "SELECT end > '2020' AND num_cmds = 2 AND "
                                        "evaluator = 'lua' FROM sessions"),
                     1);
}

static void a_line_that_is_added_again_is_replaced(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    struct error error;
    add(store, 1, LINES("a"));
    const struct history_row row = {.line = 1, .source = STR("a"), .output = STR("")};
    assert_int_equal(history_store_add(store, &row, 1, &error), STORE_DONE);
    assert_string_equal(history_all(store), "1:1:a;");
    history_store_close(store);
    assert_int_equal(history_query("h", "SELECT output = '' FROM history"), 1);
}

static bool expect_texts(void *context, const struct history_row *row)
{
    const struct history_row *expected = context;
    assert_str(row->source, expected->source);
    assert_str(row->output, expected->output);
    assert_int_equal(!row->output.data, !expected->output.data);
    return true;
}

static void texts_come_back_byte_for_byte(void **state)
{
    (void)state;
    static const struct history_row rows[] = {
        {0, 1, STR("a\0b"), {NULL, 0}},
        {0, 2, {NULL, 0}, STR("")},
        {0, 3, STR("\xF0\x9D\x84\x9E\n"), STR("\0")},
        {0, 4, STR("'); DROP TABLE history; --"), STR("x")},
    };
    struct history_store *store = history_opened("h", "lua");
    struct error error;
    assert_int_equal(history_store_add(store, rows, COUNT(rows), &error), STORE_DONE);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(history_store_read_session(store, 1, rows[i].line, rows[i].line + 1,
                                                    expect_texts, (void *)&rows[i], &error),
                         STORE_DONE);
    history_store_close(store);
}

static bool append_source(void *context, const struct history_row *row)
{
    buffer_append(context, row->source);
    return true;
}

static void ranges_leave_their_stop_out(void **state)
{
    (void)state;
    static const struct {
        int64_t session, start, stop;
        const char *sources;
    } cases[] = {
        {1, 1, 4, "cba"}, {1, 2, 3, "b"},         {1, INT64_MIN, INT64_MAX, "cba"},
        {1, 3, 3, ""},    {1, 3, INT64_MAX, "c"}, {2, 1, 4, ""},
        {0, 1, 4, ""},    {-1, 1, 4, ""},
    };
    struct history_store *store = history_opened("h", "lua");
    add(store, 1, LINES("a", "b", "c"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer got = {0};
        struct error error;
        assert_int_equal(history_store_read_session(store, cases[i].session, cases[i].start,
                                                    cases[i].stop, append_source, &got, &error),
                         STORE_DONE);
        assert_str(buffer_str(&got), str_of(cases[i].sources));
        buffer_fini(&got);
    }
    history_store_close(store);
}

static bool stop_at_b(void *context, const struct history_row *row)
{
    buffer_append(context, row->source);
    return !str_equal(row->source, STR("b"));
}

static void a_visitor_can_end_the_reading(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    struct buffer got = {0};
    struct error error;
    add(store, 1, LINES("a", "b", "c"));
    assert_int_equal(history_store_read_all(store, 0, 0, stop_at_b, &got, &error), STORE_DONE);
    assert_int_equal(history_store_read_all(store, 0, 0, stop_at_b, &got, &error), STORE_DONE);
    assert_str(buffer_str(&got), STR("cbcb"));
    buffer_fini(&got);
    history_store_close(store);
}

static void the_lines_that_memory_has_are_left_out(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    add(store, 1, LINES("a"));
    history_store_close(store);
    store = history_opened("h", "lua");
    struct buffer got = {0};
    struct error error;
    add(store, 1, LINES("b", "c", "d"));
    assert_int_equal(history_store_read_all(store, 2, 3, append_source, &got, &error), STORE_DONE);
    assert_str(buffer_str(&got), STR("cba"));
    buffer_fini(&got);
    history_store_close(store);
}

static void evaluators_see_their_own_sessions_only(void **state)
{
    (void)state;
    struct history_store *lua = history_opened("h", "lua"), *echo = history_opened("h", "echo");
    struct error error;
    int64_t value;
    add(lua, 1, LINES("a"));
    add(echo, 1, LINES("b", "c"));
    assert_string_equal(history_all(lua), "1:1:a;");
    assert_string_equal(history_all(echo), "2:2:c;2:1:b;");
    struct buffer got = {0};
    assert_int_equal(history_store_read_session(lua, 2, 0, 9, append_source, &got, &error),
                     STORE_DONE);
    assert_int_equal(got.size, 0);
    assert_int_equal(history_store_last_line(lua, 2, &value, &error), STORE_DONE);
    assert_int_equal(value, 0);
    assert_int_equal(history_store_last_line(echo, 2, &value, &error), STORE_DONE);
    assert_int_equal(value, 2);
    history_store_close(lua);
    history_store_close(echo);
}

static void earlier_sessions_are_counted_back_within_the_evaluator(void **state)
{
    (void)state;
    static const char *const evaluators[] = {"lua", "echo", "lua", "echo", "lua"};
    static const struct {
        int64_t from, back, found;
    } cases[] = {{5, 1, 3}, {5, 2, 1}, {5, 3, 0}, {6, 1, 5}, {1, 1, 0}, {5, INT64_MAX, 0}};
    for (size_t i = 0; i < COUNT(evaluators); i++) {
        struct history_store *store = history_opened("h", evaluators[i]);
        add(store, 1, LINES("x"));
        history_store_close(store);
    }
    struct history_store *store = history_opened("h", "lua");
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t found = -1;
        struct error error;
        assert_int_equal(history_store_earlier(store, cases[i].from, cases[i].back, &found, &error),
                         STORE_DONE);
        assert_int_equal(found, cases[i].found);
    }
    history_store_close(store);
}

static void two_stores_at_once_get_different_sessions(void **state)
{
    (void)state;
    struct history_store *a = history_opened("h", "lua"), *b = history_opened("h", "lua");
    for (int64_t line = 1; line <= 3; line++) {
        add(a, line, LINES("a"));
        add(b, line, LINES("b"));
    }
    assert_int_equal(number(a), 1);
    assert_int_equal(number(b), 2);
    assert_string_equal(history_all(a), "2:3:b;2:2:b;2:1:b;1:3:a;1:2:a;1:1:a;");
    history_store_close(a);
    add(b, 4, LINES("b"));
    history_store_close(b);
}

/* A kernel of its own: opens a file that may not be there yet and adds lines. */
static void be_a_kernel(void)
{
    struct error error;
    struct history_store *store = NULL;
    enum store_result result;
    while ((result = history_store_open(&store, "h", "lua", 0, &error)) == STORE_BUSY)
        ;
    for (int64_t line = 1; result == STORE_DONE && line <= 50; line++)
        while ((result = history_add_lines(store, line, LINES("x"), &error)) == STORE_BUSY)
            ;
    history_store_close(store);
    _exit(result != STORE_DONE);
}

static void many_kernels_that_start_at_once_lose_nothing(void **state)
{
    (void)state;
    enum { KERNELS = 8 };
    pid_t pids[KERNELS];
    for (int i = 0; i < KERNELS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            be_a_kernel();
    }
    for (int i = 0; i < KERNELS; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(history_query("h", "SELECT count(*) FROM history"), 50 * KERNELS);
    assert_int_equal(history_query("h", "SELECT count(*) FROM sessions"), KERNELS);
}

static void a_locked_file_is_busy_for_a_moment_only(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    struct error error = {.sentence = ""};
    sqlite3 *other = history_connection("h");
    history_exec(other, "BEGIN IMMEDIATE");
    double before = milliseconds();
    assert_int_equal(history_add_lines(store, 1, LINES("a"), &error), STORE_BUSY);
    assert_true(milliseconds() - before < 10 * HISTORY_BUSY_MS);
    assert_string_equal(error.sentence, "h: database is locked");
    assert_int_equal(number(store), 1);
    assert_string_equal(history_all(store), "");
    history_exec(other, "ROLLBACK");
    add(store, 1, LINES("a"));
    assert_string_equal(history_all(store), "1:1:a;");
    history_exec(other, "BEGIN IMMEDIATE");
    history_store_close(store);
    sqlite3_close(other);
}

static void a_new_file_that_is_locked_is_busy(void **state)
{
    (void)state;
    sqlite3 *other = history_connection("h");
    history_exec(other, "BEGIN EXCLUSIVE");
    assert_contains(refusal("h", STORE_BUSY), "h: database is locked");
    history_exec(other, "ROLLBACK");
    sqlite3_close(other);
    history_store_close(history_opened("h", "lua"));
}

static void a_reader_does_not_hold_up_a_writer(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    add(store, 1, LINES("a"));
    sqlite3 *other = history_connection("h");
    history_exec(other, "BEGIN; SELECT count(*) FROM history");
    add(store, 2, LINES("b"));
    sqlite3_close(other);
    history_store_close(store);
}

static void what_is_not_a_database_is_refused_and_left_alone(void **state)
{
    (void)state;
    char garbage[8192];
    memset(garbage, 'x', sizeof garbage);
    history_write_file("h", (struct str){garbage, sizeof garbage});
    assert_contains(refusal("h", STORE_FAILED), "h: file is not a database");
    struct stat status;
    assert_int_equal(stat("h", &status), 0);
    assert_int_equal(status.st_size, sizeof garbage);
    assert_int_equal(access("h-wal", F_OK), -1);
}

static void a_database_of_something_else_is_refused(void **state)
{
    (void)state;
    sqlite3 *other = history_connection("h");
    history_exec(other, "CREATE TABLE history (session, line, source)");
    sqlite3_close(other);
    assert_string_equal(refusal("h", STORE_FAILED), "h: it is a database of something else");
}

static void a_file_of_another_version_is_refused(void **state)
{
    (void)state;
    history_store_close(history_opened("h", "lua"));
    sqlite3 *other = history_connection("h");
    history_exec(other, "PRAGMA user_version = 99");
    sqlite3_close(other);
    assert_contains(refusal("h", STORE_FAILED), "another version of Hilum");
}

static void a_damaged_page_is_a_failure(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    char filler[5000];
    memset(filler, 'y', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (int64_t line = 1; line <= 20; line++)
        add(store, line, LINES(filler));
    history_store_close(store);
    struct stat status;
    assert_int_equal(stat("h", &status), 0);
    int fd = open("h", O_WRONLY);
    for (off_t at = 4096 + 2048; at < status.st_size; at += 64)
        assert_int_equal(pwrite(fd, filler, 64, at), 64);
    /* The page heads, too, except the first page. */
    for (off_t at = 4096; at < status.st_size; at += 4096)
        assert_int_equal(pwrite(fd, filler, 64, at), 64);
    close(fd);
    struct error error = {.sentence = ""};
    store = NULL;
    enum store_result result = history_store_open(&store, "h", "lua", 0, &error);
    if (result == STORE_DONE)
        result = history_add_lines(store, 1, LINES("a"), &error);
    assert_int_equal(result, STORE_FAILED);
    assert_contains(error.sentence, "malformed");
    history_store_close(store);
}

static void tables_that_somebody_changed_are_a_failure(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    sqlite3 *other = history_connection("h");
    history_exec(other, "DROP TABLE history");
    struct error error = {.sentence = ""};
    assert_int_equal(history_add_lines(store, 1, LINES("a"), &error), STORE_FAILED);
    assert_contains(error.sentence, "no such table");
    /* The session's row was taken back with it. */
    assert_int_equal(history_query("h", "SELECT count(*) FROM sessions"), 0);
    sqlite3_close(other);
    history_store_close(store);
}

static void a_folder_or_a_device_is_no_history(void **state)
{
    (void)state;
    assert_int_equal(mkdir("h", 0700), 0);
    assert_string_equal(refusal("h", STORE_FAILED), "h is not a regular file");
    assert_string_equal(refusal("/dev/null", STORE_FAILED), "/dev/null is not a regular file");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_string_equal(refusal("fifo", STORE_FAILED), "fifo is not a regular file");
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    (void)state;
    history_write_file("file", STR("x"));
    assert_string_equal(refusal("file/sub/h", STORE_FAILED),
                        "cannot make the folder file/sub: Not a directory");
}

/* Root may write anywhere, so the test is somebody else for a moment. */
static void without_write_permission_it_fails(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    add(store, 1, LINES("a"));
    history_store_close(store);
    assert_int_equal(mkdir("closed", 0500), 0);
    assert_int_equal(chmod("h", 0444), 0);
    assert_int_equal(chmod(".", 0555), 0);
    if (geteuid() == 0 && seteuid(65534) < 0)
        skip();
    assert_string_equal(refusal("closed/h", STORE_FAILED),
                        "cannot make closed/h: Permission denied");
    struct error error = {.sentence = ""};
    store = NULL;
    enum store_result result = history_store_open(&store, "h", "lua", 0, &error);
    if (result == STORE_DONE)
        result = history_add_lines(store, 1, LINES("a"), &error);
    history_store_close(store);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(".", 0700), 0);
    assert_int_equal(result, STORE_FAILED);
    assert_memory_equal(error.sentence, "h: ", 3);
}

static void a_row_that_is_refused_takes_its_transaction_back(void **state)
{
    (void)state;
    struct history_store *store = history_opened("h", "lua");
    struct error error = {.sentence = ""};
    add(store, 1, LINES("a"));
    sqlite3 *other = history_connection("h");
    history_exec(other, "CREATE TRIGGER closed BEFORE INSERT ON history BEGIN "
                        "SELECT RAISE(ABORT, 'no'); END");
    assert_int_equal(history_add_lines(store, 2, LINES("b"), &error), STORE_FAILED);
    assert_string_equal(error.sentence, "h: no");
    assert_string_equal(history_all(store), "1:1:a;");
    sqlite3_close(other);
    history_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_enter_folder, history_leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_and_its_folders_are_for_their_owner_only),
        TEST(nothing_is_in_a_new_history),
        TEST(sessions_are_numbered_from_1_when_they_have_a_line),
        TEST(a_session_is_described),
        TEST(a_line_that_is_added_again_is_replaced),
        TEST(texts_come_back_byte_for_byte),
        TEST(ranges_leave_their_stop_out),
        TEST(a_visitor_can_end_the_reading),
        TEST(the_lines_that_memory_has_are_left_out),
        TEST(evaluators_see_their_own_sessions_only),
        TEST(earlier_sessions_are_counted_back_within_the_evaluator),
        TEST(two_stores_at_once_get_different_sessions),
        TEST(many_kernels_that_start_at_once_lose_nothing),
        TEST(a_locked_file_is_busy_for_a_moment_only),
        TEST(a_new_file_that_is_locked_is_busy),
        TEST(a_reader_does_not_hold_up_a_writer),
        TEST(what_is_not_a_database_is_refused_and_left_alone),
        TEST(a_database_of_something_else_is_refused),
        TEST(a_file_of_another_version_is_refused),
        TEST(a_damaged_page_is_a_failure),
        TEST(tables_that_somebody_changed_are_a_failure),
        TEST(a_folder_or_a_device_is_no_history),
        TEST(a_folder_that_cannot_be_made_is_named),
        TEST(without_write_permission_it_fails),
        TEST(a_row_that_is_refused_takes_its_transaction_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
