#include "worker/content.h"
#include "base/json_scan.h"

struct content content_read(struct str whole)
{
    struct content content = {.whole = whole};
    struct str *const values[] = {&content.code, &content.limits, &content.allow_stdin,
                                  &content.user_expressions};
    static const struct str keys[] = {STR("code"), STR("limits"), STR("allow_stdin"),
                                      STR("user_expressions")};
    struct json_walk walk = json_walk(whole);
    struct json_member member;
    while (json_next(&walk, &member))
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (json_key_is(member.key, keys[i]))
                *values[i] = member.value;
    return content;
}
