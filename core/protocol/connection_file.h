/*
 * The file that `hilum run -f` names, as JSON: opened with care, read member by member with errors
 * that name file and key, and written back. It holds secrets, so none of its text stays in freed
 * memory.
 */
#ifndef HILUM_PROTOCOL_CONNECTION_FILE_H
#define HILUM_PROTOCOL_CONNECTION_FILE_H

#include "base/error.h"

#include <jansson.h>

struct connection_file {
    const char *name; /* borrowed */
    json_t *root;     /* an object */
    json_malloc_t saved_malloc;
    json_free_t saved_free;
};

/*
 * Reads the file. With `warn`, log lines say when others than the user may read it. Until
 * connection_file_close all of jansson wipes what it frees. On failure nothing is left to close.
 */
bool connection_file_open(struct connection_file *file, const char *name, bool warn,
                          struct error *error) __attribute__((warn_unused_result));
void connection_file_close(struct connection_file *file);

bool connection_file_has(const struct connection_file *file, const char *key);

/* A string, borrowed from the file; `fallback` when it is absent and that is not NULL. NULL: error
 * is set. */
const char *connection_file_string(const struct connection_file *file, const char *key,
                                   const char *fallback, struct error *error);

/* Puts the object, as it is now, in the file's place: complete or not at all, and for nobody else
 * to read. */
bool connection_file_replace(const struct connection_file *file, struct error *error)
    __attribute__((warn_unused_result));

#endif
