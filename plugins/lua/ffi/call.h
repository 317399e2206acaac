/* Calling C functions from Lua. */
#ifndef FFI_CALL_H
#define FFI_CALL_H

#include "cdata.h"
#include "direct.h"

#include <ffi.h>

/* A slot for any scalar. */
union call_value {
    int64_t integer;
    uint64_t unsigned_integer;
    double real;
    float single;
    long double wide;
    void *pointer;
};

enum call_way {
    CALL_INTEGER,
    CALL_DOUBLE,
    CALL_FLOAT,
    CALL_POINTER,
    CALL_OTHER, /* by the general conversion, into a slot */
    CALL_RECORD,
};

struct call_argument {
    const struct ctype *type;
    enum call_way way;
};

/* How a function is called; made at the first call. */
struct call_plan {
    ffi_cif cif;
    int count; /* of the declared parameters */
    enum direct_way direct;
    struct call_argument *arguments;
    ffi_type **types;
};

/* The function's plan. Raises when libffi cannot do it. */
const struct call_plan *call_plan_of(struct ffi *ffi, lua_State *L, const struct ctype *function);

/* The metamethod __call of C data: the first argument is the function. */
int call_metamethod(lua_State *L);

#endif
