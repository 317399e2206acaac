/* Diagnostics for programs: docs/diagnostics.schema.json. */
#ifndef HILUM_DIAGNOSTICS_JSON_H
#define HILUM_DIAGNOSTICS_JSON_H

#include "base/buffer.h"
#include "diagnostics/diagnostic.h"

/* Appends {"version": 1, "diagnostics": [...]} with the one diagnostic. */
void diagnostic_write_json(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                           const struct diagnostic_scene *scene);

#endif
