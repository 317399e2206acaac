#include "config/config.h"
#include "base/json_write.h"

/* Key, value and origin stand in columns. */
struct columns {
    size_t key, value;
    struct buffer *out;
};

static void measure(void *context, const struct config_row *row)
{
    struct columns *columns = context;
    columns->key = row->key.size > columns->key ? row->key.size : columns->key;
    columns->value = row->value.size > columns->value ? row->value.size : columns->value;
}

static void write_line(void *context, const struct config_row *row)
{
    struct columns *columns = context;
    buffer_append_format(columns->out, "%-*.*s  %-*.*s  %s\n", (int)columns->key,
                         STR_FORMAT(row->key), (int)columns->value, STR_FORMAT(row->value),
                         row->origin);
}

/* A long value would push the origins out of sight. */
#define VALUE_COLUMN_MAX 40

void config_describe_known(const struct config *config, struct str known, struct buffer *out)
{
    struct columns columns = {.out = out};
    config_visit(config, known, measure, &columns);
    if (columns.value > VALUE_COLUMN_MAX)
        columns.value = VALUE_COLUMN_MAX;
    config_visit(config, known, write_line, &columns);
}

void config_describe(const struct config *config, struct buffer *out)
{
    config_describe_known(config, (struct str){0}, out);
}

struct members {
    struct buffer *out;
    bool started;
};

static void write_member(void *context, const struct config_row *row)
{
    struct members *members = context;
    struct buffer *out = members->out;
    buffer_append_cstr(out, members->started ? ",\n    " : "\n    ");
    members->started = true;
    json_write_string(out, row->key);
    buffer_append_cstr(out, ": {\"value\": ");
    buffer_append(out, row->value);
    buffer_append_cstr(out, ", \"origin\": ");
    json_write_string(out, str_of(row->origin));
    buffer_append_cstr(out, ", \"help\": ");
    json_write_string(out, str_of(row->help));
    buffer_append_byte(out, '}');
}

void config_describe_json(const struct config *config, struct str known, struct buffer *out)
{
    struct members members = {.out = out};
    buffer_append_cstr(out, "{\n  \"file\": ");
    if (config_file(config))
        json_write_string(out, str_of(config_file(config)));
    else
        buffer_append_cstr(out, "null");
    buffer_append_cstr(out, ",\n  \"settings\": {");
    config_visit(config, known, write_member, &members);
    buffer_append_cstr(out, "\n  }\n}\n");
}
