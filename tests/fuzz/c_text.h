/* Apart from the target, since the evaluator's text.h and the core's str.h do not mix. */
#ifndef HILUM_TESTS_FUZZ_C_TEXT_H
#define HILUM_TESTS_FUZZ_C_TEXT_H

#include "../../plugins/lua/ffi/ctype.h"

/* The size of the type's text, cut at 4096 bytes. */
size_t c_text_size(const struct ctype *type, const char *name);

#endif
