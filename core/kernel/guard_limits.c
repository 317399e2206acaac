#include "kernel/guard_limits.h"
#include "base/json_write.h"

static int64_t read_limit(const struct config *config, const char *setting,
                          const struct limit_description *row)
{
    if (!setting)
        return 0;
    if (row->unit == LIMIT_UNIT_COUNT)
        return config_integer(config, setting);
    double value = config_number(config, setting);
    int64_t amount = (int64_t)(value * (double)row->scale + 0.5);
    return value > 0 && amount == 0 ? 1 : amount;
}

void guard_limits_read(const struct config *config, struct limits *limits)
{
    for (int kind = 0; kind < LIMIT_KINDS; kind++) {
        const struct limit_description *row = &limits_table[kind];
        limits->of[kind] = (struct limit){
            .soft = read_limit(config, row->setting, row),
            .hard = read_limit(config, row->hard_setting, row),
        };
    }
}

static void write_member(struct buffer *out, const char *key, int64_t value)
{
    json_write_key(out, key);
    buffer_append_integer(out, value);
    buffer_append_byte(out, ',');
}

void guard_limits_write(const struct config *config, struct buffer *out)
{
    struct limits limits;
    guard_limits_read(config, &limits);
    buffer_append(out, STR("\"limits\":{"));
    write_member(out, "memory_bytes", limits.of[LIMIT_MEMORY].soft);
    write_member(out, "memory_bytes_hard", limits.of[LIMIT_MEMORY].hard);
    write_member(out, "open_files_hard", limits.of[LIMIT_OPEN_FILES].hard);
    json_write_key(out, "memory_setting");
    json_write_string(out, str_of(limits_table[LIMIT_MEMORY].setting));
    buffer_append_format(out, ",\"core_dumps\":%s}",
                         config_flag(config, "limits.core_dumps") ? "true" : "false");
}

bool guard_limits_write_cell(const struct limits *cell, struct buffer *out)
{
    const struct limit *memory = &cell->of[LIMIT_MEMORY];
    if (!memory->by_cell)
        return false;
    buffer_append(out, STR("\"limits\":{"));
    write_member(out, "memory_bytes", memory->soft);
    json_write_key(out, "memory_setting");
    buffer_append_format(out, "\"%%limit %s\"}", limits_table[LIMIT_MEMORY].word);
    return true;
}
