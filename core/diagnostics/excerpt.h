/*
 * Lines of code around a place, laid out for a terminal: tabs as spaces, long lines cut around the
 * place, and the columns that the place takes there.
 */
#ifndef HILUM_DIAGNOSTICS_EXCERPT_H
#define HILUM_DIAGNOSTICS_EXCERPT_H

#include "base/buffer.h"

#include <hilum/evaluator.h>

/* Columns of a line that are shown; what is longer is cut around the mark. */
#define EXCERPT_COLUMNS 100
/* Lines of a place that has more than this are left out in its middle. */
#define EXCERPT_LINES 6

/* What is to be shown. */
struct excerpt {
    struct str text;     /* whole lines */
    uint32_t first_line; /* the number of the first of them; 0 means 1 */
    struct hilum_span span;
    struct hilum_position end; /* line 0: span says it all */
    uint32_t context;          /* lines shown before and after */
};

/* One line as it is shown. */
struct excerpt_row {
    bool is_gap;     /* some lines are left out here; nothing else is set */
    uint32_t number; /* of the line */
    unsigned digits; /* that the largest number of the excerpt has */
    bool is_inside;  /* the line belongs to the place */
    struct str before;
    struct str marked; /* empty without a mark, and when the mark is at the end of the line */
    struct str after;
    size_t column; /* columns before the mark */
    size_t width;  /* columns of the mark, at least 1; 0: there is no mark */
};

typedef void excerpt_sink(void *context, const struct excerpt_row *row);

/* Calls `sink` for each row, whose texts are borrowed until it returns. False: the text does not
 * have the line, and there are no rows. */
bool excerpt_show(const struct excerpt *excerpt, excerpt_sink *sink, void *context);

#endif
