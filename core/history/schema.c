#include "history/schema.h"

#include <stddef.h>

/* "Hilm": what `file` and we know the format by. */
#define APPLICATION "1214868589"
#define VERSION     "1"

/* Times are UTC in ISO 8601; end and num_cmds stay NULL when a kernel was killed. AUTOINCREMENT: a
 * number is never used again. */
static const char tables[] =
    "CREATE TABLE sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, start TEXT NOT NULL,"
    " end TEXT, num_cmds INTEGER, evaluator TEXT NOT NULL);"
    "CREATE INDEX sessions_of_evaluator ON sessions (evaluator);"
    "CREATE TABLE history (session INTEGER NOT NULL, line INTEGER NOT NULL, source TEXT NOT NULL,"
    " output TEXT, PRIMARY KEY (session, line)) WITHOUT ROWID;"
    "PRAGMA application_id = " APPLICATION ";"
    "PRAGMA user_version = " VERSION ";";

enum kind { KIND_OURS, KIND_EMPTY, KIND_FOREIGN, KIND_NEWER };

static int read_kind(const struct sqlite *sqlite, sqlite3 *db, enum kind *kind)
{
    static const char sql[] =
        "SELECT CASE WHEN application_id = " APPLICATION " AND user_version = " VERSION " THEN 0"
        " WHEN application_id = " APPLICATION " THEN 3"
        " WHEN application_id = 0 AND NOT EXISTS (SELECT 1 FROM sqlite_master) THEN 1 ELSE 2 END"
        " FROM pragma_application_id, pragma_user_version";
    sqlite3_stmt *statement = NULL;
    int code = sqlite->sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite->sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *kind = (enum kind)sqlite->sqlite3_column_int(statement, 0);
    sqlite->sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int make_tables(const struct sqlite *sqlite, sqlite3 *db)
{
    enum kind kind = KIND_EMPTY;
    int code = sqlite->sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return code;
    /* Another kernel may have been quicker. */
    code = read_kind(sqlite, db, &kind);
    if (code == SQLITE_OK && kind == KIND_EMPTY)
        code = sqlite->sqlite3_exec(db, tables, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite->sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        sqlite->sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

static int refuse(struct error *error, enum kind kind)
{
    error_set(error, kind == KIND_NEWER ? "it was written by another version of Hilum"
                                        : "it is a database of something else");
    return SQLITE_MISMATCH;
}

/* WAL lets others read while one writes, and commits without waiting for the disk; a power cut may
 * cost the last inputs, never the file. */
int history_schema_prepare(const struct sqlite *sqlite, sqlite3 *db, struct error *error)
{
    enum kind kind = KIND_FOREIGN;
    int code = read_kind(sqlite, db, &kind);
    if (code == SQLITE_OK && kind != KIND_OURS && kind != KIND_EMPTY)
        return refuse(error, kind);
    if (code == SQLITE_OK)
        code = sqlite->sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
                                    NULL, NULL, NULL);
    if (code == SQLITE_OK && kind == KIND_EMPTY)
        code = make_tables(sqlite, db);
    return code;
}
