#include "ctype.h"

#include <stdalign.h>
#include <string.h>

struct ctype *ctype_new(struct ctypes *types, enum ctype_kind kind)
{
    struct ctype *type = arena_take(&types->arena, sizeof(*type));
    if (!type)
        return NULL;
    type->kind = kind;
    type->plain = type;
    type->align = 1;
    return type;
}

static struct ctype *basic(struct ctypes *types, enum ctype_kind kind, const char *name,
                           size_t size, size_t align)
{
    struct ctype *type = ctype_new(types, kind);
    if (!type)
        return NULL;
    type->name = name;
    type->size = size;
    type->align = align;
    return type;
}

static bool make_ints(struct ctypes *types)
{
    static const char *const names[2][4] = {
        {"signed char", "short", "int", "int64_t"},
        {"unsigned char", "unsigned short", "unsigned int", "uint64_t"},
    };
    for (int is_unsigned = 0; is_unsigned < 2; is_unsigned++) {
        for (int log = 0; log < 4; log++) {
            size_t size = (size_t)1 << log;
            struct ctype *type = basic(types, CTYPE_INT, names[is_unsigned][log], size, size);
            if (!type)
                return false;
            type->is_unsigned = is_unsigned;
            types->ints[is_unsigned][log] = type;
        }
    }
    return true;
}

bool ctypes_init(struct ctypes *types)
{
    *types = (struct ctypes){0};
    types->void_type = basic(types, CTYPE_VOID, "void", 0, 1);
    types->bool_type = basic(types, CTYPE_BOOL, "bool", sizeof(bool), alignof(bool));
    types->char_type = basic(types, CTYPE_INT, "char", 1, 1);
    types->float_type = basic(types, CTYPE_FLOAT, "float", sizeof(float), alignof(float));
    types->double_type = basic(types, CTYPE_FLOAT, "double", sizeof(double), alignof(double));
    types->long_double_type =
        basic(types, CTYPE_FLOAT, "long double", sizeof(long double), alignof(long double));
    if (!types->void_type || !types->bool_type || !types->char_type || !types->float_type ||
        !types->double_type || !types->long_double_type)
        return false;
    types->void_type->extent = CTYPE_UNKNOWN;
    types->bool_type->is_unsigned = true;
    types->char_type->is_char = true;
    types->char_type->is_unsigned = (char)-1 > 0;
    return make_ints(types);
}

void ctypes_free(struct ctypes *types)
{
    arena_free(&types->arena);
}

const struct ctype *ctype_int(const struct ctypes *types, size_t size, bool is_unsigned)
{
    int log = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
    return types->ints[is_unsigned][log];
}

/* Types point at what they were derived from as const; the caches in them are this file's own. */
static struct ctype *own(const struct ctype *type)
{
    return (struct ctype *)type;
}

const struct ctype *ctype_pointer(struct ctypes *types, const struct ctype *target)
{
    if (target->pointer)
        return target->pointer;
    struct ctype *type = ctype_new(types, CTYPE_POINTER);
    if (!type)
        return NULL;
    type->inner = target;
    type->size = sizeof(void *);
    type->align = alignof(void *);
    own(target)->pointer = type;
    return type;
}

const struct ctype *ctype_array(struct ctypes *types, const struct ctype *element, size_t count,
                                enum ctype_extent extent)
{
    if (extent != CTYPE_FIXED)
        count = 0;
    for (struct ctype *known = element->arrays; known; known = known->next)
        if (known->count == count && known->extent == extent)
            return known;
    struct ctype *type = ctype_new(types, CTYPE_ARRAY);
    if (!type)
        return NULL;
    type->inner = element;
    type->count = count;
    type->extent = extent;
    type->size = count * ctype_size(element);
    type->align = element->plain->align;
    type->next = element->arrays;
    own(element)->arrays = type;
    return type;
}

const struct ctype *ctype_qualified(struct ctypes *types, const struct ctype *type,
                                    unsigned qualifiers)
{
    qualifiers |= type->qualifiers;
    if (qualifiers == type->qualifiers)
        return type;
    if (type->kind == CTYPE_FUNCTION)
        return type;
    if (type->kind == CTYPE_ARRAY) { /* C qualifies the elements */
        const struct ctype *element = ctype_qualified(types, type->inner, qualifiers);
        return element ? ctype_array(types, element, type->count, type->extent) : NULL;
    }
    struct ctype *plain = own(type->plain);
    if (plain->qualified[qualifiers])
        return plain->qualified[qualifiers];
    struct ctype *made = ctype_new(types, type->kind);
    if (!made)
        return NULL;
    *made = *plain;
    made->qualifiers = qualifiers;
    made->plain = plain;
    made->pointer = NULL;
    made->arrays = NULL;
    memset(made->qualified, 0, sizeof(made->qualified));
    plain->qualified[qualifiers] = made;
    return made;
}

size_t ctype_size_with(const struct ctype *type, size_t count)
{
    type = type->plain;
    const struct ctype *element = NULL;
    if (type->kind == CTYPE_ARRAY)
        element = type->inner;
    else if (type->repeat)
        element = type->repeat->type->inner;
    size_t each = element ? ctype_size(element) : 0;
    size_t before = type->kind == CTYPE_ARRAY ? 0 : type->repeat ? type->repeat->offset : 0;
    if (each && count > (CTYPE_MOST_BYTES - before) / each)
        return 0;
    size_t size = before + each * count;
    if (size < type->size && type->kind == CTYPE_RECORD)
        size = type->size;
    return size;
}

static bool is_named(const struct cfield *field, const char *name, size_t size)
{
    return field->name && strncmp(field->name, name, size) == 0 && field->name[size] == '\0';
}

const struct cfield *ctype_field(const struct ctype *record, const char *name, size_t size,
                                 size_t *offset)
{
    for (const struct cfield *field = record->plain->fields; field; field = field->next) {
        if (is_named(field, name, size)) {
            *offset = field->offset;
            return field;
        }
        if (field->name || field->is_bit_field || field->type->kind != CTYPE_RECORD)
            continue;
        const struct cfield *inner = ctype_field(field->type, name, size, offset);
        if (inner) {
            *offset += field->offset;
            return inner;
        }
    }
    return NULL;
}

const struct cfield *ctype_constant(const struct ctype *enumeration, const char *name, size_t size)
{
    for (const struct cfield *field = enumeration->plain->fields; field; field = field->next)
        if (is_named(field, name, size))
            return field;
    return NULL;
}

bool ctype_same(const struct ctype *a, const struct ctype *b)
{
    a = a->plain;
    b = b->plain;
    if (a == b)
        return true;
    if (a->kind != b->kind)
        return false;
    if (a->kind == CTYPE_POINTER)
        return ctype_same(a->inner, b->inner);
    if (a->kind == CTYPE_ARRAY)
        return a->count == b->count && a->extent == b->extent && ctype_same(a->inner, b->inner);
    return a->kind == CTYPE_FUNCTION && ctype_same_body(a, b);
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_field(enum ctype_kind kind, const struct cfield *a, const struct cfield *b)
{
    if (kind != CTYPE_FUNCTION && !same_name(a->name, b->name))
        return false;
    if (a->is_constant != b->is_constant || a->value != b->value)
        return false;
    if (a->offset != b->offset || a->bit != b->bit || a->bits != b->bits)
        return false;
    if (!a->type || !b->type)
        return a->type == b->type;
    return ctype_same_definition(a->type, b->type);
}

bool ctype_same_definition(const struct ctype *a, const struct ctype *b)
{
    if (ctype_same(a, b))
        return true;
    if (a->kind != b->kind)
        return false;
    if (a->kind == CTYPE_POINTER)
        return ctype_same_definition(a->inner, b->inner);
    if (a->kind == CTYPE_ARRAY)
        return a->count == b->count && a->extent == b->extent &&
               ctype_same_definition(a->inner, b->inner);
    bool has_body = a->kind == CTYPE_RECORD || a->kind == CTYPE_ENUM;
    return has_body && !a->name && !b->name && ctype_same_body(a->plain, b->plain);
}

bool ctype_same_body(const struct ctype *a, const struct ctype *b)
{
    if (a->size != b->size || a->align != b->align || a->is_union != b->is_union ||
        a->is_variadic != b->is_variadic || a->extent != b->extent)
        return false;
    if (a->kind == CTYPE_FUNCTION && !ctype_same(a->inner, b->inner))
        return false;
    const struct cfield *left = a->fields, *right = b->fields;
    while (left && right && same_field(a->kind, left, right)) {
        left = left->next;
        right = right->next;
    }
    return !left && !right;
}
