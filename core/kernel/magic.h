/*
 * Lines for the kernel at the start of a cell, such as `%limit wall=5s`. They are recognised only by
 * names that are in the table, so that languages whose lines may begin with '%' keep the others. The
 * worker gets the cell with empty lines in their place: line numbers stay what they are.
 */
#ifndef HILUM_KERNEL_MAGIC_H
#define HILUM_KERNEL_MAGIC_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>

struct kernel;
struct request;

/* May the code, a JSON string, begin with such a line? Costs nothing for nearly all cells. */
bool magic_is_possible(struct str code);

/* A line that there is. */
struct magic_entry {
    struct str name;     /* as in struct magic_line */
    const char *usage;   /* "%undo [COUNT]" */
    const char *meaning; /* sentences for the user */
};

/* All of them, from 0 on; NULL past the end. */
const struct magic_entry *magic_entry(size_t index);

/* The one of this name; NULL: there is none. */
const struct magic_entry *magic_find(struct str name);

enum magic_outcome {
    MAGIC_NONE,   /* there is no such line */
    MAGIC_DONE,   /* all are done, and `content` is what the worker is to run */
    MAGIC_ALL,    /* all are done, and nothing is left for the worker */
    MAGIC_FAILED, /* one of them cannot be done; the cell is not to run */
};

/* What the lines want done before the rest of the cell runs, and that takes its time. */
struct magic_wish {
    bool timed;      /* the cell ends with a report of what it used */
    int64_t go_back; /* how many cells the session is to go back; 0: none */
};

/* Does what the lines of a cell say. `content` becomes the request's, without them. */
enum magic_outcome magic_apply(struct kernel *kernel, const struct request *request,
                               struct str code, struct buffer *content, struct magic_wish *wish,
                               struct error *error);

/* For requests that are about code but do not run it: spaces in place of the lines, so that
 * cursors stay right. False: there is no such line, and `content` is left alone. */
bool magic_hide(const struct request *request, struct str code, struct buffer *content);

#endif
