/* What requests about code have in common: the worker answers them, and the kernel those about its own
 * lines. */
#ifndef HILUM_BASE_QUESTION_H
#define HILUM_BASE_QUESTION_H

#include "base/buffer.h"

/* cursor_pos of a checked content, which counts code points, as a byte of the code. Without one: the
 * end; before the start: the start. */
size_t question_cursor(struct str content, struct str code);

/* A complete_reply that is being put together; zeroed, it has no matches. */
struct completions {
    size_t start, end;   /* what the matches stand in for: code points of the code */
    struct buffer texts; /* elements of "matches" */
    struct buffer types; /* elements of _jupyter_types_experimental */
};

/* `start` and `end` are set before. */
void completions_add(struct completions *completions, struct str text, struct str type);

/* Appends the reply's content. */
void completions_write(const struct completions *completions, struct buffer *out);

void completions_fini(struct completions *completions);

#endif
