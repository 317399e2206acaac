#include "config/config.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/evaluators.h"
#include "cli/output.h"
#include "cli/problem.h"

#include <stdlib.h>

static int print_schema(void)
{
    struct buffer out = {0};
    config_write_schema(&out);
    output_write(&out);
    buffer_fini(&out);
    return EXIT_SUCCESS;
}

static void print_settings(const struct config *config, struct str known, bool json)
{
    struct buffer out = {0};
    if (json) {
        config_describe_json(config, known, &out);
        output_write(&out);
    } else {
        buffer_append_format(&out, "file: %s\n\n",
                             config_file(config) ? config_file(config) : "none, all defaults");
        config_describe_known(config, known, &out);
        output_print(&out);
    }
    buffer_fini(&out);
}

/* The settings are printed even when the evaluator is broken: they may show why. */
static int show(const struct config *config, bool json)
{
    struct evaluator evaluator;
    struct error error;
    if (!evaluator_init(&evaluator, config_evaluator(config), config)) {
        output_error("out of memory");
        return EXIT_FAILURE;
    }
    bool good = !evaluator.problem;
    print_settings(config, good ? evaluator.known : (struct str){0}, json);
    if (!good) {
        output_error("the options of evaluator \"%s\" could not be checked: %s", evaluator.name,
                     evaluator.problem);
        output_hint("see `hilum list`");
    } else if (!config_check_options(config, evaluator.known, &error)) {
        problem_print(&error);
        good = false;
    }
    evaluator_fini(&evaluator);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_config(int argc, char **argv)
{
    bool json = false, schema = false;
    struct config_overrides overrides = {0};
    const struct args_option options[] = {
        {"--json", NULL, "print JSON", .flag = &json},
        {"--schema", NULL, "print the JSON Schema of hilum.json instead", .flag = &schema},
        {"--config", "FILE", "read this configuration file", .text = &overrides.file},
        {"--evaluator", "NAME", "as if `hilum run` got this", .text = &overrides.evaluator},
        {"--log-level", "LEVEL", "as if `hilum run` got this", .text = &overrides.log_level},
        {0},
    };
    int status;
    if (!args_parse(argc, argv, options,
                    "Shows the settings that hold, each with its origin, and checks them.",
                    &status))
        return status;
    if (schema)
        return print_schema();
    struct error error;
    struct config *config = config_load(&overrides, &error);
    if (!config) {
        problem_print(&error);
        return EXIT_FAILURE;
    }
    status = show(config, json);
    config_free(config);
    return status;
}
