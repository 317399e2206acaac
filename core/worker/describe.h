/* An evaluator's facts as JSON: the content of `hello`, and what `hilum list` reads. */
#ifndef HILUM_WORKER_DESCRIBE_H
#define HILUM_WORKER_DESCRIBE_H

#include "base/buffer.h"

#include <hilum/evaluator.h>

void describe_evaluator(const struct hilum_evaluator *table, struct buffer *out);

/* {"error": sentence} */
void describe_failure(const char *sentence, struct buffer *out);

#endif
