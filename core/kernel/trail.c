#include "kernel/trail.h"

static size_t place(int64_t number)
{
    return (size_t)((uint64_t)number % TRAIL_LENGTH);
}

void trail_add(struct trail *trail, int64_t number, struct str msg_id)
{
    size_t at = place(number);
    trail->last[at].number = number;
    trail->last[at].size = msg_id.size < TRAIL_ID_MAX ? msg_id.size : TRAIL_ID_MAX;
    memcpy(trail->last[at].msg_id, msg_id.data, trail->last[at].size);
}

struct str trail_find(const struct trail *trail, int64_t number)
{
    size_t at = place(number);
    if (number <= 0 || trail->last[at].number != number)
        return (struct str){NULL, 0};
    return (struct str){trail->last[at].msg_id, trail->last[at].size};
}
