/* A folder for history files, and what the tests of the history's modules share. */
#ifndef HILUM_TESTS_UNIT_HISTORY_H
#define HILUM_TESTS_UNIT_HISTORY_H

#include "base/error.h"
#include "history/store.h"

#include <sqlite3.h>

/* cmocka set-up and tear-down: the current folder is a new, empty one; it goes with what is in it. */
int history_enter_folder(void **state);
int history_leave_folder(void **state);

/* Opens; fails the test when that fails. */
struct history_store *history_opened(const char *path, const char *evaluator);

/* Adds lines from `line` on, one for each text up to NULL. */
enum store_result history_add_lines(struct history_store *store, int64_t line,
                                    const char *const *sources, struct error *error);

/* Lines "session:line:source;" of all that is found, the latest first. */
const char *history_all(struct history_store *store);

/* Another connection, as of another program. */
sqlite3 *history_connection(const char *path);
void history_exec(sqlite3 *db, const char *sql);

/* The only value of a query, as an integer. */
int64_t history_query(const char *path, const char *sql);

void history_write_file(const char *path, struct str text);

#endif
