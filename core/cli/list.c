#include "cli/args.h"
#include "cli/commands.h"
#include "cli/evaluators.h"
#include "cli/output.h"
#include "cli/problem.h"

#include <stdlib.h>

static void append_line(struct buffer *out, const char *const cells[5])
{
    buffer_append_format(out, "%-12s  %-10s  %-18s  %-3s  %s\n", cells[0], cells[1], cells[2],
                         cells[3], cells[4]);
}

static void append_evaluator(struct buffer *out, const struct evaluator *evaluator)
{
    char language[128], abi[24];
    snprintf(language, sizeof language, "%s %s", evaluator_language_fact(evaluator, "name"),
             evaluator_language_fact(evaluator, "version"));
    snprintf(abi, sizeof abi, "%lld",
             (long long)json_integer_value(json_object_get(evaluator->facts, "abi")));
    append_line(out, (const char *const[]){evaluator->name, evaluator_fact(evaluator, "version"),
                                           language, abi, evaluator->file});
}

static void print_table(const struct evaluators *list)
{
    struct buffer out = {0};
    size_t broken = 0;
    append_line(&out, (const char *const[]){"NAME", "VERSION", "LANGUAGE", "ABI", "FILE"});
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].facts)
            append_evaluator(&out, &list->items[i]);
        else
            broken++;
    }
    if (broken)
        buffer_append_cstr(&out, "\nBroken:\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct evaluator *evaluator = &list->items[i];
        if (evaluator->problem)
            buffer_append_format(&out, "%-12s  %s\n%-12s  %s\n", evaluator->name,
                                 evaluator->file ? evaluator->file : "(no file)", "",
                                 evaluator->problem);
    }
    output_print(&out);
    buffer_fini(&out);
}

static json_t *json_of(const struct evaluator *evaluator)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(evaluator->name));
    json_object_set_new(object, "file",
                        evaluator->file ? json_string(evaluator->file) : json_null());
    if (evaluator->problem)
        json_object_set_new(object, "problem", json_string(evaluator->problem));
    static const char *const facts[] = {"version", "display_name", "language_info",
                                        "abi",     "capabilities", "options"};
    for (size_t i = 0; evaluator->facts && i < sizeof facts / sizeof *facts; i++) {
        json_t *fact = json_object_get(evaluator->facts, facts[i]);
        if (fact)
            json_object_set(object, facts[i], fact);
    }
    return object;
}

static void print_json(const struct evaluators *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_of(&list->items[i]));
    char *text = json_dumps(array, JSON_INDENT(2));
    struct buffer out = {0};
    buffer_append_format(&out, "%s\n", text ? text : "[]");
    output_write(&out);
    buffer_fini(&out);
    free(text);
    json_decref(array);
}

/* The list helps to repair a configuration, so a broken one does not stop it. */
static struct config *load_if_possible(const struct config_overrides *overrides)
{
    struct error error;
    struct config *config = config_load(overrides, &error);
    if (!config) {
        problem_print(&error);
        output_hint("the list goes on without the configuration");
    }
    return config;
}

int command_list(int argc, char **argv)
{
    bool json = false;
    struct config_overrides overrides = {0};
    const struct args_option options[] = {
        {"--json", NULL, "print JSON", .flag = &json},
        {"--config", "FILE", "read this configuration file", .text = &overrides.file},
        {0},
    };
    int status;
    if (!args_parse(argc, argv, options,
                    "Shows the evaluators that are found, and why others "
                    "cannot be used.",
                    &status))
        return status;
    struct config *config = load_if_possible(&overrides);
    struct evaluators list;
    if (!evaluators_init(&list, config)) {
        output_error("out of memory");
        config_free(config);
        return EXIT_FAILURE;
    }
    if (json)
        print_json(&list);
    else if (list.count)
        print_table(&list);
    else
        output_error("no evaluator was found; `hilum doctor` shows where they are searched");
    status = list.count ? EXIT_SUCCESS : EXIT_FAILURE;
    evaluators_fini(&list);
    if (!config)
        status = EXIT_FAILURE;
    config_free(config);
    return status;
}
