#include "cli/args.h"
#include "cli/commands.h"
#include "cli/problem.h"
#include "config/config.h"
#include "kernel/kernel.h"

#include <stdlib.h>

int command_run(int argc, char **argv)
{
    const char *connection_file = NULL;
    struct config_overrides overrides = {0};
    struct args_list ignored = {.count = 0};
    const struct args_option options[] = {
        {"-f", "CONNECTION_FILE", "the connection or registration file that Jupyter wrote",
         .text = &connection_file, .required = true},
        {"--evaluator", "NAME", "run this evaluator", .text = &overrides.evaluator},
        {"--config", "FILE", "read this configuration file", .text = &overrides.file},
        {"--log-level", "LEVEL", "error, warning, info or debug", .text = &overrides.log_level},
        /* `jupyter run FILE` hands its own arguments to the kernel as well. */
        {"ARGUMENT", NULL, "ignored, as clients add arguments of their own", .list = &ignored},
        {0},
    };
    int status;
    if (!args_parse(argc, argv, options, "Runs a kernel until its frontend shuts it down.",
                    &status))
        return status;
    struct error error;
    struct config *config = config_load(&overrides, &error);
    if (!config) {
        problem_print(&error);
        return EXIT_FAILURE;
    }
    log_set_level(config_log_level(config));
    status = kernel_main(config, connection_file);
    config_free(config);
    return status;
}
