#include "library.h"

#include "convert.h"
#include "fault.h"
#include "library_path.h"
#include "similar.h"
#include "symbols.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

static const char library_mark;

struct library *library_at(lua_State *L, int index)
{
    struct library *library = lua_touserdata(L, index);
    if (!library || lua_rawlen(L, index) < sizeof(*library) || library->mark != &library_mark)
        return NULL;
    return library;
}

void *library_find(const struct library *library, const struct declaration *declaration)
{
    const char *symbol = declaration->symbol ? declaration->symbol : declaration->name;
    return dlsym(library->handle ? library->handle : RTLD_DEFAULT, symbol);
}

static void add_similar(luaL_Buffer *buffer, const struct similar *similar)
{
    for (size_t i = 0; i < similar->count; i++) {
        luaL_addstring(buffer, i == 0                    ? "; did you mean `"
                               : i + 1 == similar->count ? " or `"
                                                         : ", `");
        luaL_addstring(buffer, similar->best[i].name);
        luaL_addchar(buffer, '`');
    }
    luaL_addstring(buffer, similar->count ? "?" : "");
}

static int raise(lua_State *L, const char *message, const struct similar *similar)
{
    luaL_Buffer buffer;
    luaL_where(L, 1);
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, message);
    add_similar(&buffer, similar);
    luaL_pushresult(&buffer);
    lua_concat(L, 2);
    return lua_error(L);
}

static int not_declared(struct ffi *ffi, lua_State *L, const char *name)
{
    struct similar similar = {.wanted = name};
    for (const struct declaration *i = ffi->declarations.first; i; i = i->next)
        if (i->kind != DECLARED_TYPE)
            similar_offer(&similar, i->name);
    return raise(L, lua_pushfstring(L, "`%s` is not declared: use ffi.cdef first", name), &similar);
}

static int not_defined(lua_State *L, const struct library *library,
                       const struct declaration *declaration)
{
    const char *symbol = declaration->symbol ? declaration->symbol : declaration->name;
    struct similar similar = {.wanted = symbol};
    symbols_each(library->handle, similar_offer, &similar);
    const char *where = library->handle ? library->name : "the libraries that are loaded";
    return raise(L, lua_pushfstring(L, "there is no symbol `%s` in %s", symbol, where), &similar);
}

static const struct declaration *check_declared(struct ffi *ffi, lua_State *L, int key)
{
    size_t size;
    const char *name = luaL_checklstring(L, key, &size);
    const struct declaration *found = declarations_find(&ffi->declarations, name, size);
    if (!found)
        not_declared(ffi, L, name);
    if (found->kind == DECLARED_TYPE)
        fault(L, "`%s` is a type: ffi.typeof gives it", name);
    return found;
}

static void *check_defined(lua_State *L, const struct library *library,
                           const struct declaration *declaration)
{
    void *address = library_find(library, declaration);
    if (!address)
        not_defined(L, library, declaration);
    return address;
}

static void push_constant(struct ffi *ffi, lua_State *L, const struct declaration *declaration)
{
    if (declaration->type->plain->is_unsigned)
        convert_push_unsigned(ffi, L, (uint64_t)declaration->value);
    else
        lua_pushinteger(L, declaration->value);
}

bool library_push_symbol(struct ffi *ffi, lua_State *L, const struct library *library,
                         const struct declaration *found)
{
    void *address = NULL;
    if (found->kind == DECLARED_CONSTANT) {
        push_constant(ffi, L, found);
        return true;
    }
    if (found->kind == DECLARED_TYPE || !(address = library_find(library, found)))
        return false;
    if (found->kind == DECLARED_FUNCTION)
        cdata_refer(ffi, L, found->type, address, 0)->size = 0;
    else
        convert_push(ffi, L, found->type, address, 0);
    return true;
}

/* The __index of the table of what was looked up: looks the name up. Functions and constants stay in
 * the table, so that the next time Lua finds them without a call. */
static int look_up(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct library *library = lua_touserdata(L, lua_upvalueindex(2));
    const struct declaration *found = check_declared(ffi, L, 2);
    lua_settop(L, 2);
    if (!library_push_symbol(ffi, L, library, found))
        return not_defined(L, library, found);
    if (found->kind == DECLARED_VARIABLE)
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, 1);
    return 1;
}

static int set_variable(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct library *library = library_at(L, 1);
    const struct declaration *found = check_declared(ffi, L, 2);
    if (!library)
        return luaL_typeerror(L, 1, "library");
    if (found->kind != DECLARED_VARIABLE || (found->type->qualifiers & CTYPE_CONST))
        return fault(L, "`%s` is no variable that could be set", found->name);
    if (!convert_store(ffi, L, found->type, check_defined(L, library, found), 3, false))
        return fault_conversion(L, found->type, found->alias, 3);
    return 0;
}

static int library_tostring(lua_State *L)
{
    const struct library *library = library_at(L, 1);
    lua_pushfstring(L, "library: %s", library && library->handle ? library->name : "default");
    return 1;
}

/* Pushes the table that the library's __index is. */
static void push_cache(struct ffi *ffi, lua_State *L, struct library *library)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, ffi);
    lua_pushlightuserdata(L, library);
    lua_pushcclosure(L, look_up, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

static void set_metatable(struct ffi *ffi, lua_State *L, struct library *library)
{
    int object = lua_gettop(L);
    lua_createtable(L, 0, 4);
    push_cache(ffi, L, library);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->libraries);
    lua_pushvalue(L, object);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_setfield(L, -2, "__index");
    lua_pushlightuserdata(L, ffi);
    lua_pushcclosure(L, set_variable, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, library_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "ffi");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

static int cannot_load(lua_State *L, const char *name, const char *reason)
{
    struct similar similar = {.wanted = strncmp(name, "lib", 3) == 0 ? name + 3 : name};
    if (!strchr(name, '/'))
        library_offer_names(&similar);
    return raise(L, lua_pushfstring(L, "cannot load library `%s`: %s", name, reason), &similar);
}

/* A file libm.so may be a text for the linker, and libz.so may be missing: then the library that
 * programs run with is taken. */
static void *open_library(lua_State *L, const char *name, bool is_global)
{
    char file[PATH_MAX], path[PATH_MAX];
    int flags = RTLD_LAZY | (is_global ? RTLD_GLOBAL : RTLD_LOCAL);
    if (!library_file_name(name, file, sizeof(file)))
        luaL_error(L, "the name of the library is too long");
    void *handle = dlopen(file, flags);
    if (handle)
        return handle;
    const char *reason = lua_pushstring(L, dlerror());
    if (library_versioned(file, path, sizeof(path)))
        handle = dlopen(path, flags);
    if (!handle)
        cannot_load(L, name, reason);
    lua_pop(L, 1);
    return handle;
}

/* Libraries stay loaded: functions and callbacks of theirs may be in use where nobody can see it. */
void library_push(struct ffi *ffi, lua_State *L, const char *name, bool is_global)
{
    size_t size = strlen(name ? name : "");
    void *handle = name ? open_library(L, name, is_global) : NULL;
    struct library *library = lua_newuserdatauv(L, sizeof(*library) + size + 1, 0);
    library->mark = &library_mark;
    library->handle = handle;
    memcpy(library->name, name ? name : "", size + 1);
    set_metatable(ffi, L, library);
}

void library_forget(struct ffi *ffi, lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->libraries);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            lua_pushnil(L);
            lua_rawset(L, -4);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}
