#include "config/state.h"
#include "base/json_scan.h"
#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>

/* What an error message shows of a value. */
#define FOUND_MAX 60

void config_write_found(struct str value, struct buffer *out)
{
    switch (json_kind(value)) {
    case JSON_KIND_OBJECT:
        buffer_append_cstr(out, "an object");
        break;
    case JSON_KIND_ARRAY:
        buffer_append_cstr(out, "an array");
        break;
    default:
        if (value.size <= FOUND_MAX)
            buffer_append(out, value);
        else
            buffer_append_format(out, "a value of %zu bytes", value.size);
    }
}

bool config_unknown_key(const struct config *config, struct str key_at, const char *where,
                        struct suggestion *known, struct error *error)
{
    struct buffer help = {0};
    suggestion_write(known, &help);
    document_error(&config->document, key_at, error, "unknown key \"%.*s\" in %s%.*s",
                   STR_FORMAT(str_slice(key_at, 0, FOUND_MAX)), where,
                   STR_FORMAT(buffer_str(&help)));
    error_code(error, "config.unknown-key");
    buffer_fini(&help);
    suggestion_fini(known);
    return false;
}

bool config_wrong_value(const struct config *config, const char *key, struct str value,
                        struct str expected, struct error *error)
{
    struct buffer found = {0};
    config_write_found(value, &found);
    document_error(&config->document, value, error, "\"%s\" is %.*s; expected %.*s", key,
                   STR_FORMAT(buffer_str(&found)), STR_FORMAT(expected));
    buffer_fini(&found);
    return false;
}

static bool read_setting(struct config *config, size_t index, struct str value, struct error *error)
{
    const struct setting *setting = &settings_table[index];
    struct config_value *target = &config->values[index];
    if (setting_parse_json(setting, value, &target->is)) {
        target->origin = ORIGIN_FILE;
        target->at = value;
        return true;
    }
    struct buffer expected = {0};
    setting_expectation(setting, &expected);
    config_wrong_value(config, setting->key, value, buffer_str(&expected), error);
    buffer_fini(&expected);
    return false;
}

static bool read_library(struct config *config, struct config_section *section, const char *key,
                         struct str value, struct error *error)
{
    struct buffer text = {0};
    bool is_path = json_unescape(value, &text) && text.size && !memchr(text.data, '\0', text.size);
    bool good = is_path ||
                config_wrong_value(config, key, value, STR("the path of a shared object"), error);
    buffer_append_byte(&text, '\0');
    if (good && !text.failed)
        section->library = path_beside(config->document.path, text.data);
    section->library_at = value;
    good = good && (section->library || error_set(error, "out of memory"));
    buffer_fini(&text);
    return good;
}

static bool read_section_member(struct config *config, struct config_section *section,
                                const struct json_member *member, struct error *error)
{
    char key[128];
    snprintf(key, sizeof key, "evaluators.%s.%.*s", section->name,
             STR_FORMAT(str_slice(member->key, 0, 16)));
    if (str_equal(member->key, STR("library")))
        return read_library(config, section, key, member->value, error);
    if (str_equal(member->key, STR("options"))) {
        section->options = member->value;
        return json_kind(member->value) == JSON_KIND_OBJECT ||
               config_wrong_value(config, key, member->value, STR("an object"), error);
    }
    if (config_is_program_member(member->key))
        return config_read_program_member(config, section, member, error);
    struct suggestion known = {.unknown = member->key};
    suggestion_offer(&known, STR("library"));
    suggestion_offer(&known, STR("options"));
    config_suggest_program_members(&known);
    snprintf(key, sizeof key, "\"evaluators.%s\"", section->name);
    return config_unknown_key(config, member->key, key, &known, error);
}

static struct config_section *add_section(struct config *config, struct str name)
{
    size_t size = (config->section_count + 1) * sizeof *config->sections;
    struct config_section *sections = realloc(config->sections, size);
    if (!sections)
        return NULL;
    config->sections = sections;
    struct config_section *section = &sections[config->section_count];
    *section = (struct config_section){.name = strndup(name.data, name.size)};
    if (!section->name)
        return NULL;
    config->section_count++;
    return section;
}

static bool read_evaluator(struct config *config, const struct json_member *evaluator,
                           struct error *error)
{
    if (!evaluator_name_is_valid(evaluator->key))
        return document_error(&config->document, evaluator->key, error,
                              "\"%.*s\" in \"evaluators\" cannot be an evaluator's name; expected "
                              "1 to 64 lower case letters, digits, - and _",
                              STR_FORMAT(str_slice(evaluator->key, 0, FOUND_MAX)));
    char key[128];
    snprintf(key, sizeof key, "evaluators.%.*s", STR_FORMAT(evaluator->key));
    if (json_kind(evaluator->value) != JSON_KIND_OBJECT)
        return config_wrong_value(config, key, evaluator->value, STR("an object"), error);
    struct config_section *section = add_section(config, evaluator->key);
    if (!section)
        return error_set(error, "out of memory");
    struct json_walk walk = json_walk(evaluator->value);
    struct json_member member;
    while (json_next(&walk, &member))
        if (!read_section_member(config, section, &member, error))
            return false;
    return config_finish_program(config, section, error);
}

static bool read_evaluators(struct config *config, struct str value, struct error *error)
{
    if (json_kind(value) != JSON_KIND_OBJECT)
        return config_wrong_value(config, "evaluators", value, STR("an object"), error);
    struct json_walk walk = json_walk(value);
    struct json_member member;
    while (json_next(&walk, &member))
        if (!read_evaluator(config, &member, error))
            return false;
    return true;
}

/* A group of settings: "log", "queue". */
static bool read_group(struct config *config, const struct json_member *group, struct error *error)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", STR_FORMAT(group->key));
    if (json_kind(group->value) != JSON_KIND_OBJECT)
        return config_wrong_value(config, name, group->value, STR("an object"), error);
    struct json_walk walk = json_walk(group->value);
    struct json_member member;
    while (json_next(&walk, &member)) {
        size_t index = settings_find(group->key, member.key);
        if (index == settings_count()) {
            struct suggestion known = {.unknown = member.key};
            for (const struct setting *row = settings_table; row->key; row++)
                if (str_equal(setting_section(row), group->key))
                    suggestion_offer(&known, setting_name(row));
            snprintf(name, sizeof name, "\"%.*s\"", STR_FORMAT(group->key));
            return config_unknown_key(config, member.key, name, &known, error);
        }
        if (!read_setting(config, index, member.value, error))
            return false;
    }
    return true;
}

static bool is_group(struct str name)
{
    for (const struct setting *row = settings_table; row->key; row++)
        if (name.size && str_equal(setting_section(row), name))
            return true;
    return false;
}

static bool unknown_top(struct config *config, struct str key, struct error *error)
{
    struct suggestion known = {.unknown = key};
    struct str last = {0};
    for (const struct setting *row = settings_table; row->key; row++) {
        struct str group = setting_section(row);
        if (!group.size || !str_equal(group, last))
            suggestion_offer(&known, group.size ? group : setting_name(row));
        last = group;
    }
    suggestion_offer(&known, STR("evaluators"));
    return config_unknown_key(config, key, "the file", &known, error);
}

static bool read_member(struct config *config, const struct json_member *member,
                        struct error *error)
{
    if (str_equal(member->key, STR("$schema")))
        return true;
    if (str_equal(member->key, STR("evaluators")))
        return read_evaluators(config, member->value, error);
    if (is_group(member->key))
        return read_group(config, member, error);
    size_t index = settings_find((struct str){0}, member->key);
    if (index == settings_count())
        return unknown_top(config, member->key, error);
    return read_setting(config, index, member->value, error);
}

bool config_read_document(struct config *config, struct error *error)
{
    struct json_walk walk = json_walk(buffer_str(&config->document.text));
    struct json_member member;
    while (json_next(&walk, &member))
        if (!read_member(config, &member, error))
            return false;
    return true;
}
