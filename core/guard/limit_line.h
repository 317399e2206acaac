/*
 * The arguments of a `%limit` line: `wall=5s memory=200MB output=1MB`. Limits of one cell, lower than
 * the operator's or where there are none.
 */
#ifndef HILUM_GUARD_LIMIT_LINE_H
#define HILUM_GUARD_LIMIT_LINE_H

#include "base/error.h"
#include "base/str.h"
#include "guard/limits.h"

/*
 * Lowers *cell as the line says. Strict: what it does not know, a value without its unit, a limit that is
 * named twice, and more than is allowed are errors, and *cell is then untouched.
 */
bool limit_line_parse(struct str line, const struct limits *allowed, struct limits *cell,
                      struct error *error) __attribute__((warn_unused_result));

#endif
