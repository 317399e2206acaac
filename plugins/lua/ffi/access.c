#include "access.h"

#include "callback.h"
#include "convert.h"
#include "fault.h"

#include <string.h>

bool access_push_meta(lua_State *L, const struct ctype *type, const char *name)
{
    if (type->kind == CTYPE_POINTER)
        type = type->inner;
    int reference = type->plain->metatable;
    if (!reference)
        return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_isnil(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

/* The key as a number: numbers of Lua and of C. */
static bool to_offset(lua_State *L, int key, ptrdiff_t *offset)
{
    const struct cdata *cdata;
    if (lua_type(L, key) == LUA_TNUMBER)
        *offset = (ptrdiff_t)convert_to_integer(L, key);
    else if ((cdata = cdata_at(L, key)) && ctype_is_integer(cdata->type))
        *offset = (ptrdiff_t)convert_read_integer(cdata->type, cdata->address);
    else
        return false;
    return true;
}

static void check_element(lua_State *L, const struct cdata *cdata, const struct ctype *element,
                          ptrdiff_t i)
{
    size_t each = ctype_size(element);
    const struct ctype *type = cdata->type;
    if (type->kind == CTYPE_POINTER) {
        if (!*(void **)cdata->address)
            fault(L, "attempt to index a NULL pointer of type %t", type);
        if (element->plain->extent == CTYPE_UNKNOWN && element->kind != CTYPE_FUNCTION)
            fault(L, "cannot index %t: the size of %t is not known", type, element);
    } else if (!cdata->is_reference && each > 0 && (i < 0 || (size_t)i >= cdata->size / each)) {
        lua_pushinteger(L, (lua_Integer)i);
        fault(L, "index %s is outside of %t", lua_tostring(L, -1), type);
    }
}

/* The element of an array or of what a pointer points at. */
static void *element_at(lua_State *L, const struct cdata *cdata, ptrdiff_t i)
{
    const struct ctype *element = cdata->type->inner;
    check_element(L, cdata, element, i);
    uintptr_t start = (uintptr_t)cdata_pointer(cdata);
    return (void *)(start + (uintptr_t)i * ctype_size(element));
}

/* The record that the data is or points at, with the place of it; NULL: it is none. */
static const struct ctype *record_of(lua_State *L, const struct cdata *cdata, char **address)
{
    const struct ctype *type = cdata->type;
    if (type->kind == CTYPE_POINTER)
        type = type->inner;
    if (type->kind != CTYPE_RECORD)
        return NULL;
    *address = cdata_pointer(cdata);
    if (!*address && L)
        fault(L, "attempt to index a NULL pointer of type %t", cdata->type);
    return type;
}

/* A qualified record makes its members so. */
static const struct ctype *member_type(struct ffi *ffi, lua_State *L, const struct ctype *record,
                                       const struct cfield *field)
{
    const struct ctype *type = field->type;
    if (record->qualifiers) {
        type = ctype_qualified(&ffi->declarations.types, type, record->qualifiers);
        if (!type)
            luaL_error(L, "not enough memory");
    }
    return type;
}

static void push_field(struct ffi *ffi, lua_State *L, const struct ctype *record,
                       const struct cfield *field, char *address, size_t offset, int parent)
{
    if (field->is_constant) {
        lua_pushinteger(L, field->value);
    } else if (field->is_bit_field) {
        convert_push_bits(ffi, L, field, address + offset - field->offset);
    } else {
        convert_push(ffi, L, member_type(ffi, L, record, field), address + offset, parent);
        struct cdata *made = cdata_at(L, -1);
        if (made && field->type->extent != CTYPE_FIXED && made->is_reference)
            made->size = 0;
    }
}

bool access_push_safely(struct ffi *ffi, lua_State *L, int index, const char *name, size_t size)
{
    const struct cdata *cdata = cdata_at(L, index);
    size_t offset;
    char *address = NULL;
    const struct ctype *record = record_of(NULL, cdata, &address);
    const struct cfield *field = record ? ctype_field(record, name, size, &offset) : NULL;
    if (!field || !address)
        return false;
    bool is_inside = field->type->kind == CTYPE_RECORD || field->type->kind == CTYPE_ARRAY;
    bool is_safe = cdata->type->kind != CTYPE_POINTER && cdata_is_held(L, index);
    if (!is_safe && !is_inside && !field->is_constant)
        return false;
    push_field(ffi, L, record, field, address, offset, index);
    return true;
}

/* The methods of callbacks, which are those of all pointers to functions. */
static bool push_method(lua_State *L, const struct ctype *type, const char *name)
{
    if (!name || !ctype_is_function_pointer(type))
        return false;
    lua_CFunction method = strcmp(name, "free") == 0  ? callback_free_method
                           : strcmp(name, "set") == 0 ? callback_set_method
                                                      : NULL;
    if (!method)
        return false;
    lua_pushlightuserdata(L, ffi_of(L));
    lua_pushcclosure(L, method, 1);
    return true;
}

/* Asks the metatype's __index. */
static bool push_from_meta(lua_State *L, const struct ctype *type)
{
    if (!access_push_meta(L, type, "__index"))
        return false;
    if (lua_isfunction(L, -1)) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 1);
    } else {
        lua_pushvalue(L, 2);
        lua_gettable(L, -2);
    }
    return true;
}

static int no_member(lua_State *L, const struct ctype *type)
{
    const char *what = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    if (type->kind == CTYPE_POINTER && type->inner->kind == CTYPE_RECORD)
        type = type->inner;
    if (type->kind == CTYPE_RECORD && type->plain->extent == CTYPE_UNKNOWN)
        return fault(L, "%t is only announced: its members are not known", type);
    if (what && type->kind == CTYPE_RECORD)
        return fault(L, "%t has no member `%s`", type, what);
    return fault(L, "%t cannot be indexed with %s", type, fault_push_value(L, 2));
}

/* Is it an element that the key means, and which? */
static bool means_element(lua_State *L, const struct ctype *type, ptrdiff_t *i)
{
    return (type->kind == CTYPE_POINTER || type->kind == CTYPE_ARRAY) &&
           lua_type(L, 2) != LUA_TSTRING && to_offset(L, 2, i);
}

/* The member that the key means, in *record at *address; NULL: there is none of that name. */
static const struct cfield *member_meant(lua_State *L, const struct cdata *cdata,
                                         const struct ctype **record, char **address,
                                         size_t *offset)
{
    size_t size;
    *record = record_of(NULL, cdata, address);
    if (!*record || lua_type(L, 2) != LUA_TSTRING)
        return NULL;
    const char *name = lua_tolstring(L, 2, &size);
    return ctype_field(*record, name, size, offset);
}

int access_index(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct cdata *cdata = cdata_at(L, 1);
    const struct ctype *record;
    ptrdiff_t i;
    size_t offset;
    char *address;
    if (!cdata)
        return luaL_typeerror(L, 1, "C data");
    if (means_element(L, cdata->type, &i)) {
        convert_push(ffi, L, cdata->type->inner, element_at(L, cdata, i), 1);
        return 1;
    }
    const struct cfield *field = member_meant(L, cdata, &record, &address, &offset);
    if (field) {
        if (!field->is_constant)
            record_of(L, cdata, &address);
        push_field(ffi, L, record, field, address, offset, 1);
        return 1;
    }
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    if (push_from_meta(L, cdata->type) || push_method(L, cdata->type, name))
        return 1;
    return no_member(L, cdata->type);
}

static int read_only(lua_State *L, const struct ctype *type)
{
    return fault(L, "attempt to write to a constant: %t", type);
}

static void store(struct ffi *ffi, lua_State *L, const struct ctype *type, const char *alias,
                  void *to)
{
    if (type->qualifiers & CTYPE_CONST)
        read_only(L, type);
    if (!convert_store(ffi, L, type, to, 3, false))
        fault_conversion(L, type, alias, 3);
}

static void store_field(struct ffi *ffi, lua_State *L, const struct ctype *record,
                        const struct cfield *field, char *address, size_t offset)
{
    const struct ctype *type = field->type;
    if (field->is_constant || ((record->qualifiers | type->qualifiers) & CTYPE_CONST))
        read_only(L, type);
    if (!field->is_bit_field)
        store(ffi, L, type, field->alias, address + offset);
    else if (!convert_store_bits(ffi, L, field, address + offset - field->offset, 3))
        fault_conversion(L, type, field->alias, 3);
}

static bool store_in_meta(lua_State *L, const struct ctype *type)
{
    if (!access_push_meta(L, type, "__newindex"))
        return false;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    if (lua_isfunction(L, -4)) {
        lua_call(L, 3, 0);
    } else {
        lua_remove(L, -3);
        lua_settable(L, -3);
    }
    return true;
}

int access_newindex(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct cdata *cdata = cdata_at(L, 1);
    const struct ctype *record;
    ptrdiff_t i;
    size_t offset;
    char *address;
    if (!cdata)
        return luaL_typeerror(L, 1, "C data");
    if (means_element(L, cdata->type, &i)) {
        store(ffi, L, cdata->type->inner, NULL, element_at(L, cdata, i));
        return 0;
    }
    const struct cfield *field = member_meant(L, cdata, &record, &address, &offset);
    if (field) {
        record_of(L, cdata, &address);
        store_field(ffi, L, record, field, address, offset);
        return 0;
    }
    return store_in_meta(L, cdata->type) ? 0 : no_member(L, cdata->type);
}
