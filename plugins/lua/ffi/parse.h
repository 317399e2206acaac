/* C declarations and type names. What comes before the first error stays declared. */
#ifndef FFI_PARSE_H
#define FFI_PARSE_H

#include "declare.h"

enum { PARSE_MESSAGE_BYTES = 600 };

/* What a `$` in the text stands for. */
struct parse_argument {
    const struct ctype *type; /* or */
    const char *name;         /* or, when both are NULL, a number */
    int64_t number;
};

struct parse_request {
    const char *text;
    size_t size;
    const struct parse_argument *arguments;
    size_t argument_count;
};

struct parse_error {
    size_t line;                       /* from 1 */
    size_t column;                     /* from 1, in bytes */
    char message[PARSE_MESSAGE_BYTES]; /* with the place, the line and a mark under it */
};

/* Reads declarations as in a header. */
bool parse_declarations(struct declarations *declarations, const struct parse_request *request,
                        struct parse_error *error);

/* Reads a type such as "int *[3]". *is_new says that the text defines a record or enum, which is
 * another type each time. NULL: an error. */
const struct ctype *parse_type(struct declarations *declarations,
                               const struct parse_request *request, bool *is_new,
                               struct parse_error *error);

#endif
