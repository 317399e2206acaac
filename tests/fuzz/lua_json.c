#include "lua_json.h"

#include "../../plugins/lua/json.h"
#include "../../plugins/lua/json_decode.h"
#include "../../plugins/lua/session.h"

#include <stdlib.h>

struct lua_json {
    struct hilum_session session;
    lua_State *L;
};

struct lua_json *lua_json_new(void)
{
    struct lua_json *json = calloc(1, sizeof(*json));
    if (!json || !(json->L = luaL_newstate()))
        abort();
    *(struct hilum_session **)lua_getextraspace(json->L) = &json->session;
    json_open(json->L);
    return json;
}

void lua_json_free(struct lua_json *json)
{
    lua_close(json->L);
    free(json);
}

static int decode(lua_State *L)
{
    json_decode(L, *(const struct hilum_str *)lua_touserdata(L, 1));
    return 1;
}

/* Value and text to write into. */
static int encode(lua_State *L)
{
    json_encode(L, 1, lua_touserdata(L, 2));
    return 0;
}

bool lua_json_read(struct lua_json *json, const char *text, size_t size)
{
    struct hilum_str given = {text, size};
    lua_settop(json->L, 0);
    lua_pushcfunction(json->L, decode);
    lua_pushlightuserdata(json->L, &given);
    return lua_pcall(json->L, 1, 1, 0) == LUA_OK;
}

char *lua_json_write(struct lua_json *json, size_t *size)
{
    struct text out = {0};
    lua_pushcfunction(json->L, encode);
    lua_pushvalue(json->L, 1);
    lua_pushlightuserdata(json->L, &out);
    if (lua_pcall(json->L, 2, 0, 0) == LUA_OK) {
        *size = out.size;
        return out.data;
    }
    lua_settop(json->L, 1);
    text_free(&out);
    return NULL;
}
