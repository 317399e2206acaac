/* SQLite, which is loaded when a kernel opens a history: linking it would cost each start 0.3 ms. */
#ifndef HILUM_HISTORY_SQLITE_H
#define HILUM_HISTORY_SQLITE_H

#include "base/library.h"

#include <sqlite3.h>

/* The functions that are used. */
#define SQLITE_FUNCTIONS(X)                                                                        \
    X(sqlite3_bind_int64)                                                                          \
    X(sqlite3_bind_text64)                                                                         \
    X(sqlite3_busy_timeout)                                                                        \
    X(sqlite3_clear_bindings)                                                                      \
    X(sqlite3_close)                                                                               \
    X(sqlite3_column_bytes)                                                                        \
    X(sqlite3_column_int)                                                                          \
    X(sqlite3_column_int64)                                                                        \
    X(sqlite3_column_text)                                                                         \
    X(sqlite3_db_config)                                                                           \
    X(sqlite3_errcode)                                                                             \
    X(sqlite3_errmsg)                                                                              \
    X(sqlite3_errstr)                                                                              \
    X(sqlite3_exec)                                                                                \
    X(sqlite3_finalize)                                                                            \
    X(sqlite3_get_autocommit)                                                                      \
    X(sqlite3_last_insert_rowid)                                                                   \
    X(sqlite3_open_v2)                                                                             \
    X(sqlite3_prepare_v2)                                                                          \
    X(sqlite3_prepare_v3)                                                                          \
    X(sqlite3_reset)                                                                               \
    X(sqlite3_step)

struct sqlite {
    SQLITE_FUNCTIONS(LIBRARY_MEMBER)
};

/* False: `error` says what to install. */
bool sqlite_load(struct sqlite *sqlite, struct error *error) __attribute__((warn_unused_result));

#endif
