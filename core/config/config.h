/*
 * hilum.json: every setting with its value and where it came from.
 *
 * The file is the first that exists of: --config FILE, $HILUM_CONFIG,
 * $XDG_CONFIG_HOME/hilum/hilum.json (~/.config when unset), /etc/hilum/hilum.json (sysconfdir). The
 * first two must exist when named. Command-line options override environment variables, these the
 * file, and the file the defaults. Unknown keys, wrong types and values out of range are errors
 * that name the file, the line, the key and what was expected. docs/hilum.schema.json describes
 * the same as a JSON Schema; config/settings.h is the table behind both.
 */
#ifndef HILUM_CONFIG_CONFIG_H
#define HILUM_CONFIG_CONFIG_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/str.h"
#include "telemetry/log.h"

#include <stdint.h>

struct config;

/* What the command line says; NULL: nothing. Borrowed until config_load returns. */
struct config_overrides {
    const char *file;      /* --config */
    const char *evaluator; /* --evaluator */
    const char *log_level; /* --log-level */
};

/* The effective settings, or NULL with the error. The caller frees it with config_free. */
struct config *config_load(const struct config_overrides *overrides, struct error *error)
    __attribute__((warn_unused_result));
void config_free(struct config *config);

/* All borrowed from the config. */
const char *config_evaluator(const struct config *config);    /* default: "lua" */
const char *config_library(const struct config *config);      /* of the evaluator; NULL: search */
struct str config_options(const struct config *config);       /* the evaluator's options as a JSON
                                                                   object, "{}" when there are none */
struct str config_settings(const struct config *config);      /* what its worker gets: these, or,
                                                                   for a program, its section */
const char *config_file(const struct config *config);         /* NULL: no file was found */
enum log_level config_log_level(const struct config *config); /* "log": {"level": "warning"} */
int64_t config_queue_max(const struct config *config);        /* "queue": {"max_requests": 10000} */
int64_t
config_interrupt_grace_ms(const struct config *config); /* "interrupt": {"grace_seconds": 2} */

/* "history": {"file": ...}: from the folder of the configuration file when it is relative, and
 * $XDG_STATE_HOME/hilum/history.sqlite (~/.local/state when unset) when it is empty. The caller
 * frees it; NULL: there is no home, or no memory. */
char *config_history_file(const struct config *config);

/* A setting that is a path: absolute, from the folder of the configuration file when it is relative.
 * The caller frees it; NULL: it is empty, or there is no memory. */
char *config_path(const struct config *config, const char *key);

/* Any setting by its key in settings_table. A key that is not there, or of another type, is a
 * mistake in the program: it aborts. */
const char *config_text(const struct config *config, const char *key);
int64_t config_integer(const struct config *config, const char *key);
double config_number(const struct config *config, const char *key);
bool config_flag(const struct config *config, const char *key);

/* The names under "evaluators" in the file, in its order; NULL past the last. */
const char *config_section_name(const struct config *config, size_t index);

/* The absolute path that the file gives for the evaluator of this name; NULL: none. */
const char *config_library_of(const struct config *config, const char *name);

/* paths_find_evaluator with what the file says about the evaluator of this name; the error names
 * the line that asked for it. */
bool config_find_evaluator(const struct config *config, const char *name, char **path,
                           struct error *error) __attribute__((warn_unused_result));

/* The evaluator whose library drives the programs that sections name. */
#define CONFIG_PROGRAM_EVALUATOR "process"

/* Does the section of this name have a "command"? */
bool config_runs_program(const struct config *config, const char *name);

/* For those that do. Appends language_info as far as the file says, a JSON object. */
void config_write_language(const struct config *config, const char *name, struct buffer *out);

/* For those that do. Appends "display_name", or else the section's name. */
void config_write_display_name(const struct config *config, const char *name, struct buffer *out);

/* For those that do: is the program there, and executable? The error names the line. */
bool config_check_program(const struct config *config, const char *name, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Checks the evaluator's options of the file against what the evaluator accepts: `known` is the
 * "options" array of `hilum-worker --describe`, accepted by json_check. The error names the place. A
 * program checks its options itself.
 */
bool config_check_options(const struct config *config, struct str known, struct error *error)
    __attribute__((warn_unused_result));

/* One effective setting. */
struct config_row {
    struct str key;     /* "log.level", "evaluators.lua.options.timeout" */
    struct str value;   /* JSON */
    const char *origin; /* "default", "FILE:LINE", "environment HILUM_LOG_LEVEL", "command line" */
    const char *help;   /* one sentence, or "" */
};

typedef void config_visitor(void *context, const struct config_row *row);

/* Visits Hilum's settings in the table's order, then the evaluator's library and options. `known`
 * as above adds the options that have defaults; empty: only those that the file sets. */
void config_visit(const struct config *config, struct str known, config_visitor *visitor,
                  void *context);

/* Appends the effective settings, one per line with its origin, for `hilum config`. */
void config_describe(const struct config *config, struct buffer *out);

/* The same, with the evaluator's defaults. */
void config_describe_known(const struct config *config, struct str known, struct buffer *out);

/* Appends {"file": ..., "settings": {KEY: {"value", "origin"}}}. */
void config_describe_json(const struct config *config, struct str known, struct buffer *out);

/* Appends the JSON Schema of hilum.json: docs/hilum.schema.json is this text. */
void config_write_schema(struct buffer *out);

#endif
