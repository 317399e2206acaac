/* Has no `run`. */
#define BASIC_RUN NULL
#include "basic.h"
