#include "call.h"

#include "abi.h"
#include "access.h"
#include "convert.h"
#include "fault.h"

#include <errno.h>
#include <string.h>

enum { FEW = 12, LITTLE_ENDIAN_WORDS = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ };

static enum call_way way_of(const struct ctype *type)
{
    if (type->kind == CTYPE_INT && LITTLE_ENDIAN_WORDS)
        return CALL_INTEGER;
    if (type->kind == CTYPE_FLOAT && ctype_size(type) == sizeof(double))
        return CALL_DOUBLE;
    if (type->kind == CTYPE_FLOAT && ctype_size(type) == sizeof(float))
        return CALL_FLOAT;
    if (type->kind == CTYPE_POINTER)
        return CALL_POINTER;
    return type->kind == CTYPE_RECORD ? CALL_RECORD : CALL_OTHER;
}

static int refuse(lua_State *L, const struct ctype *function, const struct ctype *type,
                  const char *reason)
{
    return fault(L, "cannot call %t: no value of type %t can be passed: %s", function, type,
                 reason ? reason : "libffi does not know how");
}

static ffi_type *type_for(struct ffi *ffi, lua_State *L, const struct ctype *function,
                          const struct ctype *type)
{
    const char *reason = NULL;
    ffi_type *found = abi_type(&ffi->declarations.types, type, &reason);
    if (!found)
        refuse(L, function, type, reason);
    return found;
}

static bool is_word(const struct ctype *type)
{
    return ctype_is_integer(type) || type->kind == CTYPE_POINTER;
}

static bool is_small_float(const struct ctype *type)
{
    return type->kind == CTYPE_FLOAT && ctype_size(type) <= sizeof(double);
}

static enum direct_way direct_way_of(const struct ctype *function)
{
    int words = 0, floats = 0;
    const struct ctype *result = function->inner;
    for (const struct cfield *field = function->fields; field; field = field->next) {
        words += is_word(field->type);
        floats += is_small_float(field->type);
    }
    if (function->is_variadic || words > DIRECT_INTEGERS || floats > DIRECT_FLOATS ||
        (size_t)(words + floats) < function->field_count || DIRECT_INTEGERS == 0)
        return DIRECT_NOT;
    if (is_small_float(result))
        return DIRECT_ALL_FLOAT;
    if (!is_word(result) && result->kind != CTYPE_VOID)
        return DIRECT_NOT;
    return floats ? DIRECT_ALL_WORD : DIRECT_TO_WORD;
}

const struct call_plan *call_plan_of(struct ffi *ffi, lua_State *L, const struct ctype *function)
{
    if (function->plan)
        return function->plan;
    struct arena *arena = &ffi->declarations.types.arena;
    size_t count = function->field_count, i = 0;
    struct call_plan *plan = arena_take(arena, sizeof(*plan));
    struct call_argument *arguments = arena_take(arena, (count + 1) * sizeof(*arguments));
    ffi_type **types = arena_take(arena, (count + 1) * sizeof(ffi_type *));
    if (!plan || !arguments || !types)
        luaL_error(L, "not enough memory");
    ffi_type *result = type_for(ffi, L, function, function->inner);
    for (const struct cfield *field = function->fields; field; field = field->next, i++) {
        arguments[i] = (struct call_argument){field->type, way_of(field->type)};
        types[i] = type_for(ffi, L, function, field->type);
    }
    *plan = (struct call_plan){.count = (int)count,
                               .direct = direct_way_of(function),
                               .arguments = arguments,
                               .types = types};
    if (ffi_prep_cif(&plan->cif, FFI_DEFAULT_ABI, (unsigned)count, result, types) != FFI_OK)
        refuse(L, function, function->inner, NULL);
    ((struct ctype *)function)->plan = plan;
    return plan;
}

/* The quick ways of the most common arguments; false: the general one has to do it. */
static inline bool take_quickly(lua_State *L, enum call_way way, const struct ctype *type,
                                union call_value *value, int index)
{
    if (way == CALL_INTEGER && lua_isinteger(L, index)) {
        value->integer = lua_tointeger(L, index);
        return true;
    }
    if (way == CALL_DOUBLE && lua_type(L, index) == LUA_TNUMBER) {
        value->real = lua_tonumber(L, index);
        return true;
    }
    const struct cdata *cdata;
    if (way == CALL_POINTER && (cdata = cdata_at(L, index)) && cdata->type == type) {
        value->pointer = *(void **)cdata->address;
        return true;
    }
    return false;
}

/* A struct by value: that of an object, or of one made from a table. */
static void *take_record(struct ffi *ffi, lua_State *L, const struct ctype *function,
                         const struct ctype *type, int index, int number)
{
    const struct cdata *cdata = cdata_at(L, index);
    if (cdata && cdata->type->kind == CTYPE_POINTER && ctype_same(cdata->type->inner, type) &&
        cdata_pointer(cdata))
        return cdata_pointer(cdata);
    if (cdata && ctype_same(cdata->type, type))
        return cdata->address;
    if (!lua_istable(L, index))
        fault_argument(L, function, number, index);
    luaL_checkstack(L, 4, NULL);
    struct cdata *made = cdata_new(ffi, L, type->plain, ctype_size(type));
    convert_store(ffi, L, type, made->address, index, false);
    lua_replace(L, index);
    return made->address;
}

static void *take(struct ffi *ffi, lua_State *L, const struct ctype *function,
                  const struct call_argument *argument, union call_value *value, int index)
{
    if (take_quickly(L, argument->way, argument->type, value, index))
        return value;
    if (argument->way == CALL_RECORD)
        return take_record(ffi, L, function, argument->type, index, index - 1);
    if (!convert_store(ffi, L, argument->type, value, index, false))
        fault_argument(L, function, index - 1, index);
    return value;
}

/* What C's default promotions make of a value without a declared type. */
static const struct ctype *promoted(struct ffi *ffi, lua_State *L, const struct ctype *function,
                                    int index)
{
    struct ctypes *types = &ffi->declarations.types;
    const struct cdata *cdata = cdata_at(L, index);
    const struct ctype *type = cdata ? cdata->type : NULL;
    if (type && ctype_is_integer(type))
        return ctype_size(type) < sizeof(int) ? ctype_int(types, sizeof(int), false) : type->plain;
    if (type && type->kind == CTYPE_FLOAT)
        return ctype_size(type) > sizeof(double) ? type->plain : types->double_type;
    if (type && type->kind == CTYPE_ARRAY)
        return ctype_pointer(types, type->inner);
    if (type && type->kind == CTYPE_FUNCTION)
        return ctype_pointer(types, type);
    if (type)
        return type->plain;
    if (lua_isinteger(L, index))
        return ctype_int(types, 8, false);
    if (lua_type(L, index) == LUA_TNUMBER)
        return types->double_type;
    if (lua_isboolean(L, index))
        return ctype_int(types, sizeof(int), false);
    if (lua_isnil(L, index) || lua_isuserdata(L, index))
        return ctype_pointer(types, types->void_type);
    if (lua_type(L, index) != LUA_TSTRING)
        fault_argument(L, function, index - 1, index);
    const struct ctype *bytes = ctype_qualified(types, types->char_type, CTYPE_CONST);
    return bytes ? ctype_pointer(types, bytes) : NULL;
}

/* Around a call: what Lua and C must not see of one another. */
static inline void enter(struct ffi *ffi, lua_State *L, struct call_frame *frame)
{
    *frame = (struct call_frame){.outer = ffi->frame, .L = L};
    ffi->frame = frame;
    errno = ffi->last_errno;
}

static inline void leave(struct ffi *ffi, lua_State *L, const struct call_frame *frame)
{
    ffi->last_errno = errno;
    ffi->frame = frame->outer;
    if (frame->error_index) {
        lua_pushvalue(L, frame->error_index);
        lua_error(L);
    }
}

static void run(struct ffi *ffi, lua_State *L, ffi_cif *cif, void *function, void *result,
                void **places)
{
    struct call_frame frame;
    enter(ffi, L, &frame);
    ffi_call(cif, FFI_FN(function), result, places);
    leave(ffi, L, &frame);
}

static int push_result(struct ffi *ffi, lua_State *L, const struct ctype *type,
                       union call_value *result)
{
    if (type->kind == CTYPE_VOID)
        return 0;
    /* libffi widens what is smaller than a register. */
    if (ctype_is_integer(type) && !LITTLE_ENDIAN_WORDS)
        convert_write_integer(type, result, result->integer);
    convert_push(ffi, L, type, result, 0);
    return 1;
}

static int finish(struct ffi *ffi, lua_State *L, const struct ctype *function, ffi_cif *cif,
                  void *address, void **places)
{
    const struct ctype *type = function->inner;
    union call_value result;
    if (type->kind != CTYPE_RECORD) {
        run(ffi, L, cif, address, &result, places);
        return push_result(ffi, L, type, &result);
    }
    size_t size = ctype_size(type);
    struct cdata *made =
        cdata_new(ffi, L, type->plain, size < sizeof(result) ? sizeof(result) : size);
    made->size = size;
    int index = lua_gettop(L);
    run(ffi, L, cif, address, made->address, places);
    lua_settop(L, index);
    cdata_adopt(ffi, L, index);
    return 1;
}

static int wrong_count(lua_State *L, const struct ctype *function, int wanted, int given)
{
    lua_pushfstring(L, "takes %s%d argument%s, got %d", function->is_variadic ? "at least " : "",
                    wanted, wanted == 1 ? "" : "s", given);
    return fault(L, "%t %s", function, lua_tostring(L, -1));
}

static int call_variadic(struct ffi *ffi, lua_State *L, const struct ctype *function, void *address,
                         const struct call_plan *plan)
{
    int count = lua_gettop(L) - 1;
    size_t each = sizeof(union call_value) + sizeof(void *) + sizeof(ffi_type *);
    luaL_checkstack(L, 8, NULL);
    union call_value *values = lua_newuserdatauv(L, ((size_t)count + 1) * each, 0);
    void **places = (void **)(values + count + 1);
    ffi_type **types = (ffi_type **)(places + count);
    for (int i = 0; i < count; i++) {
        struct call_argument argument;
        if (i < plan->count) {
            argument = plan->arguments[i];
        } else {
            argument.type = promoted(ffi, L, function, i + 2);
            if (!argument.type)
                return luaL_error(L, "not enough memory");
            argument.way = way_of(argument.type);
        }
        types[i] = type_for(ffi, L, function, argument.type);
        places[i] = take(ffi, L, function, &argument, &values[i], i + 2);
    }
    ffi_cif cif;
    if (ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, (unsigned)plan->count, (unsigned)count,
                         plan->cif.rtype, types) != FFI_OK)
        return refuse(L, function, function->inner, NULL);
    return finish(ffi, L, function, &cif, address, places);
}

static int call_plain(struct ffi *ffi, lua_State *L, const struct ctype *function, void *address,
                      const struct call_plan *plan)
{
    union call_value few_values[FEW], *values = few_values;
    void *few_places[FEW], **places = few_places;
    int count = plan->count;
    if (count > FEW) {
        size_t each = sizeof(union call_value) + sizeof(void *);
        luaL_checkstack(L, 8, NULL);
        values = lua_newuserdatauv(L, (size_t)count * each, 0);
        places = (void **)(values + count);
    }
    for (int i = 0; i < count; i++)
        places[i] = take(ffi, L, function, &plan->arguments[i], &values[i], i + 2);
    return finish(ffi, L, function, (ffi_cif *)&plan->cif, address, places);
}

/* One register's worth of an argument. */
static inline int64_t take_word(struct ffi *ffi, lua_State *L, const struct ctype *function,
                                const struct call_argument *argument, int index)
{
    union call_value value = {.integer = 0};
    const struct ctype *type = argument->type;
    take(ffi, L, function, argument, &value, index);
    /* Compilers rely on it that what is smaller than an int has been widened to one. */
    if (ctype_size(type) < sizeof(int))
        return convert_read_integer(type, &value);
    return value.integer;
}

static int call_direct(struct ffi *ffi, lua_State *L, const struct ctype *function, void *address,
                       const struct call_plan *plan)
{
    struct direct direct;
    struct call_frame frame;
    union call_value result;
    int words = 0, floats = 0;
    memset(direct.integers, 0, sizeof(direct.integers));
    if (plan->direct != DIRECT_TO_WORD)
        memset(direct.floats, 0, sizeof(direct.floats));
    for (int i = 0; i < plan->count; i++) {
        const struct call_argument *argument = &plan->arguments[i];
        if (argument->way == CALL_DOUBLE || argument->way == CALL_FLOAT) {
            union call_value value = {.integer = 0};
            take(ffi, L, function, argument, &value, i + 2);
            direct.floats[floats++] = value.real;
        } else {
            direct.integers[words++] = take_word(ffi, L, function, argument, i + 2);
        }
    }
    enter(ffi, L, &frame);
    direct_call(address, plan->direct, &direct, &result);
    leave(ffi, L, &frame);
    return push_result(ffi, L, function->inner, &result);
}

static int call_function(struct ffi *ffi, lua_State *L, const struct ctype *function, void *address)
{
    const struct call_plan *plan = function->plan;
    int given = lua_gettop(L) - 1;
    if (!plan)
        plan = call_plan_of(ffi, L, function);
    if (given < plan->count || (given > plan->count && !function->is_variadic))
        return wrong_count(L, function, plan->count, given);
    if (plan->direct != DIRECT_NOT)
        return call_direct(ffi, L, function, address, plan);
    if (!function->is_variadic)
        return call_plain(ffi, L, function, address, plan);
    return call_variadic(ffi, L, function, address, plan);
}

int call_metamethod(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct cdata *cdata = cdata_at(L, 1);
    if (!cdata)
        return luaL_typeerror(L, 1, "C data");
    const struct ctype *type = cdata->type;
    if (type->kind == CTYPE_FUNCTION)
        return call_function(ffi, L, type, cdata->address);
    if (ctype_is_function_pointer(type)) {
        void *address = *(void **)cdata->address;
        if (!address)
            return fault(L, "attempt to call a NULL pointer of type %t", type);
        return call_function(ffi, L, type->inner, address);
    }
    if (!access_push_meta(L, type, "__call"))
        return fault(L, "attempt to call %t, which is no function", type);
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}
