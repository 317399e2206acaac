/* What struct config holds. For the files of this folder only. */
#ifndef HILUM_CONFIG_STATE_H
#define HILUM_CONFIG_STATE_H

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

/* Appends a JSON value as an error shows it: itself when it is short, else what kind it is. */
void config_write_found(struct str value, struct buffer *out);

#endif
