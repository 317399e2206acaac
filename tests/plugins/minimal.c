/* Has what an evaluator must have and nothing else. */
#include "basic.h"
