/*
 * process: any program that speaks the worker protocol, as an evaluator. A section of the config
 * names it; what it is called, its language and its options come from there as well
 * (docs/worker-protocol.md is written for authors of such programs).
 */
#include "program/program.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The config's section, as the core checked it, ready to be started. */
struct section {
    const char **argv;
    char **environment;
    double hello_seconds;
    struct hilum_str options;
    json_t *command; /* owns the words of argv */
};

static bool has_key(const struct hilum_setting *setting, const char *key)
{
    return setting->key.size == strlen(key) && memcmp(setting->key.data, key, strlen(key)) == 0;
}

static json_t *parse(struct hilum_str text)
{
    return json_loadb(text.data, text.size, JSON_DECODE_ANY, NULL);
}

static bool take_command(struct section *section, json_t *command)
{
    size_t count = json_array_size(command);
    section->command = command;
    section->argv = count ? calloc(count + 1, sizeof *section->argv) : NULL;
    for (size_t i = 0; section->argv && i < count; i++) {
        section->argv[i] = json_string_value(json_array_get(command, i));
        if (!section->argv[i])
            return false;
    }
    return section->argv;
}

static bool take_environment(struct section *section, json_t *object)
{
    const char *name;
    json_t *value;
    size_t count = 0;
    section->environment = calloc(json_object_size(object) + 1, sizeof *section->environment);
    if (!section->environment)
        return false;
    json_object_foreach(object, name, value)
    {
        const char *text = json_string_value(value);
        size_t size = strlen(name) + (text ? strlen(text) : 0) + 2;
        char *entry = text ? malloc(size) : NULL;
        if (!entry)
            return false;
        strcpy(entry, name);
        strcat(entry, "=");
        strcat(entry, text);
        section->environment[count++] = entry;
    }
    return true;
}

static bool take_setting(struct section *section, const struct hilum_setting *setting)
{
    bool good = true;
    if (has_key(setting, "command")) {
        good = take_command(section, parse(setting->value));
    } else if (has_key(setting, "environment")) {
        json_t *object = parse(setting->value);
        good = take_environment(section, object);
        json_decref(object);
    } else if (has_key(setting, "start_seconds")) {
        json_t *number = parse(setting->value);
        section->hello_seconds = json_number_value(number);
        json_decref(number);
    } else if (has_key(setting, "options")) {
        section->options = setting->value;
    }
    return good;
}

static void section_fini(struct section *section)
{
    for (size_t i = 0; section->environment && section->environment[i]; i++)
        free(section->environment[i]);
    free(section->environment);
    free(section->argv);
    json_decref(section->command);
}

static enum hilum_status load(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **session)
{
    struct section section = {.options = {"{}", 2}};
    bool good = true;
    enum hilum_status status;
    for (size_t i = 0; good && i < setting_count; i++)
        good = take_setting(&section, &settings[i]);
    if (!good)
        status = program_refuse(host, "config.wrong-value", "ConfigError",
                                "\"command\" must be a list of texts and \"environment\" an object "
                                "of texts, or memory ran out");
    else if (!section.argv)
        status = program_refuse(host, "config.wrong-value", "ConfigError",
                                "this evaluator needs a section in hilum.json that says which "
                                "program to start: {\"evaluators\": {NAME: {\"command\": [...]}}}");
    else
        status = program_load(host,
                              &(struct program_start){
                                  .argv = section.argv,
                                  .environment = (const char *const *)section.environment,
                                  .hello_seconds = section.hello_seconds,
                                  .settings = section.options,
                              },
                              session);
    section_fini(&section);
    return status;
}

static const struct hilum_option options[] = {
    {"command", HILUM_OPTION_JSON, NULL, "the program and its arguments: a list of texts"},
    {"environment", HILUM_OPTION_JSON, NULL, "variables that are added to its environment"},
    {"start_seconds", HILUM_OPTION_NUMBER, "30", "how long it may take until it says hello"},
    {"options", HILUM_OPTION_JSON, NULL, "an object that the program gets as it is"},
    {0},
};

/* What holds for a program of which nothing is known; the config says more. */
static const struct hilum_language language = {
    .name = "text",
    .version = "",
    .mimetype = "text/plain",
    .file_extension = ".txt",
};

static const struct hilum_evaluator table = {
    .abi_version = HILUM_ABI_VERSION,
    .struct_size = sizeof(struct hilum_evaluator),
    .name = "process",
    .version = PACKAGE_VERSION,
    .display_name = "Program",
    .banner = "A program of its own, driven by Hilum",
    .language = &language,
    .load = load,
    .options = options,
    PROGRAM_FUNCTIONS,
};

const struct hilum_evaluator *hilum_evaluator(void)
{
    return &table;
}
