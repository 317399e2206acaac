#include "worker/settings.h"
#include "base/json_scan.h"

#include <stdlib.h>

static size_t count_options(const struct hilum_option *options)
{
    size_t count = 0;
    while (options && options[count].key)
        count++;
    return count;
}

static bool has_type(struct str value, enum hilum_option_type type)
{
    enum json_kind kind = json_kind(value);
    int64_t integer;
    switch (type) {
    case HILUM_OPTION_STRING:
        return kind == JSON_KIND_STRING;
    case HILUM_OPTION_INTEGER:
        return kind == JSON_KIND_NUMBER && json_read_integer(value, &integer);
    case HILUM_OPTION_NUMBER:
        return kind == JSON_KIND_NUMBER;
    case HILUM_OPTION_BOOLEAN:
        return kind == JSON_KIND_TRUE || kind == JSON_KIND_FALSE;
    case HILUM_OPTION_JSON:
        return true;
    }
    return false;
}

static bool check_member(const struct hilum_option *options, const struct json_member *member,
                         struct error *error)
{
    static const char *const types[] = {"a string", "an integer", "a number", "true or false",
                                        "a JSON value"};
    const struct hilum_option *option = options;
    while (option && option->key && !str_equal(member->key, str_of(option->key)))
        option++;
    if (!option || !option->key)
        return error_set(error, "the evaluator has no option \"%.*s\" (`hilum config` lists them)",
                         STR_FORMAT(member->key));
    if (!has_type(member->value, option->type))
        return error_set(error, "option \"%s\" must be %s, got %.*s", option->key,
                         types[option->type], STR_FORMAT(str_slice(member->value, 0, 60)));
    return true;
}

/* Offsets into the text are kept in the items until the text stops moving. */
static void add(struct settings *settings, const char *key, struct str value, bool is_json_string)
{
    struct hilum_setting *item = &settings->items[settings->count++];
    item->key = (struct hilum_str){key, strlen(key)};
    size_t start = settings->text.size;
    if (is_json_string)
        json_unescape(value, &settings->text);
    else
        buffer_append(&settings->text, value);
    item->value = (struct hilum_str){NULL, settings->text.size - start};
}

bool settings_init(struct settings *settings, const struct hilum_option *options, struct str object,
                   struct error *error)
{
    size_t option_count = count_options(options);
    struct json_walk walk = json_walk(object);
    struct json_member member;
    while (json_next(&walk, &member))
        if (!check_member(options, &member, error))
            return false;
    *settings = (struct settings){.items = calloc(option_count + 1, sizeof *settings->items)};
    if (!settings->items)
        return error_set(error, "out of memory");
    for (size_t i = 0; i < option_count; i++) {
        struct str value;
        if (json_get(object, options[i].key, &value))
            add(settings, options[i].key, value, options[i].type == HILUM_OPTION_STRING);
        else if (options[i].default_value)
            add(settings, options[i].key, str_of(options[i].default_value), false);
    }
    if (settings->text.failed) {
        settings_fini(settings);
        return error_set(error, "out of memory");
    }
    struct str left = buffer_str(&settings->text);
    for (size_t i = 0; i < settings->count; i++) {
        settings->items[i].value.data = left.data;
        left = str_slice(left, settings->items[i].value.size, SIZE_MAX);
    }
    return true;
}

void settings_fini(struct settings *settings)
{
    free(settings->items);
    buffer_fini(&settings->text);
    *settings = (struct settings){0};
}
