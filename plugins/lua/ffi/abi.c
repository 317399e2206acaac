#include "abi.h"

#include <string.h>

static ffi_type *integer_type(const struct ctype *type)
{
    bool is_unsigned = type->plain->is_unsigned;
    switch (ctype_size(type)) {
    case 1:
        return is_unsigned ? &ffi_type_uint8 : &ffi_type_sint8;
    case 2:
        return is_unsigned ? &ffi_type_uint16 : &ffi_type_sint16;
    case 4:
        return is_unsigned ? &ffi_type_uint32 : &ffi_type_sint32;
    default:
        return is_unsigned ? &ffi_type_uint64 : &ffi_type_sint64;
    }
}

static ffi_type *float_type(const struct ctype *type)
{
    return ctype_size(type) == sizeof(float)    ? &ffi_type_float
           : ctype_size(type) == sizeof(double) ? &ffi_type_double
                                                : &ffi_type_longdouble;
}

/* What a large record holds does not matter where it always goes through memory. */
#ifdef __x86_64__
enum { IS_LARGE_IN_MEMORY = true };
#else
enum { IS_LARGE_IN_MEMORY = false };
#endif

/* A record with its elements flattened: arrays inside are so many elements. */
struct elements {
    ffi_type **types;
    size_t count;
    size_t room;
};

static bool add_element(struct elements *elements, ffi_type *type)
{
    if (elements->count < elements->room)
        elements->types[elements->count] = type;
    elements->count++;
    return type != NULL;
}

static bool add_elements(struct ctypes *types, struct elements *elements, const struct ctype *type,
                         const char **reason)
{
    if (type->kind != CTYPE_ARRAY)
        return add_element(elements, abi_type(types, type, reason));
    for (size_t i = 0; i < type->count && elements->count < elements->room; i++)
        if (!add_elements(types, elements, type->inner, reason))
            return false;
    return true;
}

/* Is the layout one that libffi finds by itself from the elements? */
static bool is_natural(const struct ctype *record)
{
    size_t end = 0;
    if (record->is_union || (IS_LARGE_IN_MEMORY && record->size > 16))
        return false;
    for (const struct cfield *field = record->fields; field; field = field->next) {
        if (field->is_constant)
            continue;
        size_t align = field->type->plain->align;
        if (field->is_bit_field || field->offset != (end + align - 1) / align * align)
            return false;
        if (field->type->kind == CTYPE_RECORD && !is_natural(field->type->plain))
            return false;
        end = field->offset + ctype_size(field->type);
    }
    return (end + record->align - 1) / record->align * record->align == record->size;
}

#ifdef __x86_64__
/* What an eightbyte of a record holds, by the psABI's classification. */
enum content { NOTHING, FLOATS, INTEGERS };

static bool classify(const struct ctype *type, size_t offset, enum content contents[2])
{
    if (type->kind == CTYPE_ARRAY) {
        for (size_t i = 0; i < type->count; i++)
            if (!classify(type->inner, offset + i * ctype_size(type->inner), contents))
                return false;
        return true;
    }
    if (type->kind == CTYPE_RECORD) {
        for (const struct cfield *field = type->plain->fields; field; field = field->next) {
            if (field->is_constant || (field->is_bit_field && field->bits == 0))
                continue;
            size_t place = offset + field->offset;
            if (field->is_bit_field) {
                place += field->bit / 8;
                contents[place / 8] = INTEGERS;
                contents[(place + (field->bit % 8 + field->bits - 1) / 8) / 8] = INTEGERS;
            } else if (!classify(field->type, place, contents)) {
                return false;
            }
        }
        return true;
    }
    if (offset % type->plain->align != 0 || ctype_size(type) > 8)
        return false; /* goes through memory, or the x87 unit */
    enum content content = type->kind == CTYPE_FLOAT ? FLOATS : INTEGERS;
    if (contents[offset / 8] < content)
        contents[offset / 8] = content;
    return true;
}

/* Stands for a union, or a struct with bit-fields, that goes through registers. */
static bool add_eightbytes(const struct ctype *record, struct elements *elements,
                           const char **reason)
{
    enum content contents[2] = {NOTHING, NOTHING};
    if (!classify(record, 0, contents)) {
        *reason = "unaligned or long double members cannot be passed by value in such a type";
        return false;
    }
    for (size_t i = 0; i * 8 < record->size; i++) {
        size_t left = record->size - i * 8;
        bool floats = contents[i] == FLOATS;
        if (left >= 8)
            add_element(elements, floats ? &ffi_type_double : &ffi_type_uint64);
        else if (floats && left == 4)
            add_element(elements, &ffi_type_float);
        else
            for (; left > 0; left -= left >= 4 ? 4 : left >= 2 ? 2 : 1)
                add_element(elements, left >= 4   ? &ffi_type_uint32
                                      : left >= 2 ? &ffi_type_uint16
                                                  : &ffi_type_uint8);
    }
    return true;
}

static bool add_unnatural(const struct ctype *record, struct elements *elements,
                          const char **reason)
{
    if (record->size <= 16)
        return add_eightbytes(record, elements, reason);
    for (size_t i = 0; i < (record->size + 7) / 8; i++)
        add_element(elements, &ffi_type_uint64);
    return true;
}
#else
static bool add_unnatural(const struct ctype *record, struct elements *elements,
                          const char **reason)
{
    (void)record;
    (void)elements;
    *reason = "unions, bit-fields and packed structs cannot be passed by value on this machine";
    return false;
}
#endif

static ffi_type *record_type(struct ctypes *types, const struct ctype *record, const char **reason)
{
    if (record->extent != CTYPE_FIXED || record->size == 0) {
        *reason = record->extent == CTYPE_VARIABLE ? "it has no fixed size"
                                                   : "it is not defined, or empty";
        return NULL;
    }
    struct elements elements = {.room = record->size + 8};
    elements.types = arena_take(&types->arena, (elements.room + 1) * sizeof(ffi_type *));
    ffi_type *made = arena_take(&types->arena, sizeof(*made));
    if (!made || !elements.types) {
        *reason = "there is not enough memory";
        return NULL;
    }
    if (is_natural(record)) {
        for (const struct cfield *field = record->fields; field; field = field->next)
            if (!field->is_constant && !add_elements(types, &elements, field->type, reason))
                return NULL;
    } else if (!add_unnatural(record, &elements, reason)) {
        return NULL;
    }
    elements.types[elements.count] = NULL;
    *made = (ffi_type){.size = record->size,
                       .alignment = (unsigned short)record->align,
                       .type = FFI_TYPE_STRUCT,
                       .elements = elements.types};
    return made;
}

ffi_type *abi_type(struct ctypes *types, const struct ctype *type, const char **reason)
{
    struct ctype *plain = (struct ctype *)type->plain;
    switch (type->kind) {
    case CTYPE_VOID:
        return &ffi_type_void;
    case CTYPE_BOOL:
    case CTYPE_INT:
    case CTYPE_ENUM:
        return integer_type(type);
    case CTYPE_FLOAT:
        return float_type(type);
    case CTYPE_POINTER:
        return &ffi_type_pointer;
    case CTYPE_RECORD:
        if (!plain->abi)
            plain->abi = record_type(types, plain, reason);
        return plain->abi;
    default:
        *reason = "arrays and functions cannot be passed by value";
        return NULL;
    }
}
