#include "declare.h"

#include <string.h>
#include <sys/types.h>
#include <wchar.h>

static const struct {
    const char *name;
    size_t size;
    bool is_unsigned;
} known_ints[] = {
    {"int8_t", 1, false},
    {"int16_t", 2, false},
    {"int32_t", 4, false},
    {"int64_t", 8, false},
    {"uint8_t", 1, true},
    {"uint16_t", 2, true},
    {"uint32_t", 4, true},
    {"uint64_t", 8, true},
    {"intptr_t", sizeof(intptr_t), false},
    {"uintptr_t", sizeof(uintptr_t), true},
    {"ptrdiff_t", sizeof(ptrdiff_t), false},
    {"size_t", sizeof(size_t), true},
    {"ssize_t", sizeof(ssize_t), false},
    {"wchar_t", sizeof(wchar_t), (wchar_t)-1 > 0},
};

static bool add_type(struct declarations *declarations, const char *name, const struct ctype *type)
{
    struct declaration made = {.kind = DECLARED_TYPE, .name = name, .type = type};
    return type && declarations_add(declarations, &made) == DECLARING_OK;
}

bool declarations_init(struct declarations *declarations)
{
    *declarations = (struct declarations){0};
    struct ctypes *types = &declarations->types;
    if (!ctypes_init(types))
        return false;
    for (size_t i = 0; i < sizeof(known_ints) / sizeof(known_ints[0]); i++)
        if (!add_type(declarations, known_ints[i].name,
                      ctype_int(types, known_ints[i].size, known_ints[i].is_unsigned)))
            return false;
    /* A va_list is handed on, never looked into; as a parameter it is a pointer. */
    const struct ctype *pointer = ctype_pointer(types, types->void_type);
    return add_type(declarations, "va_list", pointer) &&
           add_type(declarations, "__builtin_va_list", pointer) &&
           add_type(declarations, "__gnuc_va_list", pointer);
}

void declarations_fini(struct declarations *declarations)
{
    names_free(&declarations->names);
    names_free(&declarations->tags);
    ctypes_free(&declarations->types);
}

const struct declaration *declarations_find(const struct declarations *declarations,
                                            const char *name, size_t size)
{
    return names_find(&declarations->names, name, size);
}

static bool is_same(const struct declaration *a, const struct declaration *b)
{
    if (a->type != b->type && !(a->type && b->type && ctype_same_definition(a->type, b->type)))
        return false;
    return a->value == b->value && (a->symbol == b->symbol ||
                                    (a->symbol && b->symbol && strcmp(a->symbol, b->symbol) == 0));
}

static enum declaring replace(struct declarations *declarations, struct declaration *known,
                              const struct declaration *made)
{
    if (known->kind != made->kind)
        return DECLARING_CONFLICT;
    if (is_same(known, made)) {
        if (known->kind == DECLARED_FUNCTION)
            known->type = made->type; /* it may name its parameters now */
        return DECLARING_OK;
    }
    if (known->kind == DECLARED_TYPE)
        return DECLARING_CONFLICT;
    struct declaration *next = known->next;
    *known = *made;
    known->next = next;
    declarations->has_changed = true;
    return DECLARING_OK;
}

enum declaring declarations_add(struct declarations *declarations, const struct declaration *made)
{
    struct declaration *known = names_find(&declarations->names, made->name, strlen(made->name));
    if (known)
        return replace(declarations, known, made);
    struct declaration *added = arena_take(&declarations->types.arena, sizeof(*added));
    if (!added || !names_set(&declarations->names, made->name, added))
        return DECLARING_NO_MEMORY;
    *added = *made;
    added->next = NULL;
    if (declarations->last)
        declarations->last->next = added;
    else
        declarations->first = added;
    declarations->last = added;
    return DECLARING_OK;
}
