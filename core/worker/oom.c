#include "worker/oom.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Of 1000, which is all of the memory: about what a session may use beyond others and still go
 * first. */
#define EAGERNESS 300
#define WORST     1000

static int adjustment(int fd)
{
    char text[16] = "";
    return pread(fd, text, sizeof text - 1, 0) > 0 ? (int)strtol(text, NULL, 10) : WORST;
}

/* Where it is not allowed, nothing changes. */
static void change(int by)
{
    char text[16];
    int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    int value = adjustment(fd) + by;
    int size = snprintf(text, sizeof text, "%d", value > WORST ? WORST : value);
    (void)!pwrite(fd, text, (size_t)size, 0);
    close(fd);
}

void oom_volunteer(void)
{
    change(EAGERNESS);
}

void oom_withdraw(void)
{
    change(-EAGERNESS);
}
