#include "config/settings.h"
#include "base/json_scan.h"

#include <math.h>
#include <stdlib.h>

/* clang-format off */
const struct setting settings_table[] = {
    {.key = "cells.time", .type = SETTING_BOOLEAN, .fallback = "false",
     .help = "Whether every cell ends with a report of what it used, as after %%time."},
    {.key = "checkpoints.depth", .type = SETTING_INTEGER, .min = 0, .max = 16, .fallback = "1",
     .help = "How many cells %undo can go back; each costs a sleeping process."},
    {.key = "checkpoints.enabled", .type = SETTING_BOOLEAN, .fallback = "true",
     .help = "Whether a sleeping copy of the session takes its place when it crashes."},
    {.key = "evaluator", .type = SETTING_NAME, .fallback = "lua",
     .environment = "HILUM_EVALUATOR",
     .help = "The evaluator that runs the cells."},
    {.key = "history.enabled", .type = SETTING_BOOLEAN, .fallback = "false",
     .help = "Whether inputs are kept for later sessions."},
    {.key = "history.file", .type = SETTING_STRING, .fallback = "",
     .help = "The SQLite file that they are kept in; empty: hilum/history.sqlite in the user's "
             "state folder."},
    {.key = "history.output", .type = SETTING_BOOLEAN, .fallback = "false",
     .help = "Whether the text of results is kept with the inputs."},
    {.key = "interrupt.grace_seconds", .type = SETTING_NUMBER, .min = 0, .max = 3600,
     .fallback = "2",
     .help = "How long an interrupted cell may take to stop before its worker is killed."},
    {.key = "limits.cell_cpu_seconds", .type = SETTING_NUMBER, .min = 0, .max = 31536000,
     .fallback = "0",
     .help = "How much CPU time a cell may use before it is interrupted; 0: no limit."},
    {.key = "limits.cell_cpu_seconds_hard", .type = SETTING_NUMBER, .min = 0, .max = 31536000,
     .fallback = "0",
     .help = "How much CPU time a cell may use before its worker is killed; 0: no limit."},
    {.key = "limits.cell_output_mb", .type = SETTING_NUMBER, .min = 0, .max = 1000000,
     .fallback = "0",
     .help = "How much output of a cell is shown, in megabytes; the rest is left out; 0: all."},
    {.key = "limits.cell_wall_seconds", .type = SETTING_NUMBER, .min = 0, .max = 31536000,
     .fallback = "0",
     .help = "How long a cell may run before it is interrupted; 0: no limit."},
    {.key = "limits.cell_wall_seconds_hard", .type = SETTING_NUMBER, .min = 0, .max = 31536000,
     .fallback = "0",
     .help = "How long a cell may run before its worker is killed; 0: no limit."},
    {.key = "limits.core_dumps", .type = SETTING_BOOLEAN, .fallback = "false",
     .help = "Whether a worker that crashes may leave a core dump."},
    {.key = "limits.session_memory_mb", .type = SETTING_NUMBER, .min = 0, .max = 1000000000,
     .fallback = "0",
     .help = "How much memory the session's processes may hold before a cell is interrupted, in "
             "megabytes; 0: no limit."},
    {.key = "limits.session_memory_mb_hard", .type = SETTING_NUMBER, .min = 0,
     .max = 1000000000, .fallback = "0",
     .help = "How much memory they may hold before the worker is killed, in megabytes; 0: no "
             "limit."},
    {.key = "limits.session_open_files", .type = SETTING_INTEGER, .min = 0, .max = 1000000,
     .fallback = "0",
     .help = "How many files one process of the session may have open before the cell is "
             "interrupted; 0: no limit."},
    {.key = "limits.session_open_files_hard", .type = SETTING_INTEGER, .min = 0, .max = 1000000,
     .fallback = "0",
     .help = "How many files the operating system lets it open; 0: as many as it lets the "
             "kernel."},
    {.key = "limits.session_processes", .type = SETTING_INTEGER, .min = 0, .max = 1000,
     .fallback = "0",
     .help = "How many processes the session may have before the cell is interrupted; 0: no "
             "limit."},
    {.key = "limits.session_processes_hard", .type = SETTING_INTEGER, .min = 0, .max = 1000,
     .fallback = "0",
     .help = "How many processes it may have before the worker is killed; 0: no limit."},
    {.key = "log.code", .type = SETTING_BOOLEAN, .fallback = "false",
     .help = "Whether the code of cells is logged, at level debug."},
    {.key = "log.file", .type = SETTING_STRING, .fallback = "",
     .environment = "HILUM_LOG_FILE",
     .help = "The file that log lines are appended to; empty: stderr."},
    {.key = "log.format", .type = SETTING_CHOICE, .fallback = "text",
     .choices = {"text", "json"}, .environment = "HILUM_LOG_FORMAT",
     .help = "Whether log lines are text, or one JSON object each."},
    {.key = "log.level", .type = SETTING_CHOICE, .fallback = "warning",
     .choices = {"error", "warning", "info", "debug"}, .environment = "HILUM_LOG_LEVEL",
     .help = "The least urgent log lines that are written."},
    {.key = "metrics.allow_remote", .type = SETTING_BOOLEAN, .fallback = "false",
     .help = "Whether metrics may be served at an address that other machines can reach."},
    {.key = "metrics.file", .type = SETTING_STRING, .fallback = "",
     .help = "The file that the metrics are written to when the kernel ends; {pid} in it is the "
             "kernel's process number; empty: none."},
    {.key = "metrics.listen", .type = SETTING_STRING, .fallback = "",
     .environment = "HILUM_METRICS_LISTEN",
     .help = "Where metrics are served over HTTP: ADDRESS:PORT or unix:PATH; port 0 is chosen; "
             "empty: nowhere."},
    {.key = "metrics.targets", .type = SETTING_STRING, .fallback = "",
     .help = "The folder for a file that tells Prometheus where the metrics are (file_sd), while "
             "the kernel runs; empty: none."},
    {.key = "queue.max_requests", .type = SETTING_INTEGER, .min = 1, .max = 1000000,
     .fallback = "10000",
     .help = "How many requests may wait for the evaluator before more are refused."},
    {.key = NULL},
};
/* clang-format on */

#define NAME_MAX_BYTES 64

size_t settings_count(void)
{
    return sizeof settings_table / sizeof *settings_table - 1;
}

struct str setting_section(const struct setting *setting)
{
    const char *dot = strchr(setting->key, '.');
    return str_slice(str_of(setting->key), 0, dot ? (size_t)(dot - setting->key) : 0);
}

struct str setting_name(const struct setting *setting)
{
    size_t section = setting_section(setting).size;
    return str_slice(str_of(setting->key), section ? section + 1 : 0, SIZE_MAX);
}

size_t settings_find(struct str section, struct str name)
{
    size_t i = 0;
    while (settings_table[i].key && !(str_equal(setting_section(&settings_table[i]), section) &&
                                      str_equal(setting_name(&settings_table[i]), name)))
        i++;
    return i;
}

bool evaluator_name_is_valid(struct str name)
{
    if (name.size == 0 || name.size > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (!memchr("abcdefghijklmnopqrstuvwxyz0123456789-_", name.data[i], 38))
            return false;
    return true;
}

bool setting_is_text(enum setting_type type)
{
    return type == SETTING_NAME || type == SETTING_CHOICE || type == SETTING_STRING;
}

static bool is_choice(const struct setting *setting, const char *text)
{
    for (size_t i = 0; setting->choices[i]; i++)
        if (strcmp(setting->choices[i], text) == 0)
            return true;
    return false;
}

static bool is_in_range(const struct setting *setting, double number)
{
    return isfinite(number) && number >= setting->min && number <= setting->max;
}

/* A number as JSON writes it: strtod alone would take "0x10", "inf" and " 1". */
static bool parse_number(const char *text, double *number)
{
    struct str digits = str_of(text);
    if (!json_check(digits, NULL) || json_kind(digits) != JSON_KIND_NUMBER)
        return false;
    *number = strtod(text, NULL);
    return true;
}

static bool parse_boolean(const char *text, bool *truth)
{
    *truth = strcmp(text, "true") == 0;
    return *truth || strcmp(text, "false") == 0;
}

static bool parse_by_type(const struct setting *setting, struct setting_value *value)
{
    switch (setting->type) {
    case SETTING_NAME:
        return evaluator_name_is_valid(str_of(value->text));
    case SETTING_CHOICE:
        return is_choice(setting, value->text);
    case SETTING_STRING:
        return true;
    case SETTING_INTEGER:
        return json_read_integer(str_of(value->text), &value->integer) &&
               is_in_range(setting, (double)value->integer);
    case SETTING_NUMBER:
        return parse_number(value->text, &value->number) && is_in_range(setting, value->number);
    case SETTING_BOOLEAN:
        return parse_boolean(value->text, &value->truth);
    }
    return false;
}

bool setting_parse(const struct setting *setting, struct str text, struct setting_value *value)
{
    if (text.size && memchr(text.data, '\0', text.size))
        return false;
    struct setting_value parsed = {.text = text.size ? strndup(text.data, text.size) : strdup("")};
    if (!parsed.text)
        return false;
    if (!parse_by_type(setting, &parsed)) {
        free(parsed.text);
        return false;
    }
    free(value->text);
    *value = parsed;
    return true;
}

static bool kind_fits(enum setting_type type, enum json_kind kind)
{
    switch (type) {
    case SETTING_INTEGER:
    case SETTING_NUMBER:
        return kind == JSON_KIND_NUMBER;
    case SETTING_BOOLEAN:
        return kind == JSON_KIND_TRUE || kind == JSON_KIND_FALSE;
    default:
        return kind == JSON_KIND_STRING;
    }
}

bool setting_parse_json(const struct setting *setting, struct str json, struct setting_value *value)
{
    if (!kind_fits(setting->type, json_kind(json)))
        return false;
    if (!setting_is_text(setting->type))
        return setting_parse(setting, json, value);
    struct buffer text = {0};
    bool good = json_unescape(json, &text) && !text.failed &&
                setting_parse(setting, buffer_str(&text), value);
    buffer_fini(&text);
    return good;
}

static void append_choices(const struct setting *setting, struct buffer *out)
{
    buffer_append_cstr(out, "one of");
    for (size_t i = 0; setting->choices[i]; i++)
        buffer_append_format(out, "%s \"%s\"", i ? "," : "", setting->choices[i]);
}

void setting_expectation(const struct setting *setting, struct buffer *out)
{
    switch (setting->type) {
    case SETTING_NAME:
        buffer_append_cstr(out, "an evaluator's name (lower case letters, digits, - and _)");
        break;
    case SETTING_CHOICE:
        append_choices(setting, out);
        break;
    case SETTING_STRING:
        buffer_append_cstr(out, "a text in quotes");
        break;
    case SETTING_INTEGER:
    case SETTING_NUMBER:
        buffer_append_format(out, "%s from %.15g to %.15g",
                             setting->type == SETTING_INTEGER ? "an integer" : "a number",
                             setting->min, setting->max);
        break;
    case SETTING_BOOLEAN:
        buffer_append_cstr(out, "true or false");
        break;
    }
}
