/* The state of one `ffi` module: one for each Lua state, kept in its registry. */
#ifndef FFI_STATE_H
#define FFI_STATE_H

#include "declare.h"
#include "module.h"

#include <lua.h>
#include <lauxlib.h>

#include <pthread.h>

/* A call of C that is under way. Errors in callbacks wait here for its end. */
struct call_frame {
    struct call_frame *outer;
    lua_State *L;
    int error_index;   /* where on L's stack the error is; 0: none so far */
    int64_t escape_at; /* ns; when patience with an interrupted C function ends; 0: not set */
};

struct ffi {
    struct declarations declarations;
    lua_State *main;
    pthread_t thread;
    bool (*is_interrupted)(lua_State *L);
    struct call_frame *frame;
    struct callback *callbacks;
    int callback_count;
    int last_errno; /* of C, kept apart from what Lua does in between */

    /* References in the registry. */
    int plain_metatable;
    int final_metatable; /* with __gc, for those that have a finalizer */
    int ctype_metatable;
    int finalizers; /* object -> function, with weak keys */
    int type_names; /* text -> light userdata */
    int libraries;  /* library -> its table of what was looked up, with weak keys */
};

/* The state behind a C function of the module: its first upvalue. */
static inline struct ffi *ffi_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* The state of the module if it has been loaded, or NULL. */
struct ffi *ffi_find(lua_State *L);

#endif
