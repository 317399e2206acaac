/* A file that others read appears whole, or not at all. */
#ifndef HILUM_TELEMETRY_REPLACE_FILE_H
#define HILUM_TELEMETRY_REPLACE_FILE_H

#include "base/error.h"
#include "base/str.h"

/* Writes a file of mode 0644 beside `path` and gives it that name. */
bool replace_file(const char *path, struct str text, struct error *error)
    __attribute__((warn_unused_result));

#endif
