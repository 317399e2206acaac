#include "arith.h"

#include "access.h"
#include "convert.h"
#include "fault.h"

#include <math.h>
#include <string.h>

enum operation {
    ADD,
    SUB,
    MUL,
    DIV,
    MOD,
    POW,
    UNM,
    IDIV,
    BAND,
    BOR,
    BXOR,
    BNOT,
    SHL,
    SHR,
    EQ,
    LT,
    LE,
    CONCAT,
    LEN
};

static const char *const names[] = {
    [ADD] = "__add",   [SUB] = "__sub",   [MUL] = "__mul",       [DIV] = "__div",   [MOD] = "__mod",
    [POW] = "__pow",   [UNM] = "__unm",   [IDIV] = "__idiv",     [BAND] = "__band", [BOR] = "__bor",
    [BXOR] = "__bxor", [BNOT] = "__bnot", [SHL] = "__shl",       [SHR] = "__shr",   [EQ] = "__eq",
    [LT] = "__lt",     [LE] = "__le",     [CONCAT] = "__concat", [LEN] = "__len",
};

/* An operand as a number. */
struct operand {
    int64_t integer;
    double real;
    bool is_float;    /* a float of C */
    bool is_unsigned; /* all 64 bits count */
};

/* A number of Lua or C; an enum's constant by its name when the other side is that enum. */
static bool to_number(lua_State *L, int index, const struct cdata *other, struct operand *operand)
{
    const struct cdata *cdata = cdata_at(L, index);
    size_t size;
    *operand = (struct operand){0};
    if (cdata && cdata->type->kind == CTYPE_FLOAT) {
        operand->real = convert_read_float(cdata->type, cdata->address);
        operand->is_float = true;
    } else if (cdata && ctype_is_integer(cdata->type)) {
        operand->integer = convert_read_integer(cdata->type, cdata->address);
        operand->is_unsigned = cdata->type->plain->is_unsigned && ctype_size(cdata->type) == 8;
        operand->real =
            operand->is_unsigned ? (double)(uint64_t)operand->integer : (double)operand->integer;
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        operand->integer = convert_to_integer(L, index);
        operand->real = lua_tonumber(L, index);
    } else if (lua_type(L, index) == LUA_TSTRING && other && other->type->kind == CTYPE_ENUM) {
        const char *name = lua_tolstring(L, index, &size);
        const struct cfield *constant = ctype_constant(other->type, name, size);
        if (!constant)
            return false;
        operand->integer = constant->value;
        operand->real = (double)constant->value;
    } else {
        return false;
    }
    return true;
}

static bool to_pointer(lua_State *L, int index, const void **pointer, const struct ctype **element)
{
    const struct cdata *cdata = cdata_at(L, index);
    *element = NULL;
    *pointer = NULL;
    if (lua_isnil(L, index))
        return true;
    if (!cdata)
        return false;
    enum ctype_kind kind = cdata->type->kind;
    *pointer = cdata_pointer(cdata);
    *element = kind == CTYPE_POINTER || kind == CTYPE_ARRAY ? cdata->type->inner : cdata->type;
    return kind == CTYPE_POINTER || kind == CTYPE_ARRAY || kind == CTYPE_RECORD ||
           kind == CTYPE_FUNCTION;
}

static int64_t power(int64_t base, int64_t exponent, bool is_unsigned)
{
    uint64_t result = 1, factor = (uint64_t)base;
    if (!is_unsigned && exponent < 0)
        return base == 0 ? INT64_MAX : base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
    for (uint64_t left = (uint64_t)exponent; left; left >>= 1) {
        if (left & 1)
            result *= factor;
        factor *= factor;
    }
    return (int64_t)result;
}

/* As LuaJIT: division cuts off, the remainder has the sign of the dividend, and what divides by
 * zero is the smallest number. `//` is Lua's own, and rounds down. */
static int64_t divide(enum operation operation, int64_t a, int64_t b, bool is_unsigned)
{
    if (b == 0)
        return INT64_MIN;
    if (is_unsigned)
        return (int64_t)(operation == MOD ? (uint64_t)a % (uint64_t)b : (uint64_t)a / (uint64_t)b);
    if (b == -1)
        return operation == MOD ? 0 : (int64_t)(0 - (uint64_t)a);
    int64_t quotient = a / b, rest = a % b;
    if (operation == MOD)
        return rest;
    return quotient - (operation == IDIV && rest != 0 && (rest < 0) != (b < 0));
}

/* Lua's shifts: a negative count shifts the other way, a large one leaves nothing. */
static uint64_t shift_left(uint64_t value, int64_t count)
{
    if (count <= -64 || count >= 64)
        return 0;
    return count >= 0 ? value << count : value >> -count;
}

static int64_t whole(enum operation operation, int64_t a, int64_t b, bool is_unsigned)
{
    uint64_t left = (uint64_t)a, right = (uint64_t)b;
    switch (operation) {
    case ADD:
        return (int64_t)(left + right);
    case SUB:
        return (int64_t)(left - right);
    case MUL:
        return (int64_t)(left * right);
    case UNM:
        return (int64_t)(0 - left);
    case POW:
        return power(a, b, is_unsigned);
    case BAND:
        return a & b;
    case BOR:
        return a | b;
    case BXOR:
        return a ^ b;
    case BNOT:
        return ~a;
    case SHL:
        return (int64_t)shift_left(left, b);
    case SHR:
        return (int64_t)shift_left(left, b == INT64_MIN ? INT64_MAX : -b);
    default:
        return divide(operation, a, b, is_unsigned);
    }
}

static bool real(enum operation operation, double a, double b, double *result)
{
    switch (operation) {
    case ADD:
        *result = a + b;
        break;
    case SUB:
        *result = a - b;
        break;
    case MUL:
        *result = a * b;
        break;
    case DIV:
        *result = a / b;
        break;
    case IDIV:
        *result = floor(a / b);
        break;
    case MOD:
        *result = b == 0 ? NAN : a - floor(a / b) * b;
        break;
    case POW:
        *result = pow(a, b);
        break;
    case UNM:
        *result = -a;
        break;
    default:
        return false;
    }
    return true;
}

static bool push_number(struct ffi *ffi, lua_State *L, enum operation operation,
                        const struct operand *a, const struct operand *b)
{
    double result;
    if (a->is_float || b->is_float) {
        if (!real(operation, a->real, b->real, &result))
            return false;
        lua_pushnumber(L, result);
        return true;
    }
    bool is_shift = operation == SHL || operation == SHR;
    bool is_unsigned = a->is_unsigned || (b->is_unsigned && !is_shift);
    int64_t value = whole(operation, a->integer, b->integer, is_unsigned);
    struct cdata *made =
        cdata_new(ffi, L, ctype_int(&ffi->declarations.types, 8, is_unsigned), sizeof(value));
    memcpy(made->address, &value, sizeof(value));
    return true;
}

static size_t element_size(lua_State *L, const struct ctype *element)
{
    size_t size = ctype_size(element);
    if (element->kind == CTYPE_VOID || element->kind == CTYPE_FUNCTION)
        size = 1; /* as GCC does it */
    else if (element->plain->extent != CTYPE_FIXED || size == 0)
        fault(L, "cannot calculate with a pointer to %t: its size is not known", element);
    return size;
}

/* pointer + number, number + pointer, pointer - number */
static bool push_moved(struct ffi *ffi, lua_State *L, enum operation operation)
{
    const void *start;
    const struct ctype *element;
    struct operand number;
    int pointer = 1;
    if (!to_number(L, 2, NULL, &number)) {
        if (operation != ADD || !to_number(L, 1, NULL, &number))
            return false;
        pointer = 2;
    }
    if (!to_pointer(L, pointer, &start, &element) || !element)
        return false;
    const struct cdata *cdata = cdata_at(L, pointer);
    if (cdata->type->kind == CTYPE_RECORD || cdata->type->kind == CTYPE_FUNCTION)
        return false;
    uint64_t steps = (uint64_t)number.integer;
    if (operation == SUB)
        steps = 0 - steps;
    const struct ctype *type = ctype_pointer(&ffi->declarations.types, element);
    if (!type)
        luaL_error(L, "not enough memory");
    uintptr_t moved = (uintptr_t)start + steps * element_size(L, element);
    cdata_push_pointer(ffi, L, type, (const void *)moved, pointer);
    return true;
}

static bool push_distance(lua_State *L)
{
    const void *a, *b;
    const struct ctype *left, *right;
    if (!to_pointer(L, 1, &a, &left) || !to_pointer(L, 2, &b, &right) || !left || !right)
        return false;
    if (!ctype_same(left, right))
        return false;
    ptrdiff_t bytes = (ptrdiff_t)((uintptr_t)a - (uintptr_t)b);
    lua_pushinteger(L, (lua_Integer)(bytes / (ptrdiff_t)element_size(L, left)));
    return true;
}

static bool push_comparison(lua_State *L, enum operation operation)
{
    struct operand a, b;
    const void *left, *right;
    const struct ctype *left_type, *right_type;
    bool less, equal;
    if (to_number(L, 1, cdata_at(L, 2), &a) && to_number(L, 2, cdata_at(L, 1), &b)) {
        if (a.is_float || b.is_float) {
            less = a.real < b.real;
            equal = a.real == b.real;
        } else {
            less = a.is_unsigned || b.is_unsigned ? (uint64_t)a.integer < (uint64_t)b.integer
                                                  : a.integer < b.integer;
            equal = a.integer == b.integer;
        }
    } else if (to_pointer(L, 1, &left, &left_type) && to_pointer(L, 2, &right, &right_type)) {
        bool fits = left_type && right_type &&
                    (convert_fits_pointer(left_type->plain, right_type->plain) ||
                     convert_fits_pointer(right_type->plain, left_type->plain));
        if (operation != EQ && !fits)
            return false;
        less = (uintptr_t)left < (uintptr_t)right;
        equal = left == right;
    } else if (operation == EQ) {
        less = equal = false;
    } else {
        return false;
    }
    lua_pushboolean(L, operation == EQ ? equal : operation == LT ? less : less || equal);
    return true;
}

/* Calls the metatype's own operator. */
static bool push_by_meta(lua_State *L, enum operation operation)
{
    for (int i = 1; i <= 2; i++) {
        const struct cdata *cdata = cdata_at(L, i);
        if (!cdata || !access_push_meta(L, cdata->type, names[operation]))
            continue;
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 1);
        return true;
    }
    return false;
}

static int refuse(lua_State *L, enum operation operation)
{
    const char *left = fault_push_value(L, 1);
    if (operation == LEN || operation == UNM || operation == BNOT)
        return fault(L, "attempt to %s %s", operation == LEN ? "get the length of" : "negate",
                     left);
    const char *right = fault_push_value(L, 2);
    const char *what = operation == LT || operation == LE || operation == EQ ? "compare"
                       : operation == CONCAT                                 ? "concatenate"
                                                                             : "calculate with";
    return fault(L, "attempt to %s %s and %s", what, left, right);
}

static int operate(lua_State *L, enum operation operation)
{
    struct ffi *ffi = ffi_of(L);
    struct operand a, b;
    lua_settop(L, 2);
    if (push_by_meta(L, operation)) {
        if (operation == EQ || operation == LT || operation == LE)
            lua_pushboolean(L, lua_toboolean(L, -1));
        return 1;
    }
    bool done = false;
    if (operation == EQ || operation == LT || operation == LE)
        done = push_comparison(L, operation);
    else if (operation == CONCAT || operation == LEN)
        done = false;
    else if (to_number(L, 1, cdata_at(L, 2), &a) && to_number(L, 2, cdata_at(L, 1), &b))
        done = push_number(ffi, L, operation, &a, &b);
    else if (operation == ADD || operation == SUB)
        done = push_moved(ffi, L, operation) || (operation == SUB && push_distance(L));
    return done ? 1 : refuse(L, operation);
}

#define OPERATOR(name, operation)                                                                  \
    static int name(lua_State *L)                                                                  \
    {                                                                                              \
        return operate(L, operation);                                                              \
    }

OPERATOR(add, ADD)
OPERATOR(sub, SUB)
OPERATOR(mul, MUL)
OPERATOR(divided, DIV)
OPERATOR(mod, MOD)
OPERATOR(powered, POW)
OPERATOR(unm, UNM)
OPERATOR(idiv, IDIV)
OPERATOR(band, BAND)
OPERATOR(bor, BOR)
OPERATOR(bxor, BXOR)
OPERATOR(bnot, BNOT)
OPERATOR(shl, SHL)
OPERATOR(shr, SHR)
OPERATOR(eq, EQ)
OPERATOR(lt, LT)
OPERATOR(le, LE)
OPERATOR(concat, CONCAT)
OPERATOR(len, LEN)

const luaL_Reg arith_metamethods[] = {
    {"__add", add},     {"__sub", sub},   {"__mul", mul},       {"__div", divided}, {"__mod", mod},
    {"__pow", powered}, {"__unm", unm},   {"__idiv", idiv},     {"__band", band},   {"__bor", bor},
    {"__bxor", bxor},   {"__bnot", bnot}, {"__shl", shl},       {"__shr", shr},     {"__eq", eq},
    {"__lt", lt},       {"__le", le},     {"__concat", concat}, {"__len", len},     {NULL, NULL},
};
