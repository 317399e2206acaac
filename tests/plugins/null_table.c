/* Its entry point returns nothing. */
#define BASIC_TABLE NULL
#include "basic.h"
