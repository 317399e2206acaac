/* What has been declared: the ordinary names of C and the tags. */
#ifndef FFI_DECLARE_H
#define FFI_DECLARE_H

#include "ctype.h"
#include "names.h"

enum declaration_kind {
    DECLARED_TYPE,
    DECLARED_FUNCTION,
    DECLARED_VARIABLE,
    DECLARED_CONSTANT,
};

struct declaration {
    enum declaration_kind kind;
    const char *name;
    const char *symbol; /* in the library; __asm__("...") sets it */
    const struct ctype *type;
    const char *alias; /* the typedef that names the type of a variable, or NULL */
    size_t align;      /* of a typedef with an aligned attribute, or 0 */
    int64_t value;     /* of a constant */
    struct declaration *next;
};

struct declarations {
    struct ctypes types;
    struct names names;
    struct names tags;
    struct declaration *first; /* in the order of declaration */
    struct declaration *last;
    bool has_changed; /* something got another meaning; whoever keeps results resets it */
};

/* Starts with the types that need no declaration: size_t, int32_t and so on. False: no memory. */
bool declarations_init(struct declarations *declarations);
void declarations_fini(struct declarations *declarations);

const struct declaration *declarations_find(const struct declarations *declarations,
                                            const char *name, size_t size);

enum declaring { DECLARING_OK, DECLARING_CONFLICT, DECLARING_NO_MEMORY };

/*
 * Adds a copy of `made`, whose texts must stay valid. A name that is there already takes the new
 * meaning, so that a cell can be corrected and run again; but a typedef must stay what it is, since
 * objects of its type may exist, and so must the kind of thing that a name stands for.
 */
enum declaring declarations_add(struct declarations *declarations, const struct declaration *made);

#endif
