#include "floor_hop.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUESTION_MAX 65536

static const char answer[] = "{\"type\":\"execute_reply\",\"id\":1,\"parts\":[24]}\n"
                             "{\"data\":{\"text/plain\":\"2\"}}";

static void answer_all(int socket)
{
    static char question[QUESTION_MAX];
    while (read(socket, question, sizeof question) > 0)
        if (write(socket, answer, sizeof answer - 1) < 0)
            break;
}

int floor_hop_start(void)
{
    int ends[2];
    pid_t parent = getpid(), child;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 || (child = fork()) < 0)
        abort();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        if (getppid() == parent)
            answer_all(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

void floor_hop_ask(int socket, struct span question)
{
    char text[sizeof answer];
    size_t size = question.size < QUESTION_MAX ? question.size : QUESTION_MAX;
    if (write(socket, question.data, size) < 0 || read(socket, text, sizeof text) <= 0)
        abort();
}
