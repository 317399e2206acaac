#include "cli/args.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "config/config.h"
#include "kernel/kernel.h"

#include <stdlib.h>

/* A log file that cannot be opened is no reason to have no kernel. */
static void set_up_log(const struct config *config)
{
    struct error error;
    char *file = config_path(config, "log.file");
    log_set_level(config_log_level(config));
    log_set_json(strcmp(config_text(config, "log.format"), "json") == 0);
    log_set_evaluator(str_of(config_evaluator(config)));
    if (file && !log_open(file, &error))
        log_error("%s; log lines go to stderr", error.sentence);
    free(file);
}

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
        output_error("%s", error.sentence);
        return EXIT_FAILURE;
    }
    set_up_log(config);
    status = kernel_main(config, connection_file);
    log_close();
    config_free(config);
    return status;
}
