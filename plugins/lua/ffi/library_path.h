/* Which file a library's name means. */
#ifndef FFI_LIBRARY_PATH_H
#define FFI_LIBRARY_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct similar;

/* "z" -> "libz.so", as the linker's -l does; names with a dot or a slash stay. False: too long. */
bool library_file_name(const char *name, char *file, size_t room);

/* Finds the newest "libz.so.N" for "libz.so" in the usual folders: without a development package,
 * only that is there. */
bool library_versioned(const char *file, char *path, size_t room);

/* Offers the names of the libraries in those folders, without "lib" and ".so". */
void library_offer_names(struct similar *similar);

#endif
