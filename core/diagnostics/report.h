/* How diagnostics are told to Jupyter's clients. */
#ifndef HILUM_DIAGNOSTICS_REPORT_H
#define HILUM_DIAGNOSTICS_REPORT_H

#include "base/buffer.h"
#include "base/error.h"
#include "diagnostics/diagnostic.h"

/*
 * An error, twice: as every client knows it, and for those that can do better. Kept in two texts,
 * since content that has other members than these makes a notebook file invalid (nbformat).
 */
struct report {
    struct buffer members;  /* "ename":...,"evalue":...,"traceback":[...] of an error reply and of
                               the content of an `error` message */
    struct buffer metadata; /* of the `error` message: an object, a mime bundle */
};

/* A zeroed struct report is an empty one. Replaces what was there. */
void report_set(struct report *report, const struct hilum_diagnostic *diagnostic,
                const struct diagnostic_scene *scene);
void report_copy(struct report *report, struct str members, struct str metadata);
void report_clear(struct report *report);
void report_fini(struct report *report);

/* An error that is one sentence. `source` is the cell it is about, NULL for none. */
void report_say(struct report *report, const char *source, const char *code, const char *name,
                const char *sentence);

/* An error in a file of this text. */
void report_error(struct report *report, const char *name, const struct error *error,
                  struct str text);

/* Appends the content of a display_data message for a warning or note. */
void report_write_display(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                          const struct diagnostic_scene *scene);

#endif
