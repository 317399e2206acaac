#include "history/store.h"
#include "history/file.h"
#include "history/schema.h"

#include <stdlib.h>

#define NOW(time) "strftime('%Y-%m-%dT%H:%M:%SZ', " time ")"

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    ADD_SESSION,
    END_SESSION,
    ADD_ROW,
    NEXT_SESSION,
    EARLIER_SESSION,
    LAST_LINE,
    READ_SESSION,
    READ_ALL,
    STATEMENTS,
};

#define ROWS "SELECT h.session, h.line, h.source, h.output "

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [ADD_SESSION] = "INSERT INTO sessions (start, evaluator) VALUES (" NOW("?1, 'unixepoch'") ", "
                                                                                              "?2)",
    [END_SESSION] = "UPDATE sessions SET end = " NOW(
        "'now'") ", num_cmds = "
                 "(SELECT count(*) FROM history WHERE session = ?1) WHERE session = ?1",
    [ADD_ROW] = "INSERT OR REPLACE INTO history (session, line, source, output) "
                "VALUES (?1, ?2, ?3, ?4)",
    [NEXT_SESSION] = "SELECT coalesce(max(session), 0) + 1 FROM sessions",
    [EARLIER_SESSION] = "SELECT session FROM sessions WHERE evaluator = ?1 AND session < ?2 "
                        "ORDER BY session DESC LIMIT 1 OFFSET ?3",
    [LAST_LINE] = "SELECT max(line) FROM history WHERE session = ?2 AND EXISTS "
                  "(SELECT 1 FROM sessions WHERE session = ?2 AND evaluator = ?1)",
    [READ_SESSION] = ROWS "FROM history h WHERE h.session = ?2 AND h.line >= ?3 AND h.line < ?4 "
                          "AND EXISTS (SELECT 1 FROM sessions s WHERE s.session = ?2 "
                          "AND s.evaluator = ?1) ORDER BY h.line DESC",
    /* CROSS JOIN: sessions first, so that the rows come in order and nothing has to be sorted. */
    [READ_ALL] = ROWS "FROM sessions s CROSS JOIN history h ON h.session = s.session "
                      "WHERE s.evaluator = ?1 AND NOT (h.session = ?2 AND h.line >= ?3) "
                      "ORDER BY s.session DESC, h.line DESC",
};

struct history_store {
    struct sqlite call;
    sqlite3 *db;
    char *path;
    char *evaluator;
    int64_t started;
    int64_t session; /* 0: not in the file yet */
    sqlite3_stmt *prepared[STATEMENTS];
};

bool history_store_is_there(struct error *error)
{
    struct sqlite call;
    return sqlite_load(&call, error);
}

static enum store_result as_result(struct history_store *store, int code, struct error *error)
{
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
        return STORE_DONE;
    error_set(error, "%s: %s", store->path,
              store->db ? store->call.sqlite3_errmsg(store->db) : store->call.sqlite3_errstr(code));
    return code == SQLITE_BUSY || code == SQLITE_LOCKED ? STORE_BUSY : STORE_FAILED;
}

/* NULL: sqlite3_errcode tells why. */
static sqlite3_stmt *prepare(struct history_store *store, enum statement which)
{
    sqlite3_stmt **at = &store->prepared[which];
    if (!*at)
        store->call.sqlite3_prepare_v3(store->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, at,
                                       NULL);
    return *at;
}

static int bind_text(const struct sqlite *sqlite, sqlite3_stmt *statement, int at, struct str text)
{
    return sqlite->sqlite3_bind_text64(statement, at, text.size ? text.data : "", text.size,
                                       SQLITE_STATIC, SQLITE_UTF8);
}

/* A prepared statement with the evaluator as ?1 and integers from ?2 on. */
static sqlite3_stmt *prepare_query(struct history_store *store, enum statement which,
                                   const int64_t *values, int count)
{
    sqlite3_stmt *statement = prepare(store, which);
    if (!statement || bind_text(&store->call, statement, 1, str_of(store->evaluator)) != SQLITE_OK)
        return NULL;
    for (int i = 0; i < count; i++)
        if (store->call.sqlite3_bind_int64(statement, i + 2, values[i]) != SQLITE_OK)
            return NULL;
    return statement;
}

/* Steps once and makes the statement ready for its next use. */
static int run(struct history_store *store, sqlite3_stmt *statement)
{
    int code =
        statement ? store->call.sqlite3_step(statement) : store->call.sqlite3_errcode(store->db);
    store->call.sqlite3_reset(statement);
    store->call.sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static int run_plain(struct history_store *store, enum statement which)
{
    sqlite3_stmt *statement = prepare(store, which);
    if (!statement)
        return store->call.sqlite3_errcode(store->db);
    int code = store->call.sqlite3_step(statement);
    store->call.sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* The one integer that a query gives; 0 for none and NULL. */
static int query_integer(struct history_store *store, sqlite3_stmt *statement, int64_t *value)
{
    if (!statement)
        return store->call.sqlite3_errcode(store->db);
    int code = store->call.sqlite3_step(statement);
    *value = code == SQLITE_ROW ? store->call.sqlite3_column_int64(statement, 0) : 0;
    store->call.sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int open_database(struct history_store *store, struct error *error)
{
    int code = store->call.sqlite3_open_v2(store->path, &store->db,
                                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return code;
    store->call.sqlite3_busy_timeout(store->db, HISTORY_BUSY_MS);
    /* What is in the file is data: it is given no chance to be code. */
    store->call.sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    store->call.sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return history_schema_prepare(&store->call, store->db, error);
}

enum store_result history_store_open(struct history_store **store, const char *path,
                                     const char *evaluator, int64_t started, struct error *error)
{
    struct history_store *made = calloc(1, sizeof *made);
    enum store_result result = STORE_FAILED;
    if (!made || !(made->path = strdup(path)) || !(made->evaluator = strdup(evaluator))) {
        error_set(error, "out of memory");
        goto fail;
    }
    made->started = started;
    if (!sqlite_load(&made->call, error) || !history_file_make(path, error))
        goto fail;
    int code = open_database(made, error);
    if (code == SQLITE_MISMATCH)
        error_prefix(error, "%s", path);
    else
        result = as_result(made, code, error);
    if (result != STORE_DONE)
        goto fail;
    *store = made;
    return STORE_DONE;
fail:
    history_store_close(made);
    return result;
}

static void end_session(struct history_store *store)
{
    sqlite3_stmt *statement = prepare(store, END_SESSION);
    if (statement && store->call.sqlite3_bind_int64(statement, 1, store->session) == SQLITE_OK)
        run(store, statement);
}

void history_store_close(struct history_store *store)
{
    if (!store)
        return;
    if (store->session)
        end_session(store);
    for (size_t i = 0; i < STATEMENTS && store->db; i++)
        store->call.sqlite3_finalize(store->prepared[i]);
    if (store->db)
        store->call.sqlite3_close(store->db);
    free(store->evaluator);
    free(store->path);
    free(store);
}

static int add_session(struct history_store *store, int64_t *session)
{
    sqlite3_stmt *statement = prepare(store, ADD_SESSION);
    if (!statement)
        return store->call.sqlite3_errcode(store->db);
    store->call.sqlite3_bind_int64(statement, 1, store->started);
    bind_text(&store->call, statement, 2, str_of(store->evaluator));
    int code = run(store, statement);
    *session = store->call.sqlite3_last_insert_rowid(store->db);
    return code;
}

static int add_row(struct history_store *store, int64_t session, const struct history_row *row)
{
    sqlite3_stmt *statement = prepare(store, ADD_ROW);
    if (!statement)
        return store->call.sqlite3_errcode(store->db);
    store->call.sqlite3_bind_int64(statement, 1, session);
    store->call.sqlite3_bind_int64(statement, 2, row->line);
    int code = bind_text(&store->call, statement, 3, row->source);
    if (code == SQLITE_OK && row->output.data)
        code = bind_text(&store->call, statement, 4, row->output);
    int ran = run(store, code == SQLITE_OK ? statement : NULL);
    return code == SQLITE_OK ? ran : code;
}

static int add_rows(struct history_store *store, int64_t *session, const struct history_row *rows,
                    size_t count)
{
    int code = run_plain(store, BEGIN);
    if (code == SQLITE_OK && !*session)
        code = add_session(store, session);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = add_row(store, *session, &rows[i]);
    return code == SQLITE_OK ? run_plain(store, COMMIT) : code;
}

enum store_result history_store_add(struct history_store *store, const struct history_row *rows,
                                    size_t count, struct error *error)
{
    int64_t session = store->session;
    enum store_result result = as_result(store, add_rows(store, &session, rows, count), error);
    if (result == STORE_DONE)
        store->session = session;
    else if (!store->call.sqlite3_get_autocommit(store->db))
        run_plain(store, ROLLBACK);
    return result;
}

enum store_result history_store_number(struct history_store *store, int64_t *session,
                                       struct error *error)
{
    *session = store->session;
    if (*session)
        return STORE_DONE;
    return as_result(store, query_integer(store, prepare(store, NEXT_SESSION), session), error);
}

enum store_result history_store_earlier(struct history_store *store, int64_t session, int64_t back,
                                        int64_t *earlier, struct error *error)
{
    const int64_t values[] = {session, back - 1};
    return as_result(
        store, query_integer(store, prepare_query(store, EARLIER_SESSION, values, 2), earlier),
        error);
}

enum store_result history_store_last_line(struct history_store *store, int64_t session,
                                          int64_t *line, struct error *error)
{
    return as_result(
        store, query_integer(store, prepare_query(store, LAST_LINE, &session, 1), line), error);
}

/* SQLite gives a text's pointer first, then its size. */
static struct str column_text(const struct sqlite *sqlite, sqlite3_stmt *statement, int column)
{
    const char *data = (const char *)sqlite->sqlite3_column_text(statement, column);
    return (struct str){data, data ? (size_t)sqlite->sqlite3_column_bytes(statement, column) : 0};
}

static int visit(struct history_store *store, sqlite3_stmt *statement, history_visitor *visitor,
                 void *context)
{
    if (!statement)
        return store->call.sqlite3_errcode(store->db);
    int code;
    while ((code = store->call.sqlite3_step(statement)) == SQLITE_ROW) {
        const struct history_row row = {
            .session = store->call.sqlite3_column_int64(statement, 0),
            .line = store->call.sqlite3_column_int64(statement, 1),
            .source = column_text(&store->call, statement, 2),
            .output = column_text(&store->call, statement, 3),
        };
        if (!visitor(context, &row))
            break;
    }
    /* An open read would keep the log from being cleared away. */
    store->call.sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

enum store_result history_store_read_session(struct history_store *store, int64_t session,
                                             int64_t start, int64_t stop, history_visitor *visitor,
                                             void *context, struct error *error)
{
    const int64_t values[] = {session, start, stop};
    sqlite3_stmt *statement = prepare_query(store, READ_SESSION, values, 3);
    return as_result(store, visit(store, statement, visitor, context), error);
}

enum store_result history_store_read_all(struct history_store *store, int64_t session, int64_t line,
                                         history_visitor *visitor, void *context,
                                         struct error *error)
{
    const int64_t values[] = {session, line};
    sqlite3_stmt *statement = prepare_query(store, READ_ALL, values, 2);
    return as_result(store, visit(store, statement, visitor, context), error);
}
