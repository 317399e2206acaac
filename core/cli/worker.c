#include "cli/commands.h"
#include "cli/output.h"
#include "cli/problem.h"
#include "config/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* All arguments are the worker's. */
int command_worker(int argc, char **argv)
{
    (void)argc;
    char *path;
    struct error error;
    if (!paths_find_worker(&path, &error)) {
        problem_print(&error);
        return EXIT_FAILURE;
    }
    argv[0] = path;
    execv(path, argv);
    output_error("cannot start %s: %s", path, strerror(errno));
    free(path);
    return EXIT_FAILURE;
}
