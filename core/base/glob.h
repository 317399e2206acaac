/* Patterns as in SQLite's GLOB and in shells: over the whole text, in code points. */
#ifndef HILUM_BASE_GLOB_H
#define HILUM_BASE_GLOB_H

#include "base/str.h"

/*
 * `*` stands for any text, `?` for one code point, `[abx-z]` for one of these and `[^abx-z]` for
 * one that is none of these; a `]` that comes first in a set belongs to it. Nothing escapes: `[*]`
 * is a star. A set that is not closed matches nothing. Takes at most pattern.size * text.size steps.
 */
bool glob_matches(struct str pattern, struct str text);

#endif
