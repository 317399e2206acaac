#include "path.h"

#include "ffi/module.h"

#include <stdlib.h>

enum {
    PARENTS = 16, /* __index tables that are followed */
    STEPS = 64,   /* of one path */
};

bool path_up(lua_State *L)
{
    if (!lua_getmetatable(L, -1))
        return false;
    lua_pushliteral(L, "__index");
    lua_rawget(L, -2);
    if (!lua_istable(L, -1)) {
        lua_pop(L, 2);
        return false;
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
    return true;
}

/* The same for an object of ffi. */
static void index_c(lua_State *L)
{
    size_t size;
    const char *name = lua_tolstring(L, -1, &size);
    if (!ffi_push_member(L, -2, name, size))
        lua_pushnil(L);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Replaces the key on the top and the value below it by value[key]; nil when there is none. */
static void index_raw(lua_State *L)
{
    if (lua_type(L, -1) == LUA_TSTRING && ffi_is_object(L, -2)) {
        index_c(L);
        return;
    }
    lua_insert(L, -2); /* key, value */
    for (int i = 0; i < PARENTS; i++) {
        if (lua_istable(L, -1)) {
            lua_pushvalue(L, -2);
            if (lua_rawget(L, -2) != LUA_TNIL)
                break;
            lua_pop(L, 1);
        }
        if (!path_up(L) || i == PARENTS - 1) {
            lua_pushnil(L);
            break;
        }
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Is token i a literal that can stand between brackets? Escapes in strings are not read. */
static bool is_literal(const struct tokens *tokens, size_t i)
{
    struct hilum_str text = token_text(tokens, i);
    if (tokens->items[i].kind == TOKEN_NUMBER)
        return text.size < 24;
    if (tokens->items[i].kind != TOKEN_STRING || tokens->items[i].unfinished)
        return false;
    for (size_t k = 0; k < text.size; k++)
        if (text.data[k] == '\\')
            return false;
    return true;
}

static void push_literal(lua_State *L, const struct tokens *tokens, size_t i)
{
    struct hilum_str text = token_text(tokens, i);
    if (tokens->items[i].kind == TOKEN_STRING) {
        lua_pushlstring(L, text.data + 1, text.size - 2);
    } else {
        lua_pushlstring(L, text.data, text.size);
        if (lua_stringtonumber(L, lua_tostring(L, -1)))
            lua_replace(L, -2);
    }
}

/* What a step of a path, read from its end, looks like. */
enum step {
    STEP_NONE,
    STEP_GLOBAL,  /* name */
    STEP_FIELD,   /* .name or :name */
    STEP_BRACKET, /* [literal] */
    STEP_STRING,  /* ("literal"), of which methods are taken */
};

static enum step step_at(const struct tokens *tokens, size_t i)
{
    if (i >= tokens->count)
        return STEP_NONE;
    if (tokens->items[i].kind == TOKEN_NAME) {
        bool field = i > 0 && (token_is(tokens, i - 1, ".") || token_is(tokens, i - 1, ":"));
        return field ? STEP_FIELD : STEP_GLOBAL;
    }
    if (i >= 3 && token_is(tokens, i, "]") && is_literal(tokens, i - 1) &&
        token_is(tokens, i - 2, "["))
        return STEP_BRACKET;
    bool call = i >= 3 && (tokens->items[i - 3].kind == TOKEN_NAME ||
                           token_is(tokens, i - 3, ")") || token_is(tokens, i - 3, "]"));
    if (i >= 2 && !call && token_is(tokens, i, ")") && token_is(tokens, i - 2, "(") &&
        (tokens->items[i - 1].kind == TOKEN_STRING ||
         tokens->items[i - 1].kind == TOKEN_LONG_STRING))
        return STEP_STRING;
    return STEP_NONE;
}

/* The token with which the step before the one at `i` ends; SIZE_MAX when the path begins here. */
static size_t step_back(const struct tokens *tokens, size_t i)
{
    switch (step_at(tokens, i)) {
    case STEP_FIELD:
        return i >= 2 ? i - 2 : tokens->count;
    case STEP_BRACKET:
        return i - 3;
    default:
        return SIZE_MAX;
    }
}

size_t path_start(const struct tokens *tokens, size_t last)
{
    size_t before;
    while (last < tokens->count && (before = step_back(tokens, last)) < tokens->count)
        last = before;
    return last < tokens->count && step_at(tokens, last) == STEP_STRING ? last - 2 : last;
}

/* The path is walked from its end by recursion and evaluated on the way back. */
static bool push_steps(lua_State *L, const struct tokens *tokens, size_t i, int left)
{
    if (left == 0)
        return false;
    enum step step = step_at(tokens, i);
    if (step == STEP_NONE)
        return false;
    struct hilum_str text = token_text(tokens, i);
    if (step == STEP_STRING) {
        lua_pushliteral(L, "");
        return true;
    }
    if (step == STEP_GLOBAL)
        lua_pushglobaltable(L);
    else if (!push_steps(L, tokens, step_back(tokens, i), left - 1))
        return false;
    if (step == STEP_BRACKET)
        push_literal(L, tokens, i - 1);
    else
        lua_pushlstring(L, text.data, text.size);
    index_raw(L);
    if (!lua_isnil(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

bool path_push(lua_State *L, const struct tokens *tokens, size_t last)
{
    return push_steps(L, tokens, last, STEPS);
}
