/* Random bytes from the operating system. */
#ifndef HILUM_BASE_RANDOM_H
#define HILUM_BASE_RANDOM_H

#include "base/error.h"

#include <stddef.h>

bool random_bytes(void *out, size_t size, struct error *error) __attribute__((warn_unused_result));

#endif
