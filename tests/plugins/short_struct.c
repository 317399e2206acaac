/* Its table ends before the mandatory members do. */
#define BASIC_SIZE 16
#include "basic.h"
