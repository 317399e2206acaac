/* What cells were: history_request. This session's inputs are in memory, and, when the
 * configuration has "history", those of all sessions of this evaluator in a file. */
#ifndef HILUM_KERNEL_HISTORY_H
#define HILUM_KERNEL_HISTORY_H

#include "history/keeper.h"
#include "kernel/router.h"

struct history {
    struct history_list list;
    struct history_keeper keeper;
};

void history_init(struct kernel *kernel);
void history_fini(struct kernel *kernel);

/* `code` is the input as a JSON string. */
void history_add(struct kernel *kernel, int64_t line, struct str code);

/* `content` is the running cell's execute_result. */
void history_add_result(struct kernel *kernel, struct str content);

enum handled history_handle(struct kernel *kernel, struct request *request);

#endif
