#include "config/config.h"
#include "base/path.h"
#include "config/paths.h"
#include "config/state.h"

#include <stdio.h>
#include <stdlib.h>

static bool set_defaults(struct config *config, struct error *error)
{
    config->values = calloc(settings_count(), sizeof *config->values);
    if (!config->values)
        return error_set(error, "out of memory");
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *row = &settings_table[i];
        if (!setting_parse(row, str_of(row->fallback), &config->values[i].is))
            return error_set(error, "cannot set \"%s\" to its default", row->key);
    }
    return true;
}

static bool read_named(struct config *config, const char *path, const char *named_by,
                       struct error *error)
{
    enum document_result result = document_read(&config->document, path, error);
    if (result == DOCUMENT_ABSENT)
        error_prefix(error, "%s", named_by);
    return result == DOCUMENT_READ;
}

/* NULL is an error: out of memory. */
static char *system_file(void)
{
    return strdup(HILUM_SYSCONFDIR "/hilum/hilum.json");
}

static bool read_first(struct config *config, struct error *error)
{
    char *const files[] = {paths_user_config(), system_file()};
    const size_t count = sizeof files / sizeof *files;
    enum document_result result = DOCUMENT_ABSENT;
    for (size_t i = 0; i < count && result == DOCUMENT_ABSENT; i++)
        if (files[i])
            result = document_read(&config->document, files[i], error);
    for (size_t i = 0; i < count; i++)
        free(files[i]);
    return result != DOCUMENT_BAD;
}

static bool read_file(struct config *config, const struct config_overrides *overrides,
                      struct error *error)
{
    const char *environment = getenv("HILUM_CONFIG");
    bool good;
    if (overrides->file)
        good = read_named(config, overrides->file, "--config", error);
    else if (environment && *environment)
        good = read_named(config, environment, "HILUM_CONFIG", error);
    else
        good = read_first(config, error);
    return good && (!config->document.path || config_read_document(config, error));
}

static bool override(struct config *config, const struct setting *row, const char *text,
                     enum config_origin origin, const char *source, struct error *error)
{
    struct config_value *value = &config->values[row - settings_table];
    if (setting_parse(row, str_of(text), &value->is)) {
        value->origin = origin;
        return true;
    }
    struct buffer expected = {0};
    setting_expectation(row, &expected);
    error_set(error, "%s is \"%.60s\"; expected %.*s", source, text,
              STR_FORMAT(buffer_str(&expected)));
    buffer_fini(&expected);
    return false;
}

static bool read_environment(struct config *config, struct error *error)
{
    for (const struct setting *row = settings_table; row->key; row++) {
        const char *text = row->environment ? getenv(row->environment) : NULL;
        if (text && *text &&
            !override(config, row, text, ORIGIN_ENVIRONMENT, row->environment, error))
            return false;
    }
    return true;
}

static const struct setting *row_of(const char *key)
{
    const struct setting *row = settings_table;
    while (row->key && strcmp(row->key, key) != 0)
        row++;
    if (!row->key)
        abort();
    return row;
}

static bool read_command_line(struct config *config, const struct config_overrides *overrides,
                              struct error *error)
{
    const struct {
        const char *option, *key, *text;
    } given[] = {
        {"--evaluator", "evaluator", overrides->evaluator},
        {"--log-level", "log.level", overrides->log_level},
    };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].text && !override(config, row_of(given[i].key), given[i].text,
                                       ORIGIN_COMMAND_LINE, given[i].option, error))
            return false;
    return true;
}

struct config *config_load(const struct config_overrides *overrides, struct error *error)
{
    struct config *config = calloc(1, sizeof *config);
    if (!config) {
        error_set(error, "out of memory");
        return NULL;
    }
    if (set_defaults(config, error) && read_file(config, overrides, error) &&
        read_environment(config, error) && read_command_line(config, overrides, error))
        return config;
    config_free(config);
    return NULL;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; config->values && i < settings_count(); i++)
        free(config->values[i].is.text);
    free(config->values);
    for (size_t i = 0; i < config->section_count; i++) {
        free(config->sections[i].name);
        free(config->sections[i].library);
        free(config->sections[i].executable);
        buffer_fini(&config->sections[i].settings);
    }
    free(config->sections);
    document_fini(&config->document);
    free(config);
}

static const struct setting_value *value_of(const struct config *config, const char *key,
                                            enum setting_type type)
{
    const struct setting *row = row_of(key);
    bool both_text = type == SETTING_STRING && setting_is_text(row->type);
    if (row->type != type && !both_text)
        abort();
    return &config->values[row - settings_table].is;
}

const char *config_text(const struct config *config, const char *key)
{
    return value_of(config, key, SETTING_STRING)->text;
}

int64_t config_integer(const struct config *config, const char *key)
{
    return value_of(config, key, SETTING_INTEGER)->integer;
}

double config_number(const struct config *config, const char *key)
{
    return value_of(config, key, SETTING_NUMBER)->number;
}

bool config_flag(const struct config *config, const char *key)
{
    return value_of(config, key, SETTING_BOOLEAN)->truth;
}

const struct config_section *config_section_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->section_count; i++)
        if (strcmp(config->sections[i].name, name) == 0)
            return &config->sections[i];
    return NULL;
}

const char *config_section_name(const struct config *config, size_t index)
{
    return index < config->section_count ? config->sections[index].name : NULL;
}

const char *config_library_of(const struct config *config, const char *name)
{
    const struct config_section *section = config_section_find(config, name);
    return section ? section->library : NULL;
}

/* The text in the file that made us look for this evaluator; empty: the file did not. */
static struct str asked_at(const struct config *config, const char *name)
{
    const struct config_section *section = config_section_find(config, name);
    const struct config_value *chosen = &config->values[row_of("evaluator") - settings_table];
    if (section && section->library)
        return section->library_at;
    if (section && section->command.size)
        return section->command;
    if (chosen->origin == ORIGIN_FILE && strcmp(chosen->is.text, name) == 0)
        return chosen->at;
    return (struct str){0};
}

bool config_find_evaluator(const struct config *config, const char *name, char **path,
                           struct error *error)
{
    const char *plugin = config_runs_program(config, name) ? CONFIG_PROGRAM_EVALUATOR : name;
    if (paths_find_evaluator(plugin, config_library_of(config, name), path, error))
        return true;
    struct str at = asked_at(config, name);
    if (at.size)
        error_prefix(error, "%s:%zu", config->document.path, document_line(&config->document, at));
    return false;
}

const char *config_evaluator(const struct config *config)
{
    return config_text(config, "evaluator");
}

const char *config_library(const struct config *config)
{
    return config_library_of(config, config_evaluator(config));
}

struct str config_options(const struct config *config)
{
    const struct config_section *section = config_section_find(config, config_evaluator(config));
    return section && section->options.size ? section->options : STR("{}");
}

struct str config_settings(const struct config *config)
{
    const struct config_section *section = config_section_find(config, config_evaluator(config));
    return section && section->command.size ? buffer_str(&section->settings)
                                            : config_options(config);
}

const char *config_file(const struct config *config)
{
    return config->document.path;
}

enum log_level config_log_level(const struct config *config)
{
    enum log_level level = LOG_LEVEL_WARNING;
    if (!log_level_parse(str_of(config_text(config, "log.level")), &level))
        abort();
    return level;
}

int64_t config_queue_max(const struct config *config)
{
    return config_integer(config, "queue.max_requests");
}

int64_t config_interrupt_grace_ms(const struct config *config)
{
    return (int64_t)(config_number(config, "interrupt.grace_seconds") * 1000 + 0.5);
}

char *config_path(const struct config *config, const char *key)
{
    const char *file = config_text(config, key);
    if (!*file)
        return NULL;
    return config->document.path ? path_beside(config->document.path, file) : path_absolute(file);
}

char *config_history_file(const struct config *config)
{
    if (!*config_text(config, "history.file"))
        return paths_user_history();
    return config_path(config, "history.file");
}
