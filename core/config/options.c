#include "config/config.h"
#include "config/state.h"
#include "base/json_scan.h"

#include <stdio.h>

/* The element of the evaluator's list of options whose key is `key`. */
static bool find_known(struct str known, struct str key, struct str *found)
{
    struct json_walk walk = json_walk(known);
    struct json_member option;
    while (json_next(&walk, &option)) {
        struct buffer name = {0};
        struct str value;
        bool equal = json_get(option.value, "key", &value) && json_unescape(value, &name) &&
                     str_equal(buffer_str(&name), key);
        buffer_fini(&name);
        if (equal) {
            *found = option.value;
            return true;
        }
    }
    return false;
}

static const struct option_type {
    const char *name;
    const char *expected;
} types[] = {
    {"\"string\"", "a text in quotes"}, {"\"integer\"", "an integer"}, {"\"number\"", "a number"},
    {"\"boolean\"", "true or false"},   {"\"json\"", "a JSON value"},
};

static const struct option_type *type_of(struct str option)
{
    struct str type;
    if (json_get(option, "type", &type))
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            if (str_equal(type, str_of(types[i].name)))
                return &types[i];
    return NULL;
}

static bool value_fits(const struct option_type *type, struct str value)
{
    int64_t integer;
    enum json_kind kind = json_kind(value);
    switch (type - types) {
    case 0:
        return kind == JSON_KIND_STRING;
    case 1:
        return json_read_integer(value, &integer);
    case 2:
        return kind == JSON_KIND_NUMBER;
    case 3:
        return kind == JSON_KIND_TRUE || kind == JSON_KIND_FALSE;
    default:
        return true;
    }
}

static bool unknown_option(const struct config *config, struct str known, struct str key,
                           struct error *error)
{
    struct suggestion words = {.unknown = key};
    struct json_walk walk = json_walk(known);
    struct json_member option;
    struct str name;
    while (json_next(&walk, &option))
        if (json_get(option.value, "key", &name) && name.size >= 2)
            suggestion_offer(&words, str_slice(name, 1, name.size - 1));
    char where[128];
    snprintf(where, sizeof where, "the options of evaluator %s%s", config_evaluator(config),
             words.list.size ? "" : ", which has none");
    return config_unknown_key(config, key, where, &words, error);
}

static bool check_option(const struct config *config, struct str known,
                         const struct json_member *set, struct error *error)
{
    struct str option;
    if (!find_known(known, set->key, &option))
        return unknown_option(config, known, set->key, error);
    const struct option_type *type = type_of(option);
    if (!type || value_fits(type, set->value))
        return true;
    struct buffer found = {0};
    config_write_found(set->value, &found);
    document_error(&config->document, set->value, error,
                   "\"evaluators.%s.options.%.*s\" is %.*s; expected %s", config_evaluator(config),
                   STR_FORMAT(set->key), STR_FORMAT(buffer_str(&found)), type->expected);
    buffer_fini(&found);
    return false;
}

bool config_check_options(const struct config *config, struct str known, struct error *error)
{
    struct json_walk walk = json_walk(config_options(config));
    struct json_member set;
    if (config_runs_program(config, config_evaluator(config)))
        return true;
    while (json_next(&walk, &set))
        if (!check_option(config, known, &set, error))
            return false;
    return true;
}
