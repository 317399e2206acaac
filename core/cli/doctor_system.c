#include "cli/doctor.h"
#include "base/child.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* A kernel has about 30 descriptors, and one or two for each frontend. */
#define DESCRIPTORS_MIN 256

/* A kernel has a handful of processes and threads; the limit counts all that the user has. */
#define PROCESSES_MIN 256

#define GHC_VERSION_MS 5000

static void check_limit(struct report *report, int resource, rlim_t least, const char *what,
                        const char *flag)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return;
    if (limit.rlim_cur == RLIM_INFINITY) {
        report_add(report, FINDING_OK, "%s: unlimited", what);
    } else if (limit.rlim_cur >= least) {
        report_add(report, FINDING_OK, "%s: %llu", what, (unsigned long long)limit.rlim_cur);
    } else {
        report_add(report, FINDING_WARN, "%s: %llu, which is little", what,
                   (unsigned long long)limit.rlim_cur);
        report_mend("`ulimit %s %llu` before Jupyter starts, or see limits.conf(5)", flag,
                    (unsigned long long)least * 4);
    }
}

/* A number in a file of /proc/sys; -1: unknown. */
static long long read_number(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    return size > 0 ? atoll(text) : -1;
}

static void check_overcommit(struct report *report)
{
    if (read_number("/proc/sys/vm/overcommit_memory") != 2)
        return;
    report_add(report, FINDING_WARN,
               "the system does not overcommit memory: a copy of a big session may be refused");
    report_mend("`sysctl vm.overcommit_memory=0`, as root");
}

/* What the Haskell evaluator needs, when there is one. */
static void check_ghc(struct report *report, bool is_needed)
{
    const char *const argv[] = {"ghc", "--numeric-version", NULL};
    struct child child = {.output.max = 4096};
    struct error error;
    bool is_there = child_run(&child, argv, GHC_VERSION_MS, &error) && child.end == CHILD_EXITED &&
                    child.code == 0;
    struct str version =
        str_slice(buffer_str(&child.output), 0, child.output.size ? child.output.size - 1 : 0);
    if (is_there && is_needed && !str_has_prefix(version, STR("9."))) {
        report_add(report, FINDING_WARN, "ghc %.*s is on the PATH; Haskell cells need GHC 9",
                   STR_FORMAT(version));
        report_mend("install GHC 9, or name it in the option \"ghc\" of the evaluator ghc");
    } else if (is_there) {
        report_add(report, FINDING_NOTE, "ghc %.*s is on the PATH", STR_FORMAT(version));
        if (!is_needed)
            report_mend("for Haskell cells, build Hilum again: the evaluator ghc is not there");
    } else if (is_needed) {
        report_add(report, FINDING_WARN, "no ghc on the PATH; the evaluator ghc needs GHC 9");
        report_mend("`apt-get install ghc`, or ghcup: https://www.haskell.org/ghcup/");
    } else {
        report_add(report, FINDING_NOTE, "no ghc on the PATH; only Haskell needs it");
    }
    buffer_fini(&child.output);
}

void doctor_check_system(struct report *report, bool has_haskell)
{
    check_limit(report, RLIMIT_NOFILE, DESCRIPTORS_MIN, "open files (RLIMIT_NOFILE)", "-n");
    check_limit(report, RLIMIT_NPROC, PROCESSES_MIN, "processes (RLIMIT_NPROC)", "-u");
    check_overcommit(report);
    check_ghc(report, has_haskell);
}
