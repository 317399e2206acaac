#include "convert.h"

#include "callback.h"
#include "initial.h"

#include <math.h>
#include <string.h>

int64_t convert_read_integer(const struct ctype *type, const void *from)
{
    union {
        int8_t i8;
        uint8_t u8;
        int16_t i16;
        uint16_t u16;
        int32_t i32;
        uint32_t u32;
        int64_t i64;
    } value;
    memcpy(&value, from, ctype_size(type));
    switch (ctype_size(type)) {
    case 1:
        return type->plain->is_unsigned ? value.u8 : value.i8;
    case 2:
        return type->plain->is_unsigned ? value.u16 : value.i16;
    case 4:
        return type->plain->is_unsigned ? (int64_t)value.u32 : (int64_t)value.i32;
    default:
        return value.i64;
    }
}

void convert_write_integer(const struct ctype *type, void *to, int64_t value)
{
    uint8_t byte = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;
    if (type->kind == CTYPE_BOOL)
        byte = value != 0;
    switch (ctype_size(type)) {
    case 1:
        memcpy(to, &byte, 1);
        break;
    case 2:
        memcpy(to, &two, 2);
        break;
    case 4:
        memcpy(to, &four, 4);
        break;
    default:
        memcpy(to, &value, 8);
    }
}

double convert_read_float(const struct ctype *type, const void *from)
{
    float single;
    double twice;
    long double wide;
    switch (ctype_size(type)) {
    case sizeof(float):
        memcpy(&single, from, sizeof(single));
        return single;
    case sizeof(double):
        memcpy(&twice, from, sizeof(twice));
        return twice;
    default:
        memcpy(&wide, from, sizeof(wide));
        return (double)wide;
    }
}

static void write_float(const struct ctype *type, void *to, double value)
{
    float single = (float)value;
    long double wide = value;
    switch (ctype_size(type)) {
    case sizeof(float):
        memcpy(to, &single, sizeof(single));
        break;
    case sizeof(double):
        memcpy(to, &value, sizeof(value));
        break;
    default:
        memset(to, 0, sizeof(wide));
        memcpy(to, &wide, sizeof(wide));
    }
}

/* What does not fit in 64 bits has no meaning in C either; here it never traps. */
static int64_t float_to_integer(double value)
{
    if (value >= -0x1p63 && value < 0x1p63)
        return (int64_t)value;
    if (value >= 0x1p63 && value < 0x1p64)
        return (int64_t)(uint64_t)value;
    return INT64_MIN;
}

int64_t convert_to_integer(lua_State *L, int index)
{
    return lua_isinteger(L, index) ? lua_tointeger(L, index)
                                   : float_to_integer(lua_tonumber(L, index));
}

/* The place may be in a packed struct. */
static void put_pointer(void *to, const void *pointer)
{
    memcpy(to, &pointer, sizeof(pointer));
}

static bool store_number(lua_State *L, const struct ctype *type, void *to, int index, bool cast)
{
    if (type->kind == CTYPE_FLOAT)
        write_float(type, to, lua_tonumber(L, index));
    else if (type->kind == CTYPE_BOOL)
        convert_write_integer(type, to, lua_tonumber(L, index) != 0);
    else if (ctype_is_integer(type))
        convert_write_integer(type, to, convert_to_integer(L, index));
    else if (type->kind == CTYPE_POINTER && cast)
        put_pointer(to, (void *)(uintptr_t)convert_to_integer(L, index));
    else
        return false;
    return true;
}

/* Are pointers to both the same for whoever reads through them? */
static bool is_alike(const struct ctype *a, const struct ctype *b)
{
    a = a->plain;
    b = b->plain;
    if (a == b || a->kind == CTYPE_FUNCTION)
        return a->kind == b->kind;
    if (ctype_is_integer(a) && ctype_is_integer(b))
        return a->size == b->size && (a->kind == CTYPE_BOOL) == (b->kind == CTYPE_BOOL) &&
               (a->kind == CTYPE_ENUM) == (b->kind == CTYPE_ENUM);
    if (a->kind == CTYPE_POINTER && b->kind == CTYPE_POINTER)
        return a->inner->qualifiers == b->inner->qualifiers && is_alike(a->inner, b->inner);
    if (a->kind == CTYPE_ARRAY && b->kind == CTYPE_ARRAY)
        return (a->count == b->count || a->extent != CTYPE_FIXED || b->extent != CTYPE_FIXED) &&
               is_alike(a->inner, b->inner);
    return false;
}

bool convert_fits_pointer(const struct ctype *to, const struct ctype *from)
{
    if (from->qualifiers & ~to->qualifiers)
        return false;
    return to->kind == CTYPE_VOID || from->kind == CTYPE_VOID || is_alike(to, from);
}

static bool store_string(lua_State *L, const struct ctype *type, void *to, int index, bool cast)
{
    size_t size;
    if (type->kind == CTYPE_ENUM) {
        const char *name = lua_tolstring(L, index, &size);
        const struct cfield *constant = ctype_constant(type, name, size);
        if (constant)
            convert_write_integer(type, to, constant->value);
        return constant != NULL;
    }
    if (type->kind != CTYPE_POINTER)
        return false;
    const struct ctype *target = type->inner;
    bool takes_bytes = ctype_is_byte(target) || target->kind == CTYPE_VOID;
    if (!cast && !(takes_bytes && (target->qualifiers & CTYPE_CONST)))
        return false;
    put_pointer(to, lua_tostring(L, index));
    return true;
}

/* An array or struct at this place, or the place itself of a function. */
static bool store_address(const struct ctype *type, void *to, const struct cdata *from, bool cast)
{
    const struct ctype *target = from->type->kind == CTYPE_ARRAY ? from->type->inner : from->type;
    if (type->kind == CTYPE_POINTER && (cast || convert_fits_pointer(type->inner, target)))
        put_pointer(to, from->address);
    else if (ctype_is_integer(type) && cast)
        convert_write_integer(type, to, (int64_t)(intptr_t)from->address);
    else
        return false;
    return true;
}

static bool store_pointer(const struct ctype *type, void *to, const struct cdata *from, bool cast)
{
    void *pointer = *(void **)from->address;
    if (type->kind == CTYPE_POINTER &&
        (cast || convert_fits_pointer(type->inner, from->type->inner)))
        put_pointer(to, pointer);
    else if (type->kind == CTYPE_BOOL && cast)
        convert_write_integer(type, to, pointer != NULL);
    else if (ctype_is_integer(type) && cast)
        convert_write_integer(type, to, (int64_t)(intptr_t)pointer);
    else
        return false;
    return true;
}

static bool store_integer(const struct ctype *type, void *to, const struct cdata *from, bool cast)
{
    int64_t value = convert_read_integer(from->type, from->address);
    bool is_wide = from->type->plain->is_unsigned && ctype_size(from->type) == 8;
    if (ctype_is_integer(type))
        convert_write_integer(type, to, value);
    else if (type->kind == CTYPE_FLOAT)
        write_float(type, to, is_wide ? (double)(uint64_t)value : (double)value);
    else if (type->kind == CTYPE_POINTER && cast)
        put_pointer(to, (void *)(uintptr_t)value);
    else
        return false;
    return true;
}

static bool store_float(const struct ctype *type, void *to, const struct cdata *from)
{
    double value = convert_read_float(from->type, from->address);
    if (type->kind == CTYPE_FLOAT && ctype_size(type) == ctype_size(from->type))
        memmove(to, from->address, ctype_size(type));
    else if (type->kind == CTYPE_FLOAT)
        write_float(type, to, value);
    else if (type->kind == CTYPE_BOOL)
        convert_write_integer(type, to, value != 0);
    else if (ctype_is_integer(type))
        convert_write_integer(type, to, float_to_integer(value));
    else
        return false;
    return true;
}

static bool store_cdata(const struct ctype *type, void *to, const struct cdata *from, bool cast)
{
    if (ctype_is_integer(from->type))
        return store_integer(type, to, from, cast);
    if (from->type->kind == CTYPE_FLOAT)
        return store_float(type, to, from);
    if (from->type->kind == CTYPE_POINTER)
        return store_pointer(type, to, from, cast);
    if (type->kind == CTYPE_RECORD || type->kind == CTYPE_ARRAY) {
        size_t size = ctype_size(type);
        if (!ctype_same(type, from->type) || type->plain->extent != CTYPE_FIXED)
            return false;
        memmove(to, from->address, size);
        return true;
    }
    return store_address(type, to, from, cast);
}

/* A FILE * for Lua's files, the bytes of all other userdata. */
static bool store_userdata(lua_State *L, const struct ctype *type, void *to, int index, bool cast)
{
    if (type->kind != CTYPE_POINTER)
        return false;
    const luaL_Stream *stream = luaL_testudata(L, index, LUA_FILEHANDLE);
    const struct ctype *target = type->inner;
    if (!cast && target->kind != CTYPE_VOID && !(stream && target->kind == CTYPE_RECORD))
        return false;
    if (stream && !stream->closef)
        return luaL_error(L, "the file is closed");
    put_pointer(to, stream ? (void *)stream->f : lua_touserdata(L, index));
    return true;
}

bool convert_store(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to, int index,
                   bool cast)
{
    const struct cdata *from;
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        return store_number(L, type, to, index, cast);
    case LUA_TBOOLEAN:
        if (type->kind == CTYPE_FLOAT)
            write_float(type, to, lua_toboolean(L, index));
        else if (ctype_is_integer(type))
            convert_write_integer(type, to, lua_toboolean(L, index));
        else
            return false;
        return true;
    case LUA_TNIL:
        if (type->kind != CTYPE_POINTER)
            return false;
        put_pointer(to, NULL);
        return true;
    case LUA_TSTRING:
        if (type->kind == CTYPE_ARRAY)
            return initial_string(L, type, to, ctype_size(type), index);
        return store_string(L, type, to, index, cast);
    case LUA_TFUNCTION:
        if (!ctype_is_function_pointer(type))
            return false;
        put_pointer(to, callback_for(ffi, L, type, index, cast));
        return true;
    case LUA_TTABLE:
        if (type->kind != CTYPE_ARRAY && type->kind != CTYPE_RECORD)
            return false;
        memset(to, 0, ctype_size(type));
        initial_table(ffi, L, type, to, ctype_size(type), index);
        return true;
    case LUA_TUSERDATA:
        from = cdata_at(L, index);
        if (from)
            return store_cdata(type, to, from, cast);
        return !ctype_at(L, index) && store_userdata(L, type, to, index, cast);
    case LUA_TLIGHTUSERDATA:
        return store_userdata(L, type, to, index, cast);
    default:
        return false;
    }
}

void convert_push_unsigned(struct ffi *ffi, lua_State *L, uint64_t value)
{
    if (value <= INT64_MAX) {
        lua_pushinteger(L, (lua_Integer)value);
        return;
    }
    struct cdata *cdata =
        cdata_new(ffi, L, ctype_int(&ffi->declarations.types, sizeof(value), true), sizeof(value));
    memcpy(cdata->address, &value, sizeof(value));
}

void convert_push(struct ffi *ffi, lua_State *L, const struct ctype *type, void *from, int parent)
{
    int64_t value;
    void *pointer;
    switch (type->kind) {
    case CTYPE_BOOL:
        lua_pushboolean(L, *(unsigned char *)from != 0);
        break;
    case CTYPE_INT:
    case CTYPE_ENUM:
        value = convert_read_integer(type, from);
        if (value < 0 && type->plain->is_unsigned)
            convert_push_unsigned(ffi, L, (uint64_t)value);
        else
            lua_pushinteger(L, value);
        break;
    case CTYPE_FLOAT:
        lua_pushnumber(L, convert_read_float(type, from));
        break;
    case CTYPE_POINTER:
        memcpy(&pointer, from, sizeof(pointer));
        if (pointer)
            cdata_push_pointer(ffi, L, type, pointer, 0);
        else
            lua_pushnil(L);
        break;
    case CTYPE_ARRAY:
    case CTYPE_RECORD:
    case CTYPE_FUNCTION:
        cdata_refer(ffi, L, type, from, parent);
        break;
    case CTYPE_VOID:
        lua_pushnil(L);
    }
}

/* The bits of a field lie one after the other in memory, from the lowest of each byte on. */
static uint64_t read_bits(const struct cfield *field, const void *record)
{
    const unsigned char *bytes = (const unsigned char *)record + field->offset;
    uint64_t value = 0;
    for (unsigned i = 0; i < field->bits; i++) {
        unsigned place = field->bit + i;
        value |= (uint64_t)(bytes[place / 8] >> place % 8 & 1) << i;
    }
    return value;
}

void convert_push_bits(struct ffi *ffi, lua_State *L, const struct cfield *field,
                       const void *record)
{
    uint64_t value = read_bits(field, record);
    const struct ctype *type = field->type->plain;
    if (type->kind == CTYPE_BOOL) {
        lua_pushboolean(L, value != 0);
        return;
    }
    if (!type->is_unsigned && field->bits < 64 && value >> (field->bits - 1))
        value |= ~UINT64_C(0) << field->bits;
    if (type->is_unsigned)
        convert_push_unsigned(ffi, L, value);
    else
        lua_pushinteger(L, (lua_Integer)value);
}

bool convert_store_bits(struct ffi *ffi, lua_State *L, const struct cfield *field, void *record,
                        int index)
{
    uint64_t value = 0;
    if (!convert_store(ffi, L, field->type, &value, index, false))
        return false;
    value = (uint64_t)convert_read_integer(field->type, &value);
    unsigned char *bytes = (unsigned char *)record + field->offset;
    for (unsigned i = 0; i < field->bits; i++) {
        unsigned place = field->bit + i, mask = 1u << place % 8;
        bytes[place / 8] =
            (unsigned char)(value >> i & 1 ? bytes[place / 8] | mask : bytes[place / 8] & ~mask);
    }
    return true;
}
