#include "module.h"

#include "access.h"
#include "arith.h"
#include "call.h"
#include "callback.h"
#include "library.h"
#include "make.h"
#include "memory.h"
#include "query.h"
#include "state.h"
#include "text_of.h"
#include "types.h"

/* The address is the registry key of the state. */
static const char state_key;

struct ffi *ffi_find(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key);
    struct ffi *ffi = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return ffi;
}

static int load(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    library_push(ffi_of(L), L, name, lua_toboolean(L, 2));
    return 1;
}

static int same_type(lua_State *L)
{
    const struct ctype *a = ctype_at(L, 1), *b = ctype_at(L, 2);
    lua_pushboolean(L, a && b && a->qualifiers == b->qualifiers && ctype_same(a, b));
    return 1;
}

static const luaL_Reg functions[] = {
    {"cdef", types_cdef},        {"load", load},
    {"new", make_new},           {"cast", make_cast},
    {"typeof", types_typeof},    {"sizeof", query_sizeof},
    {"alignof", query_alignof},  {"offsetof", query_offsetof},
    {"istype", query_istype},    {"isnull", query_isnull},
    {"string", memory_string},   {"copy", memory_copy},
    {"fill", memory_fill},       {"gc", make_gc},
    {"metatype", make_metatype}, {"errno", query_errno},
    {"abi", query_abi},          {NULL, NULL},
};

static const luaL_Reg cdata_metamethods[] = {
    {"__index", access_index},
    {"__newindex", access_newindex},
    {"__call", call_metamethod},
    {"__tostring", text_of_cdata},
    {NULL, NULL},
};

static const luaL_Reg ctype_metamethods[] = {
    {"__call", make_new},
    {"__index", make_index_type},
    {"__tostring", text_of_ctype},
    {"__eq", same_type},
    {NULL, NULL},
};

static int close_state(lua_State *L)
{
    struct ffi *ffi = lua_touserdata(L, 1);
    callback_free_all(ffi);
    declarations_fini(&ffi->declarations);
    return 0;
}

/* Adds functions with the state as their upvalue to the table on the top. */
static void set_functions(lua_State *L, struct ffi *ffi, const luaL_Reg *list)
{
    lua_pushlightuserdata(L, ffi);
    luaL_setfuncs(L, list, 1);
}

static int new_metatable(lua_State *L, struct ffi *ffi, const luaL_Reg *list, bool is_cdata,
                         bool is_final)
{
    lua_newtable(L);
    set_functions(L, ffi, list);
    if (is_cdata)
        set_functions(L, ffi, arith_metamethods);
    if (is_final)
        set_functions(L, ffi, (const luaL_Reg[]){{"__gc", make_finalize}, {NULL, NULL}});
    lua_pushliteral(L, "ffi");
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, is_cdata ? "cdata" : "ctype");
    lua_setfield(L, -2, "__name");
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static int new_weak_table(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* The state's __gc is marked first and so runs last, after those of all C data. */
static struct ffi *new_state(lua_State *L, const struct ffi_hooks *hooks)
{
    struct ffi *ffi = lua_newuserdatauv(L, sizeof(*ffi), 0);
    *ffi = (struct ffi){.thread = pthread_self()};
    if (!declarations_init(&ffi->declarations)) {
        declarations_fini(&ffi->declarations);
        luaL_error(L, "not enough memory");
    }
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, close_state);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    ffi->main = lua_tothread(L, -1);
    lua_pop(L, 1);
    ffi->is_interrupted = hooks ? hooks->is_interrupted : NULL;
    ffi->plain_metatable = new_metatable(L, ffi, cdata_metamethods, true, false);
    ffi->final_metatable = new_metatable(L, ffi, cdata_metamethods, true, true);
    ffi->ctype_metatable = new_metatable(L, ffi, ctype_metamethods, false, false);
    ffi->finalizers = new_weak_table(L);
    ffi->libraries = new_weak_table(L);
    lua_newtable(L);
    ffi->type_names = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
    return ffi;
}

/* Stock Lua's tonumber gives nil for userdata, where programs for LuaJIT expect a number. */
static void extend_tonumber(lua_State *L, struct ffi *ffi)
{
    lua_pushlightuserdata(L, ffi);
    lua_getglobal(L, "tonumber");
    lua_pushcclosure(L, query_tonumber, 2);
    lua_setglobal(L, "tonumber");
}

int ffi_open(lua_State *L)
{
    struct ffi *ffi = ffi_find(L);
    if (!ffi) {
        ffi = new_state(L, lua_touserdata(L, lua_upvalueindex(1)));
        extend_tonumber(L, ffi);
    }
    lua_newtable(L);
    set_functions(L, ffi, functions);
    library_push(ffi, L, NULL, false);
    lua_setfield(L, -2, "C");
    lua_pushstring(L, query_os);
    lua_setfield(L, -2, "os");
    lua_pushstring(L, query_arch);
    lua_setfield(L, -2, "arch");
    return 1;
}
