/* How an error is told to Jupyter's clients. */
#ifndef HILUM_DIAGNOSTICS_REPORT_H
#define HILUM_DIAGNOSTICS_REPORT_H

#include "base/buffer.h"

/* Appends "ename":...,"evalue":...,"traceback":[...], the members that an error reply and an
 * `error` message have in common, for an error that is one sentence. */
void report_write(struct buffer *out, const char *name, const char *sentence);

#endif
