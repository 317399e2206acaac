#include "history/sqlite.h"

bool sqlite_load(struct sqlite *sqlite, struct error *error)
{
    static const char *const names[] = {SQLITE_FUNCTIONS(LIBRARY_NAME)};
    return library_load("libsqlite3.so.0", names, sizeof names / sizeof *names, sqlite, error) ||
           error_prefix(error, "history needs SQLite (Debian: libsqlite3-0)");
}
