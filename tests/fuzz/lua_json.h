/* The Lua plugin's JSON for a fuzz target, which cannot include the headers of both sides. */
#ifndef HILUM_TESTS_FUZZ_LUA_JSON_H
#define HILUM_TESTS_FUZZ_LUA_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* A Lua state that holds one value. */
struct lua_json *lua_json_new(void);
void lua_json_free(struct lua_json *json);

/* Makes the text's value the one it holds. */
bool lua_json_read(struct lua_json *json, const char *text, size_t size);

/* Its value as JSON, to be given to free; NULL: it has no JSON form, such as infinity. */
char *lua_json_write(struct lua_json *json, size_t *size);

#endif
