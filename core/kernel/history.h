/* The inputs of this session, for history_request. Kept in memory, the oldest are forgotten. */
#ifndef HILUM_KERNEL_HISTORY_H
#define HILUM_KERNEL_HISTORY_H

#include "kernel/router.h"

#include <stdint.h>

#define HISTORY_ENTRIES_MAX 10000
#define HISTORY_BYTES_MAX   ((size_t)16 << 20)

struct history {
    struct history_entry *first;
    struct history_entry **end;
    size_t count;
    size_t bytes;
};

void history_init(struct kernel *kernel);
void history_fini(struct kernel *kernel);

/* `code` is the input as a JSON string. */
void history_add(struct kernel *kernel, int64_t line, struct str code);

enum handled history_handle(struct kernel *kernel, struct request *request);

#endif
