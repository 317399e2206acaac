#include "pipe_program.h"

#include "workspace.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define ANSWER_MAX  4096

bool pipe_program_start(struct pipe_program *program, char *const words[])
{
    int in[2], out[2];
    *program = (struct pipe_program){0};
    if (pipe2(in, O_CLOEXEC))
        return false;
    if (pipe2(out, O_CLOEXEC)) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    program->pid = fork();
    if (program->pid == 0) {
        setpgid(0, 0);
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execvp(words[0], words);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    program->input = in[1];
    program->output = out[0];
    if (program->pid > 0) {
        workspace_register(program->pid);
        return true;
    }
    close(in[1]);
    close(out[0]);
    program->pid = 0;
    return false;
}

bool pipe_program_ask(struct pipe_program *program, const char *line, const char *end,
                      size_t end_size)
{
    char answer[ANSWER_MAX];
    size_t size = 0, length = strlen(line);
    if (write(program->input, line, length) != (ssize_t)length)
        return false;
    for (;;) {
        struct pollfd ready = {program->output, POLLIN, 0};
        if (poll(&ready, 1, PATIENCE_MS) != 1)
            return false;
        ssize_t got = read(program->output, answer + size, sizeof answer - size);
        if (got <= 0)
            return false;
        size += (size_t)got;
        if (size >= end_size && memcmp(answer + size - end_size, end, end_size) == 0)
            return true;
        if (size == sizeof answer)
            return false;
    }
}

void pipe_program_stop(struct pipe_program *program)
{
    if (!program->pid)
        return;
    close(program->input);
    close(program->output);
    kill(-program->pid, SIGKILL);
    while (waitpid(program->pid, NULL, 0) < 0)
        continue;
    workspace_unregister(program->pid);
    program->pid = 0;
}
