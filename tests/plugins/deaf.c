/* Never looks whether it is to stop. */
#include <hilum/evaluator.h>

static volatile bool heard; /* nobody sets it */

static enum hilum_status spin(struct hilum_session *of, struct hilum_unit *what)
{
    (void)of;
    (void)what;
    while (!heard)
        ;
    return HILUM_OK;
}

#define BASIC_RUN spin
#include "basic.h"
