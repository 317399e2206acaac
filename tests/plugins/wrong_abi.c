/* Built against another version of the ABI. */
#define BASIC_ABI 99
#include "basic.h"
