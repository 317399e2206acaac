/* The history file as a file: there, regular, and nobody else's to read. */
#ifndef HILUM_HISTORY_FILE_H
#define HILUM_HISTORY_FILE_H

#include "base/error.h"

/* Makes the file (empty, mode 0600) and the folders above it (mode 0700), as far as they are
 * missing. What exists keeps its mode. */
bool history_file_make(const char *path, struct error *error) __attribute__((warn_unused_result));

#endif
