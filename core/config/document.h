/* A JSON file as it was read, kept so that every error can name file, line and column. */
#ifndef HILUM_CONFIG_DOCUMENT_H
#define HILUM_CONFIG_DOCUMENT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/str.h"

/* Bytes of a configuration file. */
#define DOCUMENT_MAX ((size_t)1 << 20)

struct document {
    char *path;         /* as it was named; NULL: no file */
    struct buffer text; /* an object; json_check accepted it */
};

enum document_result {
    DOCUMENT_READ,
    DOCUMENT_ABSENT, /* there is no such file, or it lies where we may not look */
    DOCUMENT_BAD,    /* unreadable, no regular file, too long, no JSON object: the error says */
};

/* Reads and checks a file; sets the error unless it was read. A zeroed document holds nothing. */
enum document_result document_read(struct document *document, const char *path, struct error *error)
    __attribute__((warn_unused_result));
void document_fini(struct document *document);

/* `at` is text inside the document. */
size_t document_line(const struct document *document, struct str at);

/* Sets the error to "FILE:LINE:COLUMN: ...", with the place and the code "config.wrong-value". Always
 * false. */
bool document_error(const struct document *document, struct str at, struct error *error,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
