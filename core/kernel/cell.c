#include "kernel/cell.h"
#include "base/json_scan.h"

/* A value of another kind says nothing. */
static bool flag_of(struct str value, bool fallback)
{
    switch (json_kind(value)) {
    case JSON_KIND_TRUE:
        return true;
    case JSON_KIND_FALSE:
        return false;
    default:
        return fallback;
    }
}

bool cell_read(const struct request *request, struct cell *cell)
{
    struct json_walk walk = json_walk(request->content);
    struct json_member member;
    bool store_history = true;
    *cell = (struct cell){.stop_on_error = true};
    while (json_next(&walk, &member)) {
        if (json_key_is(member.key, STR("code")))
            cell->code = member.value;
        else if (json_key_is(member.key, STR("silent")))
            cell->silent = flag_of(member.value, false);
        else if (json_key_is(member.key, STR("stop_on_error")))
            cell->stop_on_error = flag_of(member.value, true);
        else if (json_key_is(member.key, STR("store_history")))
            store_history = flag_of(member.value, true);
    }
    cell->is_counted = store_history && !cell->silent;
    return cell->code.size && json_kind(cell->code) == JSON_KIND_STRING;
}
