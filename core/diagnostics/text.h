/* Diagnostics for people who read them in a terminal, or in an output area that knows its colours. */
#ifndef HILUM_DIAGNOSTICS_TEXT_H
#define HILUM_DIAGNOSTICS_TEXT_H

#include "base/buffer.h"
#include "diagnostics/diagnostic.h"

/*
 * Appends lines, each ended by '\n' and with its colours ended: what is wrong, where, with the line
 * of code and a caret, notes, hints and causes. A diagnostic that has a traceback of its own is shown
 * as that.
 */
void diagnostic_write_text(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                           const struct diagnostic_scene *scene, bool colors);

/* Only the lines of code around the place, with the caret; nothing when they are not known. */
void diagnostic_write_excerpt(struct buffer *out, const struct diagnostic_place *place,
                              enum hilum_severity severity, bool colors);

#endif
