/* Closes every descriptor it finds, the link and the pipes among them. */
#include <hilum/evaluator.h>

#include <unistd.h>

static enum hilum_status close_all(struct hilum_session *of, struct hilum_unit *what)
{
    (void)of;
    (void)what;
    for (int fd = 0; fd < 256; fd++)
        close(fd);
    return HILUM_OK;
}

#define BASIC_RUN close_all
#include "basic.h"
