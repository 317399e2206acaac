/* What the evaluator's completion and inspection ask about objects of the module. */
#include "access.h"
#include "cdata.h"
#include "library.h"
#include "module.h"
#include "typename.h"

#include <string.h>

bool ffi_is_object(lua_State *L, int index)
{
    return cdata_at(L, index) || ctype_at(L, index) || library_at(L, index);
}

bool ffi_is_held(lua_State *L, int index)
{
    return cdata_at(L, index) && cdata_is_held(L, index);
}

struct visitor {
    void (*visit)(void *context, const char *name, const char *kind);
    void *context;
};

static void each_field(const struct ctype *record, bool constants_only,
                       const struct visitor *visitor)
{
    for (const struct cfield *field = record->plain->fields; field; field = field->next) {
        if (field->is_constant)
            visitor->visit(visitor->context, field->name, "constant");
        else if (!constants_only && field->name)
            visitor->visit(visitor->context, field->name, "field");
        else if (!constants_only && field->type->kind == CTYPE_RECORD && !field->is_bit_field)
            each_field(field->type, false, visitor);
    }
}

static void each_symbol(lua_State *L, const struct library *library, const struct visitor *visitor)
{
    static const char *const kinds[] = {[DECLARED_FUNCTION] = "function",
                                        [DECLARED_VARIABLE] = "variable",
                                        [DECLARED_CONSTANT] = "constant"};
    const struct ffi *ffi = ffi_find(L);
    for (const struct declaration *i = ffi ? ffi->declarations.first : NULL; i; i = i->next) {
        bool is_there =
            i->kind == DECLARED_CONSTANT || (i->kind != DECLARED_TYPE && library_find(library, i));
        if (is_there)
            visitor->visit(visitor->context, i->name, kinds[i->kind]);
    }
}

void ffi_each_member(lua_State *L, int index,
                     void (*visit)(void *context, const char *name, const char *kind),
                     void *context)
{
    const struct visitor visitor = {visit, context};
    const struct library *library = library_at(L, index);
    const struct cdata *cdata = cdata_at(L, index);
    const struct ctype *type = cdata ? cdata->type : ctype_at(L, index);
    if (library) {
        each_symbol(L, library, &visitor);
        return;
    }
    if (!type)
        return;
    if (cdata && ctype_is_function_pointer(type)) {
        visit(context, "free", "method");
        visit(context, "set", "method");
    }
    if (cdata && type->kind == CTYPE_POINTER)
        type = type->inner;
    if (type->kind == CTYPE_RECORD || (type->kind == CTYPE_ENUM && !cdata))
        each_field(type, !cdata, &visitor);
}

static bool push_symbol(struct ffi *ffi, lua_State *L, const struct library *library,
                        const char *name, size_t size)
{
    const struct declaration *found = declarations_find(&ffi->declarations, name, size);
    return found && library_push_symbol(ffi, L, library, found);
}

static bool push_method(lua_State *L, int index, const char *name, size_t size)
{
    if (!ffi_push_methods(L, index))
        return false;
    lua_pushlstring(L, name, size);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_isnil(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

bool ffi_push_member(lua_State *L, int index, const char *name, size_t size)
{
    struct ffi *ffi = ffi_find(L);
    const struct library *library = library_at(L, index);
    if (!ffi)
        return false;
    luaL_checkstack(L, 8, NULL);
    if (library)
        return push_symbol(ffi, L, library, name, size);
    if (cdata_at(L, index) && access_push_safely(ffi, L, lua_absindex(L, index), name, size))
        return true;
    return push_method(L, index, name, size);
}

bool ffi_push_methods(lua_State *L, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    const struct ctype *type = cdata ? cdata->type : ctype_at(L, index);
    if (type && type->kind == CTYPE_POINTER)
        type = type->inner;
    if (!type || !type->plain->metatable)
        return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, type->plain->metatable);
    lua_pushliteral(L, "__index");
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (lua_istable(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

static void add_size(const struct ctype *type, struct text *out)
{
    enum ctype_extent extent = type->plain->extent;
    if (extent == CTYPE_FIXED)
        text_printf(out, "%zu byte%s, alignment %zu", ctype_size(type),
                    ctype_size(type) == 1 ? "" : "s", type->plain->align);
    else if (extent == CTYPE_VARIABLE)
        text_printf(out, "as many bytes as its elements take, alignment %zu", type->plain->align);
    else
        text_puts(out, "of unknown size");
}

static void add_record(const struct ctype *type, int depth, struct text *out);

static void add_member(const struct cfield *field, int depth, struct text *out)
{
    text_pad(out, (size_t)(depth * 4));
    if (field->is_constant) {
        text_puts(out, "static ");
        typename_field(out, field);
        text_printf(out, " = %lld;\n", (long long)field->value);
        return;
    }
    if (!field->name && !field->is_bit_field) {
        add_record(field->type, depth, out);
        text_puts(out, ";\n");
        return;
    }
    typename_field(out, field);
    text_printf(out, "; /* at %zu */\n", field->offset);
}

static void add_record(const struct ctype *type, int depth, struct text *out)
{
    text_puts(out, type->is_union ? "union " : "struct ");
    text_puts(out, type->name ? type->name : "");
    text_puts(out, type->name ? " {\n" : "{\n");
    for (const struct cfield *field = type->plain->fields; field; field = field->next)
        add_member(field, depth + 1, out);
    text_pad(out, (size_t)(depth * 4));
    text_puts(out, "}");
}

static void add_enum(const struct ctype *type, struct text *out)
{
    text_printf(out, "enum %s {\n", type->name ? type->name : "");
    for (const struct cfield *field = type->plain->fields; field; field = field->next)
        text_printf(out, "    %s = %lld,\n", field->name, (long long)field->value);
    text_puts(out, "}");
}

static bool has_definition(const struct ctype *type)
{
    return (type->kind == CTYPE_RECORD || type->kind == CTYPE_ENUM) &&
           type->plain->extent != CTYPE_UNKNOWN && type->plain->fields;
}

static void describe_type(const struct ctype *type, struct text *out)
{
    if (has_definition(type) && type->kind == CTYPE_RECORD)
        add_record(type, 0, out);
    else if (has_definition(type))
        add_enum(type, out);
    else
        typename_declare(out, type, NULL);
    text_puts(out, " /* ");
    add_size(type, out);
    text_puts(out, " */\n");
}

static void describe_data(const struct cdata *cdata, struct text *out)
{
    const struct ctype *type = cdata->type;
    if (type->kind == CTYPE_FUNCTION) {
        typename_function(out, type, type->name ? type->name : "");
        text_puts(out, ";\n");
        return;
    }
    describe_type(type, out);
    if (type->kind != CTYPE_POINTER && type->kind != CTYPE_ARRAY)
        return;
    while (type->kind == CTYPE_POINTER || type->kind == CTYPE_ARRAY)
        type = type->inner;
    if (has_definition(type))
        describe_type(type, out);
}

void ffi_describe(lua_State *L, int index, struct text *out)
{
    const struct cdata *cdata = cdata_at(L, index);
    const struct ctype *type = ctype_at(L, index);
    const struct library *library = library_at(L, index);
    if (cdata)
        describe_data(cdata, out);
    else if (type)
        describe_type(type, out);
    else if (library && library->handle)
        text_printf(out, "/* the library %s */\n", library->name);
    else if (library)
        text_puts(out, "/* what the process has loaded: the C library and what it came with */\n");
}
