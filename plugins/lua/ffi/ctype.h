/*
 * C types. They belong to a `struct ctypes` and live as long as it does, so they are passed around
 * as plain pointers. Basic types, pointers, arrays and qualified types exist once each: two of them
 * are the same type when their pointers are equal. Each declared record, enum and function is a
 * type of its own.
 */
#ifndef FFI_CTYPE_H
#define FFI_CTYPE_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctype_kind {
    CTYPE_VOID,
    CTYPE_BOOL,
    CTYPE_INT,
    CTYPE_FLOAT,
    CTYPE_ENUM,
    CTYPE_POINTER,
    CTYPE_ARRAY,
    CTYPE_RECORD, /* struct or union */
    CTYPE_FUNCTION,
};

enum { CTYPE_CONST = 1, CTYPE_VOLATILE = 2 };

enum ctype_extent {
    CTYPE_FIXED,
    CTYPE_UNKNOWN,  /* an array [], a record that is only announced */
    CTYPE_VARIABLE, /* an array [?], or a record that ends in one: the size comes with the object */
};

/* A member of a record, a parameter of a function, or a constant of an enum or record. */
struct cfield {
    const char *name; /* NULL: anonymous */
    const struct ctype *type;
    const char *alias; /* the typedef that names its type, or NULL */
    size_t offset;     /* in bytes; of a bit-field, of the unit of its type that it lies in */
    unsigned bit;      /* where in the unit, */
    unsigned bits;     /* how many; 0: no bit-field */
    bool is_bit_field;
    bool is_constant; /* of this value; takes no room */
    int64_t value;
    struct cfield *next;
};

struct ctype {
    enum ctype_kind kind;
    unsigned qualifiers;
    enum ctype_extent extent;
    bool is_unsigned;
    bool is_char; /* plain char, which is neither signed nor unsigned char */
    bool is_union;
    bool is_packed;
    bool is_variadic;
    size_t size; /* of a VARIABLE one, that of the part before the elements */
    size_t align;
    size_t count;                /* of an array's elements */
    const struct ctype *inner;   /* pointed at, element, result, integer behind an enum */
    const struct ctype *plain;   /* the same without qualifiers */
    const char *name;            /* tag of a record or enum, symbol of a function, basic type */
    const char *alias;           /* typedef that names a function's result, or a type without tag */
    struct cfield *fields;       /* members, parameters, constants */
    size_t field_count;          /* without constants, those of an enum included */
    const struct cfield *repeat; /* the member that is a variable or flexible array */

    /* What was derived from this type. */
    struct ctype *pointer;
    struct ctype *arrays; /* of this element type */
    struct ctype *next;   /* in that list */
    struct ctype *qualified[4];

    /* For the side of Lua, which keeps it up. */
    int metatable; /* a reference in the registry, 0: none */
    bool has_finalizer;
    struct call_plan *plan; /* of a function */
    void *abi;              /* of a record: libffi's description */
};

/* A quarter of the address space: sums and products of two sizes cannot overflow unnoticed. */
#define CTYPE_MOST_BYTES ((size_t)1 << 46)

struct ctypes {
    struct arena arena;
    struct ctype *void_type, *bool_type, *char_type;
    struct ctype *ints[2][4]; /* [is unsigned][log2 of the size] */
    struct ctype *float_type, *double_type, *long_double_type;
};

/* False: no memory; ctypes_free is allowed then too. */
bool ctypes_init(struct ctypes *types);
void ctypes_free(struct ctypes *types);

/* All that make a type return NULL for lack of memory. */
const struct ctype *ctype_int(const struct ctypes *types, size_t size, bool is_unsigned);
const struct ctype *ctype_pointer(struct ctypes *types, const struct ctype *target);
const struct ctype *ctype_array(struct ctypes *types, const struct ctype *element, size_t count,
                                enum ctype_extent extent);
const struct ctype *ctype_qualified(struct ctypes *types, const struct ctype *type,
                                    unsigned qualifiers);
struct ctype *ctype_new(struct ctypes *types, enum ctype_kind kind);

/* Size and alignment of the type; those of a qualified record follow its definition. */
static inline size_t ctype_size(const struct ctype *type)
{
    return type->plain->size;
}

/* The bytes of an object with `count` elements in its variable part, 0 when that is too much. */
size_t ctype_size_with(const struct ctype *type, size_t count);

/* Finds a member, also in anonymous members; *offset is its place in the whole. */
const struct cfield *ctype_field(const struct ctype *record, const char *name, size_t size,
                                 size_t *offset);

/* The constant of an enum. */
const struct cfield *ctype_constant(const struct ctype *enumeration, const char *name, size_t size);

/* The same type, leaving out qualifiers at all levels? */
bool ctype_same(const struct ctype *a, const struct ctype *b);

/* The same type, or made in the same way of records and enums without tags that are the same? */
bool ctype_same_definition(const struct ctype *a, const struct ctype *b);

/* Do the two define the same thing: members, constants, layout? */
bool ctype_same_body(const struct ctype *a, const struct ctype *b);

static inline bool ctype_is_integer(const struct ctype *type)
{
    enum ctype_kind kind = type->kind;
    return kind == CTYPE_INT || kind == CTYPE_ENUM || kind == CTYPE_BOOL;
}

static inline bool ctype_is_function_pointer(const struct ctype *type)
{
    return type->kind == CTYPE_POINTER && type->inner->kind == CTYPE_FUNCTION;
}

/* A char or a type of its size, the elements of C's strings. */
static inline bool ctype_is_byte(const struct ctype *type)
{
    return type->kind == CTYPE_INT && type->size == 1;
}

#endif
