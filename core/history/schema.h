/* The tables of the history file. */
#ifndef HILUM_HISTORY_SCHEMA_H
#define HILUM_HISTORY_SCHEMA_H

#include "history/sqlite.h"

/*
 * Checks that the file is a history that this Hilum can use; makes one of an empty file. Returns an
 * SQLite code. With SQLITE_MISMATCH (a file of something else, or of a newer Hilum) `error` is set;
 * with others sqlite3_errmsg tells.
 */
int history_schema_prepare(const struct sqlite *sqlite, sqlite3 *db, struct error *error)
    __attribute__((warn_unused_result));

#endif
