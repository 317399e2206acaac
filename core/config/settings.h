/*
 * The settings that Hilum itself knows, as data. One row here is all that a new setting needs: the
 * file's check, the defaults, `hilum config` and the JSON Schema are made from the table.
 */
#ifndef HILUM_CONFIG_SETTINGS_H
#define HILUM_CONFIG_SETTINGS_H

#include "base/buffer.h"
#include "base/str.h"

#include <stdint.h>

enum setting_type {
    SETTING_NAME,    /* an evaluator's name: lower case letters, digits, '-', '_' */
    SETTING_CHOICE,  /* one of `choices` */
    SETTING_STRING,  /* any text */
    SETTING_INTEGER, /* from min to max */
    SETTING_NUMBER,  /* from min to max */
    SETTING_BOOLEAN,
};

#define SETTING_CHOICES_MAX 6

struct setting {
    const char *key; /* "evaluator" on top, or "section.name": "log.level" */
    enum setting_type type;
    double min, max;                              /* INTEGER, NUMBER */
    const char *choices[SETTING_CHOICES_MAX + 1]; /* CHOICE; ends with NULL */
    const char *fallback;                         /* the default as plain text: "2", "warning" */
    const char *environment;                      /* variable that overrides the file, or NULL */
    const char *help;                             /* one sentence */
};

/* Ends with a row whose key is NULL. */
extern const struct setting settings_table[];

size_t settings_count(void);

/* The row's index, or settings_count() when there is none. On top the section is empty. */
size_t settings_find(struct str section, struct str name);

/* The two parts of a row's key. */
struct str setting_section(const struct setting *setting);
struct str setting_name(const struct setting *setting);

/* A value in both of its forms. */
struct setting_value {
    char *text; /* plain, NUL-terminated, owned; NULL: the default holds */
    int64_t integer;
    double number;
    bool truth;
};

/*
 * Takes a value from plain text (environment, command line, default). False when it is of the
 * wrong form or out of range; *value is then untouched.
 */
bool setting_parse(const struct setting *setting, struct str text, struct setting_value *value)
    __attribute__((warn_unused_result));

/* The same from a JSON value that json_check accepted. */
bool setting_parse_json(const struct setting *setting, struct str json, struct setting_value *value)
    __attribute__((warn_unused_result));

/* Appends what is accepted: "an integer from 1 to 1000000". */
void setting_expectation(const struct setting *setting, struct buffer *out);

/* Are values of this type written in quotes? */
bool setting_is_text(enum setting_type type);

/* Lower case letters, digits, '-' and '_', at most 64: fit for file names and kernel names. */
bool evaluator_name_is_valid(struct str name);

#endif
