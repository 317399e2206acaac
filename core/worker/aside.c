#include "worker/aside.h"
#include "worker/serve.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the copy may think: a person waits for a completion. */
#define PATIENCE_MS 2000

struct aside {
    pid_t pid;
    int fd; /* the copy's link */
    struct link_reader reader;
};

/* In the copy. */
static _Noreturn void answer(struct worker *worker, int fd, const struct link_message *request)
{
    dup3(fd, worker->channel.fd, O_CLOEXEC);
    worker->channel.owner = getpid();
    serve_request(worker, request);
    _exit(0);
}

static bool start(struct worker *worker, const struct link_message *request, struct aside *aside)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    *aside = (struct aside){.pid = fork(), .fd = ends[0]};
    if (aside->pid == 0)
        answer(worker, ends[1], request);
    close(ends[1]);
    if (aside->pid < 0)
        close(ends[0]);
    return aside->pid > 0;
}

static void stop(struct aside *aside)
{
    close(aside->fd);
    link_reader_fini(&aside->reader);
    kill(aside->pid, SIGKILL);
    while (waitpid(aside->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Passes on what the copy says. True when that was the reply. */
static bool pass_on(struct worker *worker, struct aside *aside, struct str reply)
{
    struct link_message message;
    struct error error;
    bool replied = false;
    while (!replied && link_next(&aside->reader, &message, &error) == LINK_MESSAGE) {
        replied = str_equal(message.type, reply);
        if (replied)
            channel_send_message(&worker->channel, &message);
    }
    return replied;
}

static void apologize(struct worker *worker, const struct link_message *request, struct str reply)
{
    channel_send(
        &worker->channel, reply, request->id,
        STR("{\"status\":\"error\",\"ename\":\"Unavailable\",\"evalue\":\"the evaluator had no "
            "answer while the cell was running\",\"traceback\":[]}"));
}

void aside_answer(struct worker *worker, const struct link_message *request)
{
    struct aside aside;
    struct str reply = serve_reply_type(request->type);
    bool replied = false, disturbed = false;
    if (start(worker, request, &aside)) {
        struct pollfd polls[] = {{.fd = aside.fd, .events = POLLIN},
                                 {.fd = worker->channel.fd, .events = POLLIN}};
        while (!replied && poll(polls, 2, PATIENCE_MS) > 0 && !(disturbed = polls[1].revents) &&
               link_read(&aside.reader, aside.fd) <= LINK_INPUT_NONE)
            replied = pass_on(worker, &aside, reply);
        stop(&aside);
    }
    if (!replied && !disturbed)
        apologize(worker, request, reply);
    channel_flush(&worker->channel);
}
