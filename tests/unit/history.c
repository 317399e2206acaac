#include "history.h"
#include "test.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

int history_enter_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilum-history-test.XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static void remove_contents(const char *path)
{
    DIR *directory = opendir(path);
    char name[600];
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%.300s/%.255s", path, entry->d_name);
        if (entry->d_type == DT_DIR)
            remove_contents(name);
        remove(name);
    }
    if (directory)
        closedir(directory);
}

int history_leave_folder(void **state)
{
    (void)state;
    remove_contents(folder);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

struct history_store *history_opened(const char *path, const char *evaluator)
{
    struct history_store *store = NULL;
    struct error error = {.sentence = ""};
    if (history_store_open(&store, path, evaluator, 1577836800, &error) != STORE_DONE)
        fail_msg("%s", error.sentence);
    return store;
}

enum store_result history_add_lines(struct history_store *store, int64_t line,
                                    const char *const *sources, struct error *error)
{
    struct history_row rows[16] = {{.line = 0}};
    size_t count = 0;
    for (; sources[count]; count++)
        rows[count] = (struct history_row){
            .line = line + (int64_t)count,
            .source = str_of(sources[count]),
        };
    return history_store_add(store, rows, count, error);
}

static bool append_row(void *context, const struct history_row *row)
{
    buffer_append_format(context, "%lld:%lld:%.*s;", (long long)row->session, (long long)row->line,
                         STR_FORMAT(row->source));
    return true;
}

const char *history_all(struct history_store *store)
{
    static char text[1000];
    struct buffer out = {0};
    struct error error = {.sentence = ""};
    if (history_store_read_all(store, 0, 0, append_row, &out, &error) != STORE_DONE)
        fail_msg("%s", error.sentence);
    snprintf(text, sizeof text, "%.*s", STR_FORMAT(buffer_str(&out)));
    buffer_fini(&out);
    return text;
}

sqlite3 *history_connection(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

void history_exec(sqlite3 *db, const char *sql)
{
    char *problem = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &problem) != SQLITE_OK)
        fail_msg("%s: %s", sql, problem);
}

int64_t history_query(const char *path, const char *sql)
{
    sqlite3 *db = history_connection(path);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

void history_write_file(const char *path, struct str text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
    assert_int_equal(fclose(file), 0);
}
