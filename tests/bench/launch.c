#include "launch.h"

#include "clock.h"
#include "procfs.h"
#include "workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Often enough for a resolution of 0.1 ms, cheap enough not to be noticed: 1 % of a core. */
#define PROBE_PERIOD (CLOCK_MS / 10)

/* For the descendants of a kernel that has ended, to end too. */
#define LEFTOVER_GRACE CLOCK_S

extern char **environ;

/* Kernels must neither see the user's configuration nor write into the user's history. */
static const char *const redirected[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                                         "XDG_CACHE_HOME",  "IPYTHONDIR",    NULL};

static void set_variable(char ***environment, size_t *count, const char *assignment)
{
    size_t name = strcspn(assignment, "=") + 1;
    size_t i = 0;
    while (i < *count && strncmp((*environment)[i], assignment, name))
        i++;
    if (i == *count) {
        *environment = realloc(*environment, (*count + 2) * sizeof **environment);
        if (!*environment)
            abort();
        (*environment)[++*count] = NULL;
    } else {
        free((*environment)[i]);
    }
    (*environment)[i] = strdup(assignment);
}

static char **make_environment(const struct command *command)
{
    char **environment = NULL;
    char assignment[PATH_MAX + 64];
    size_t count = 0;
    for (char **at = environ; *at; at++)
        set_variable(&environment, &count, *at);
    for (const char *const *name = redirected; *name; name++) {
        snprintf(assignment, sizeof assignment, "%s=%s/home", *name, workspace_directory());
        set_variable(&environment, &count, assignment);
    }
    snprintf(assignment, sizeof assignment, "JPY_PARENT_PID=%d", (int)getpid());
    set_variable(&environment, &count, assignment);
    for (char *const *at = command->environment; *at; at++)
        set_variable(&environment, &count, *at);
    return environment;
}

/* The spec's words with the connection file in its place, or at the end when it has none. */
static bool make_command(struct kernel *kernel)
{
    const struct placeholder placeholders[] = {{"{connection_file}", kernel->connection.file},
                                               {NULL, NULL}};
    char text[4 * PATH_MAX];
    size_t length = 0;
    bool has_file = false;
    for (char *const *word = kernel->spec->parsed.words; *word; word++) {
        has_file |= strstr(*word, placeholders[0].name) != NULL;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s\"%s\"",
                                   length ? " " : "", *word);
        if (length >= sizeof text)
            return false;
    }
    if (!has_file)
        length +=
            (size_t)snprintf(text + length, sizeof text - length, " %s", placeholders[0].name);
    return length < sizeof text && command_parse(&kernel->command, text, placeholders);
}

bool kernel_prepare(struct kernel *kernel, const struct kernel_spec *spec)
{
    memset(kernel, 0, sizeof *kernel);
    kernel->spec = spec;
    if (!connection_create(&kernel->connection, workspace_directory()) || !make_command(kernel))
        return false;
    kernel->environment = make_environment(&spec->parsed);
    return true;
}

static void exec_kernel(const struct kernel *kernel, pid_t parent)
{
    char log[PATH_MAX + 8];
    snprintf(log, sizeof log, "%s.log", kernel->connection.file);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    int input = open("/dev/null", O_RDONLY);
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    signal(SIGPIPE, SIG_DFL);
    execvpe(kernel->command.words[0], kernel->command.words, kernel->environment);
    dprintf(2, "cannot execute %s: %s\n", kernel->command.words[0], strerror(errno));
    _exit(127);
}

bool kernel_start(struct kernel *kernel)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        exec_kernel(kernel, parent);
    if (pid < 0)
        return false;
    setpgid(pid, pid);
    workspace_register(pid);
    kernel->pid = pid;
    return true;
}

bool kernel_has_ended(const struct kernel *kernel)
{
    if (kernel->pid <= 0)
        return true;
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)kernel->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
}

bool kernel_await_port(struct kernel *kernel, enum port port, int64_t nanoseconds)
{
    int64_t deadline = clock_now() + nanoseconds;
    while (!connection_is_open(&kernel->connection, port)) {
        if (kernel_has_ended(kernel) || clock_now() > deadline)
            return false;
        clock_sleep(PROBE_PERIOD);
    }
    return true;
}

/*
 * What a kernel leaves behind when it ends becomes a child of this process, a subreaper: it is what
 * is a child and no kernel. Waits for it to end by itself; kills it when it does not.
 */
static bool has_leftovers(void)
{
    int64_t deadline = clock_now() + LEFTOVER_GRACE;
    for (;;) {
        struct process_tree children;
        bool is_clean = true, is_late = clock_now() > deadline;
        process_children_read(&children, getpid());
        for (size_t i = 0; i < children.count; i++) {
            pid_t pid = children.processes[i].pid;
            if (workspace_is_registered(pid))
                continue;
            is_clean = false;
            if (is_late && kill(pid, SIGKILL) == 0)
                waitpid(pid, NULL, 0);
        }
        if (is_clean || is_late)
            return !is_clean;
        clock_sleep(CLOCK_MS);
    }
}

static void print_log(const struct kernel *kernel)
{
    char path[PATH_MAX + 8], line[512];
    snprintf(path, sizeof path, "%s.log", kernel->connection.file);
    FILE *log = kernel->is_suspect ? fopen(path, "r") : NULL;
    while (log && fgets(line, sizeof line, log))
        fprintf(stderr, "bench: %s: %s%s", kernel->spec->name, line,
                strchr(line, '\n') ? "" : "\n");
    if (log)
        fclose(log);
    unlink(path);
}

static void release(struct kernel *kernel)
{
    unlink(kernel->connection.file);
    command_fini(&kernel->command);
    for (char **at = kernel->environment; at && *at; at++)
        free(*at);
    free(kernel->environment);
    kernel->environment = NULL;
}

const char *kernel_stop(struct kernel *kernel)
{
    const char *fault = NULL;
    if (kernel->pid > 0) {
        if (!kernel_has_ended(kernel))
            fault = "it did not end when it was asked to and had to be killed";
        kill(-kernel->pid, SIGKILL);
        workspace_unregister(kernel->pid);
        waitpid(kernel->pid, NULL, 0);
        if (has_leftovers() && !fault)
            fault = "it left processes behind";
        kernel->pid = 0;
    }
    kernel->is_suspect |= fault != NULL;
    print_log(kernel);
    release(kernel);
    return fault;
}
