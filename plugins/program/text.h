/* Jupyter counts code points, the ABI bytes. Text from the core is valid UTF-8. */
#ifndef HILUM_PROGRAM_TEXT_H
#define HILUM_PROGRAM_TEXT_H

#include <hilum/evaluator.h>

/* How many code points the first `bytes` bytes of a text have. */
size_t text_count(struct hilum_str text, size_t bytes);

/* Where code point number `count` starts, at most at the end. */
size_t text_offset(struct hilum_str text, size_t count);

#endif
