/* Sections of "evaluators" that name a program instead of a library. */
#include "config/config.h"
#include "config/state.h"
#include "base/json_write.h"
#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define START_SECONDS_MAX 3600

/* ---- What each member must be ---- */

static bool is_text(struct str value)
{
    struct buffer text = {0};
    bool good = json_unescape(value, &text) && text.size && !memchr(text.data, '\0', text.size);
    buffer_fini(&text);
    return good;
}

static bool is_command(struct str value)
{
    struct json_walk walk = json_walk(value);
    struct json_member word;
    size_t count = 0;
    if (json_kind(value) != JSON_KIND_ARRAY)
        return false;
    for (; json_next(&walk, &word); count++)
        if (!is_text(word.value) && (count == 0 || !str_equal(word.value, STR("\"\""))))
            return false;
    return count > 0;
}

/* Names are compared as they stand: those that need escapes are no names of variables. */
static bool is_environment(struct str value)
{
    struct json_walk walk = json_walk(value);
    struct json_member variable;
    if (json_kind(value) != JSON_KIND_OBJECT)
        return false;
    while (json_next(&walk, &variable))
        if (!variable.key.size || memchr(variable.key.data, '=', variable.key.size) ||
            memchr(variable.key.data, '\\', variable.key.size) ||
            (!is_text(variable.value) && !str_equal(variable.value, STR("\"\""))))
            return false;
    return true;
}

static bool is_display_name(struct str value)
{
    return is_text(value);
}

static bool is_start_seconds(struct str value)
{
    static const struct setting seconds = {
        .type = SETTING_NUMBER, .min = 0.1, .max = START_SECONDS_MAX, .fallback = "30"};
    struct setting_value parsed = {.text = NULL};
    bool good = setting_parse_json(&seconds, value, &parsed);
    free(parsed.text);
    return good;
}

static bool is_object(struct str value)
{
    return json_kind(value) == JSON_KIND_OBJECT;
}

static const struct member {
    const char *key;
    bool (*fits)(struct str value);
    size_t at; /* of the section's struct str */
    const char *expected;
} members[] = {
    {"command", is_command, offsetof(struct config_section, command),
     "a list of texts: the program and its arguments"},
    {"environment", is_environment, offsetof(struct config_section, environment),
     "an object whose members are texts: the variables to set"},
    {"language", is_object, offsetof(struct config_section, language),
     "an object with \"name\" and what else language_info has"},
    {"display_name", is_display_name, offsetof(struct config_section, display_name), "a text"},
    {"start_seconds", is_start_seconds, offsetof(struct config_section, start_seconds),
     "a number from 0.1 to 3600"},
};
#define MEMBERS (sizeof members / sizeof *members)

static const struct member *find_member(struct str key)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (str_equal(key, str_of(members[i].key)))
            return &members[i];
    return NULL;
}

static struct str *value_of(struct config_section *section, const struct member *member)
{
    return (struct str *)(void *)((char *)section + member->at);
}

bool config_is_program_member(struct str key)
{
    return find_member(key);
}

void config_suggest_program_members(struct suggestion *known)
{
    for (size_t i = 0; i < MEMBERS; i++)
        suggestion_offer(known, str_of(members[i].key));
}

/* ---- "language" ---- */

/* The members of language_info, by whether there may be an object. */
static const struct {
    const char *key;
    bool may_be_object;
} language_members[] = {
    {"name", false},
    {"version", false},
    {"mimetype", false},
    {"file_extension", false},
    {"pygments_lexer", false},
    {"codemirror_mode", true},
    {"nbconvert_exporter", false},
};

static bool check_language_member(const struct config *config, const char *section,
                                  const struct json_member *member, struct error *error)
{
    const size_t count = sizeof language_members / sizeof *language_members;
    char key[160];
    for (size_t i = 0; i < count; i++) {
        if (!str_equal(member->key, str_of(language_members[i].key)))
            continue;
        bool is_object = json_kind(member->value) == JSON_KIND_OBJECT;
        if (json_kind(member->value) == JSON_KIND_STRING ||
            (is_object && language_members[i].may_be_object))
            return true;
        snprintf(key, sizeof key, "evaluators.%s.language.%s", section, language_members[i].key);
        return config_wrong_value(config, key, member->value, STR("a text"), error);
    }
    struct suggestion known = {.unknown = member->key};
    for (size_t i = 0; i < count; i++)
        suggestion_offer(&known, str_of(language_members[i].key));
    snprintf(key, sizeof key, "\"evaluators.%s.language\"", section);
    return config_unknown_key(config, member->key, key, &known, error);
}

static bool check_language(const struct config *config, const struct config_section *section,
                           struct error *error)
{
    struct json_walk walk = json_walk(section->language);
    struct json_member member;
    struct str name;
    char key[128];
    while (section->language.size && json_next(&walk, &member))
        if (!check_language_member(config, section->name, &member, error))
            return false;
    if (!section->language.size || (json_get(section->language, "name", &name) && is_text(name)))
        return true;
    snprintf(key, sizeof key, "evaluators.%s.language", section->name);
    return document_error(&config->document, section->language, error,
                          "\"%s\" lacks \"name\", the name of the language", key);
}

/* ---- The section as a whole ---- */

bool config_read_program_member(const struct config *config, struct config_section *section,
                                const struct json_member *member, struct error *error)
{
    const struct member *row = find_member(member->key);
    char key[128];
    *value_of(section, row) = member->value;
    if (row->fits(member->value))
        return true;
    snprintf(key, sizeof key, "evaluators.%s.%s", section->name, row->key);
    return config_wrong_value(config, key, member->value, str_of(row->expected), error);
}

/*
 * A word of the command as it will be used. The program is searched on the PATH when it has no
 * slash; with one, and when any other word is a file beside the configuration, it is that file.
 */
static char *resolve(const struct config *config, const char *word, bool is_program)
{
    char *beside = path_beside(config->document.path, strncmp(word, "./", 2) ? word : word + 2);
    char *absolute = beside ? path_absolute(beside) : NULL;
    bool is_path = strncmp(word, "./", 2) == 0 || strncmp(word, "../", 3) == 0 ||
                   (is_program && strchr(word, '/'));
    bool taken = absolute && (is_path || (!is_program && word[0] && path_is_file(absolute)));
    free(beside);
    if (taken)
        return absolute;
    free(absolute);
    return strdup(word);
}

static bool write_command(const struct config *config, struct config_section *section,
                          struct buffer *out)
{
    struct json_walk walk = json_walk(section->command);
    struct json_member member;
    bool good = true;
    for (size_t i = 0; good && json_next(&walk, &member); i++) {
        struct buffer text = {0};
        good = json_unescape(member.value, &text);
        buffer_append_byte(&text, '\0');
        char *word = good && !text.failed ? resolve(config, text.data, i == 0) : NULL;
        buffer_fini(&text);
        good = word;
        buffer_append_cstr(out, i ? "," : "[");
        json_write_string(out, str_of(good ? word : ""));
        if (i == 0)
            section->executable = word;
        else
            free(word);
    }
    buffer_append_byte(out, ']');
    return good;
}

static void write_member(struct buffer *out, const char *key, struct str value)
{
    if (!value.size)
        return;
    buffer_append_byte(out, ',');
    json_write_key(out, key);
    buffer_append(out, value);
}

static bool needs_command(const struct config *config, struct config_section *section,
                          struct error *error)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        struct str value = *value_of(section, &members[i]);
        if (value.size)
            return document_error(&config->document, value, error,
                                  "\"evaluators.%s.%s\" is for sections with a \"command\", which "
                                  "this one lacks",
                                  section->name, members[i].key);
    }
    return true;
}

bool config_finish_program(const struct config *config, struct config_section *section,
                           struct error *error)
{
    if (!section->command.size)
        return needs_command(config, section, error);
    if (section->library)
        return document_error(
            &config->document, section->library_at, error,
            "\"evaluators.%s\" has both \"library\" and \"command\"; expected one", section->name);
    if (!check_language(config, section, error))
        return false;
    struct buffer *out = &section->settings;
    buffer_clear(out, 4096);
    buffer_append(out, STR("{\"command\":"));
    bool good = write_command(config, section, out);
    write_member(out, "environment", section->environment);
    write_member(out, "start_seconds", section->start_seconds);
    write_member(out, "options", section->options);
    buffer_append_byte(out, '}');
    return (good && !out->failed) || error_set(error, "out of memory");
}

/* ---- What others ask ---- */

bool config_runs_program(const struct config *config, const char *name)
{
    const struct config_section *section = config_section_find(config, name);
    return section && section->command.size;
}

void config_write_language(const struct config *config, const char *name, struct buffer *out)
{
    const struct config_section *section = config_section_find(config, name);
    buffer_append(out, section && section->language.size ? section->language : STR("{}"));
}

void config_write_display_name(const struct config *config, const char *name, struct buffer *out)
{
    const struct config_section *section = config_section_find(config, name);
    if (!section || !json_unescape(section->display_name, out))
        buffer_append_cstr(out, name);
}

static bool is_executable(const char *path)
{
    return path_is_file(path) && access(path, X_OK) == 0;
}

static bool is_on_path(const char *program)
{
    const char *list = getenv("PATH");
    bool found = false;
    while (list && *list && !found) {
        size_t size = strcspn(list, ":");
        char *file = path_format("%.*s/%s", (int)size, size ? list : ".", program);
        found = file && is_executable(file);
        free(file);
        list += size + (list[size] == ':');
    }
    return found;
}

bool config_check_program(const struct config *config, const char *name, struct error *error)
{
    const struct config_section *section = config_section_find(config, name);
    const char *program = section->executable;
    if (strchr(program, '/') ? is_executable(program) : is_on_path(program))
        return true;
    return document_error(&config->document, section->command, error,
                          strchr(program, '/')
                              ? "the program %s of evaluator \"%s\" is not there, or not executable"
                              : "the program %s of evaluator \"%s\" is not on the PATH",
                          program, name);
}
