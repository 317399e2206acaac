/* hilum-worker: the process that runs an evaluator. Started by the kernel; see --help. */
#include "base/error.h"
#include "evaluator/link.h"
#include "worker/describe.h"
#include "worker/interrupt.h"
#include "worker/plugin.h"
#include "worker/life.h"
#include "worker/oom.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: hilum-worker EVALUATOR.so             serve the kernel on descriptor 3\n"
    "       hilum-worker --describe EVALUATOR.so  print its facts as JSON\n";

/* The evaluator may print while it loads; what we say goes to the stdout we were given. */
static int describe(const char *file)
{
    struct hilum_evaluator table;
    struct error error;
    struct buffer out = {0};
    int answer = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (answer < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 1;
    bool opened = plugin_open(file, &table, &error);
    if (opened)
        describe_evaluator(&table, &out);
    else
        describe_failure(error.sentence, &out);
    buffer_append_byte(&out, '\n');
    struct str left = buffer_str(&out);
    while (left.size) {
        ssize_t size = write(answer, left.data, left.size);
        if (size <= 0)
            break;
        left = str_slice(left, (size_t)size, left.size);
    }
    bool complete = left.size == 0 && !out.failed;
    buffer_fini(&out);
    close(answer);
    return opened && complete ? 0 : 1;
}

static bool is_socket(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* Until the kernel says that they are wanted (worker/limits.h). */
static void no_core_dumps(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0)
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, limit.rlim_max});
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    if (argc == 3 && strcmp(argv[1], "--describe") == 0)
        return describe(argv[2]);
    if (argc != 2 || argv[1][0] == '-') {
        fputs(usage, stderr);
        return 2;
    }
    if (!is_socket(LINK_WORKER_FD)) {
        fputs("hilum-worker: descriptor 3 is no socket; the kernel (`hilum run`) starts this "
              "program\n",
              stderr);
        return 2;
    }
    /* Dies with the kernel, and takes its process group along (see interrupt.c). */
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    fcntl(LINK_WORKER_FD, F_SETFD, FD_CLOEXEC);
    no_core_dumps();
    interrupt_install();
    oom_volunteer();
    return live(LINK_WORKER_FD, argv[1]);
}
