/* Types as C writes them. */
#ifndef FFI_TYPENAME_H
#define FFI_TYPENAME_H

#include "ctype.h"

#include "../text.h"

/* Adds the declaration of `name` with this type, or the type alone when `name` is empty. */
void typename_declare(struct text *out, const struct ctype *type, const char *name);

/* Adds a member or parameter with its type, as it was declared. */
void typename_field(struct text *out, const struct cfield *field);

/* Adds a function's declaration: "size_t strlen(const char *s)". */
void typename_function(struct text *out, const struct ctype *function, const char *name);

#endif
