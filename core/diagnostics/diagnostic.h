/*
 * Diagnostics: one model for everything that is told to the user, struct hilum_diagnostic of
 * <hilum/evaluator.h>, and what is between it and the ways to show it.
 */
#ifndef HILUM_DIAGNOSTICS_DIAGNOSTIC_H
#define HILUM_DIAGNOSTICS_DIAGNOSTIC_H

#include "base/plugin_str.h"

/* The key in mime bundles; docs/diagnostics.schema.json describes the value. */
#define DIAGNOSTICS_MIME "application/vnd.hilum.diagnostics+json"

/* Of each list at most so many are shown. */
#define DIAGNOSTIC_PLACES_MAX 48
#define DIAGNOSTIC_CAUSES_MAX 12
#define DIAGNOSTIC_TEXTS_MAX  32

/* The cell that was compiled or run: what places without a source are in. Both may be empty. */
struct diagnostic_scene {
    struct str source; /* "cell 12" */
    struct str code;
};

/* A place with what the scene knows about it. */
struct diagnostic_place {
    struct str source;
    struct hilum_span span;
    struct hilum_position end;
    struct str label;
    struct str text;
    uint32_t text_line;
};

/* The diagnostic as this core knows it: what its struct_size does not cover is empty. The lists are
 * still the plugin's. */
struct hilum_diagnostic diagnostic_whole(const struct hilum_diagnostic *diagnostic);

/* "error", "warning" or "note". */
struct str diagnostic_severity(const struct hilum_diagnostic *diagnostic);

/* Where the diagnostic itself is. */
struct diagnostic_place diagnostic_place(const struct hilum_diagnostic *diagnostic,
                                         const struct diagnostic_scene *scene);

/* Walk lists; NULL past the end, which is also what is too short to be one of ours. */
const struct hilum_place *diagnostic_next_place(const struct hilum_place *place);
const struct hilum_cause *diagnostic_next_cause(const struct hilum_cause *cause);
const struct hilum_place *diagnostic_first_place(const struct hilum_place *place);
const struct hilum_cause *diagnostic_first_cause(const struct hilum_cause *cause);
struct diagnostic_place diagnostic_known_place(const struct hilum_place *place,
                                               const struct diagnostic_scene *scene);

#endif
