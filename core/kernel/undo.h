/* `%undo [N]`: the session goes back to the state before the last N cells. */
#ifndef HILUM_KERNEL_UNDO_H
#define HILUM_KERNEL_UNDO_H

#include "base/error.h"
#include "base/str.h"

struct kernel;

/* For the table of lines for the kernel (magic.c). Says what it does in the active cell's output; the
 * cell goes on when the session has gone back. */
bool undo_cells(struct kernel *kernel, struct str arguments, struct error *error);

#endif
