/* Writes to descriptors that are not its own, among them the link to the kernel. */
#include <hilum/evaluator.h>

#include <unistd.h>

static enum hilum_status scribble(struct hilum_session *of, struct hilum_unit *what)
{
    static const char nonsense[] = "{\"type\":5}\nnonsense\n\n\xff";
    (void)of;
    (void)what;
    for (int fd = 3; fd < 16; fd++)
        if (write(fd, nonsense, sizeof nonsense) < 0)
            continue;
    return HILUM_OK;
}

#define BASIC_RUN scribble
#include "basic.h"
