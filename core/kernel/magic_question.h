/* What frontends ask about the lines for the kernel: how a name goes on, and what a line does. */
#ifndef HILUM_KERNEL_MAGIC_QUESTION_H
#define HILUM_KERNEL_MAGIC_QUESTION_H

#include "base/buffer.h"

#include <stdbool.h>

struct request;

/*
 * Writes the reply to a complete_request or inspect_request whose cursor stands in such a line, or in
 * what may become one. False: it is a question about the evaluator's language.
 */
bool magic_question_answer(const struct request *request, struct buffer *reply)
    __attribute__((warn_unused_result));

#endif
