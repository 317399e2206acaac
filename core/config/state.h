/* What struct config holds. For the files of this folder only. */
#ifndef HILUM_CONFIG_STATE_H
#define HILUM_CONFIG_STATE_H

#include "base/json_scan.h"
#include "base/suggest.h"
#include "config/document.h"
#include "config/settings.h"

enum config_origin {
    ORIGIN_DEFAULT,
    ORIGIN_FILE,
    ORIGIN_ENVIRONMENT,
    ORIGIN_COMMAND_LINE,
};

struct config_value {
    struct setting_value is;
    enum config_origin origin;
    struct str at; /* in the document, when the origin is the file */
};

/* One member of "evaluators". */
struct config_section {
    char *name;
    char *library;         /* absolute; NULL: none */
    struct str library_at; /* in the document */
    struct str options;    /* the object in the document; empty: none */

    /* A program instead of a library: config/program.c. */
    struct str command;      /* in the document; empty: none */
    struct str environment;  /* likewise */
    struct str language;     /* likewise */
    struct str display_name; /* likewise */
    struct str start_seconds;
    char *executable;       /* the first word of the command, as it will be started */
    struct buffer settings; /* what the worker gets: a JSON object */
};

struct config {
    struct document document;    /* zeroed: no file */
    struct config_value *values; /* one for each row of settings_table */
    struct config_section *sections;
    size_t section_count;
};

/* Takes the document's contents into values and sections. */
bool config_read_document(struct config *config, struct error *error)
    __attribute__((warn_unused_result));

/* NULL when the file has no section of this name. */
const struct config_section *config_section_find(const struct config *config, const char *name);

/* "FILE:LINE:COLUMN: unknown key ..." for the member's key, with what is known. Always false. */
bool config_unknown_key(const struct config *config, struct str key_at, const char *where,
                        struct suggestion *known, struct error *error);

/* "FILE:LINE:COLUMN: "KEY" is VALUE; expected ...". Always false. */
bool config_wrong_value(const struct config *config, const char *key, struct str value,
                        struct str expected, struct error *error);

/* Is this a key that only sections with a program have: "command", "environment", ...? */
bool config_is_program_member(struct str key);

/* Takes the value of such a key. */
bool config_read_program_member(const struct config *config, struct config_section *section,
                                const struct json_member *member, struct error *error)
    __attribute__((warn_unused_result));

/* Offers the names of these members. */
void config_suggest_program_members(struct suggestion *known);

/* When all members have been read: do they fit together? Makes the section's settings. */
bool config_finish_program(const struct config *config, struct config_section *section,
                           struct error *error) __attribute__((warn_unused_result));

/* Appends a JSON value as an error shows it: itself when it is short, else what kind it is. */
void config_write_found(struct str value, struct buffer *out);

#endif
