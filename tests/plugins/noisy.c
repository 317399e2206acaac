/* Prints whenever it is called, also when its object is loaded. */
#include <hilum/evaluator.h>

#include <stdio.h>

__attribute__((constructor)) static void announce(void)
{
    puts("noise from a constructor");
}

static enum hilum_status print(struct hilum_session *of, struct hilum_unit *what)
{
    (void)of;
    (void)what;
    puts("noise without a flush");
    return HILUM_OK;
}

#define BASIC_RUN print
#include "basic.h"
