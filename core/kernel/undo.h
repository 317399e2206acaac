/* `%undo [N]`: the session goes back to the state before the last N cells. */
#ifndef HILUM_KERNEL_UNDO_H
#define HILUM_KERNEL_UNDO_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

struct kernel;

/* Reads what the line says, one cell when nothing. False, with a sentence: that is no number of cells. */
bool undo_read(struct str arguments, int64_t *steps, struct error *error);

/* Says in the active cell's output that the session has gone back. */
void undo_tell(struct kernel *kernel, int64_t steps);

#endif
