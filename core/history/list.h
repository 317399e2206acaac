/*
 * The inputs of this session, in memory, oldest first. When there are too many, the oldest are
 * forgotten.
 */
#ifndef HILUM_HISTORY_LIST_H
#define HILUM_HISTORY_LIST_H

#include "base/buffer.h"

#include <stdint.h>

#define HISTORY_ENTRIES_MAX 10000
#define HISTORY_BYTES_MAX   ((size_t)16 << 20)

struct history_entry {
    struct history_entry *next, *previous;
    int64_t line;      /* the cell's execution count */
    struct str source; /* in `bytes` */
    struct str output; /* owned; data is NULL: none */
    char bytes[];
};

/* A zeroed one is an empty one. */
struct history_list {
    struct history_entry *first, *last;
    struct history_entry *unsaved; /* the first that is not in the store; NULL: all are */
    size_t count;
    size_t bytes;
    struct buffer text; /* scratch */
};

void history_list_fini(struct history_list *list);

/* `source` is a JSON string. Out of memory costs a line of history, nothing else. */
void history_list_add(struct history_list *list, int64_t line, struct str source);

/* What the last cell resulted in, as a JSON string; nothing when `line` is not the last. The entry
 * is unsaved again. */
void history_list_set_output(struct history_list *list, int64_t line, struct str output);

#endif
