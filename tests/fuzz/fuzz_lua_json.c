/* JSON as Lua values: what the core lets through can be read, and what was read can be written. */
#include "base/json_scan.h"
#include "fuzz.h"
#include "lua_json.h"

#include <stdlib.h>

static struct str write_value(struct lua_json *json)
{
    struct str text = {NULL, 0};
    text.data = lua_json_write(json, &text.size);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lua_json *json = lua_json_new();
    struct str text = fuzz_copy(fuzz_input(data, size));
    struct str first = {NULL, 0}, second = {NULL, 0};
    bool is_json = json_check(text, NULL);
    bool good = lua_json_read(json, text.data, text.size);
    FUZZ_REQUIRE(good || !is_json);
    if (good)
        first = write_value(json);
    if (first.data && is_json) {
        FUZZ_REQUIRE(json_check(first, NULL));
        FUZZ_REQUIRE(lua_json_read(json, first.data, first.size));
        second = write_value(json);
        FUZZ_REQUIRE(second.data && str_equal(first, second));
    }
    free((char *)text.data);
    free((char *)first.data);
    free((char *)second.data);
    lua_json_free(json);
    return 0;
}
