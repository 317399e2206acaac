#include "config/config.h"
#include "config/state.h"
#include "base/json_scan.h"
#include "base/json_write.h"

static void append_origin(const struct config *config, const struct config_value *value,
                          const struct setting *row, struct buffer *out)
{
    switch (value->origin) {
    case ORIGIN_DEFAULT:
        buffer_append_cstr(out, "default");
        break;
    case ORIGIN_FILE:
        buffer_append_format(out, "%s:%zu", config->document.path,
                             document_line(&config->document, value->at));
        break;
    case ORIGIN_ENVIRONMENT:
        buffer_append_format(out, "environment %s", row->environment);
        break;
    case ORIGIN_COMMAND_LINE:
        buffer_append_cstr(out, "command line");
        break;
    }
}

/* Strings in quotes, everything else as it stands. */
static void append_json(bool is_text, struct str text, struct buffer *out)
{
    if (is_text)
        json_write_string(out, text);
    else
        buffer_append(out, text);
}

/* Hands over one row whose origin was collected in a buffer. */
static void visit(config_visitor *visitor, void *context, struct config_row row,
                  struct buffer *origin)
{
    buffer_append_byte(origin, '\0');
    row.origin = origin->failed ? "" : origin->data;
    visitor(context, &row);
    buffer_clear(origin, 4096);
}

static void visit_settings(const struct config *config, config_visitor *visitor, void *context)
{
    struct buffer value = {0}, origin = {0};
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *row = &settings_table[i];
        buffer_clear(&value, 4096);
        append_json(setting_is_text(row->type), str_of(config->values[i].is.text), &value);
        append_origin(config, &config->values[i], row, &origin);
        visit(visitor, context,
              (struct config_row){str_of(row->key), buffer_str(&value), NULL, row->help}, &origin);
    }
    buffer_fini(&value);
    buffer_fini(&origin);
}

static void append_file_origin(const struct config *config, struct str at, struct buffer *out)
{
    buffer_append_format(out, "%s:%zu", config->document.path,
                         document_line(&config->document, at));
}

struct option_visit {
    const struct config *config;
    config_visitor *visitor;
    void *context;
};

/* JSON on one line, however the file writes it. */
static void append_compact(struct str json, struct buffer *out)
{
    bool inside = false, escaped = false;
    for (size_t i = 0; i < json.size; i++) {
        char byte = json.data[i];
        if (inside || !strchr(" \t\r\n", byte))
            buffer_append_byte(out, byte);
        if (byte == '"' && !escaped)
            inside = !inside;
        escaped = inside && byte == '\\' && !escaped;
    }
}

/* A member of the evaluator's section that stands at `at` in the file. */
static void visit_member(const struct option_visit *to, const char *member, struct str value,
                         struct str at, const char *help)
{
    struct buffer key = {0}, line = {0}, origin = {0};
    buffer_append_format(&key, "evaluators.%s.%s", config_evaluator(to->config), member);
    append_compact(value, &line);
    append_file_origin(to->config, at, &origin);
    visit(to->visitor, to->context,
          (struct config_row){buffer_str(&key), buffer_str(&line), NULL, help}, &origin);
    buffer_fini(&key);
    buffer_fini(&line);
    buffer_fini(&origin);
}

static void visit_section(const struct option_visit *to)
{
    const struct config_section *section =
        config_section_find(to->config, config_evaluator(to->config));
    if (!section)
        return;
    struct buffer library = {0};
    struct str command;
    if (section->library) {
        json_write_string(&library, str_of(section->library));
        visit_member(to, "library", buffer_str(&library), section->library_at,
                     "The shared object of the evaluator.");
        buffer_fini(&library);
    }
    if (section->command.size && json_get(buffer_str(&section->settings), "command", &command))
        visit_member(to, "command", command, section->command, "The program and its arguments.");
    const struct {
        const char *member;
        struct str value;
        const char *help;
    } rest[] = {
        {"environment", section->environment, "Variables added to the program's environment."},
        {"language", section->language, "What frontends are told about the language."},
        {"display_name", section->display_name, "The name in the kernel menu."},
        {"start_seconds", section->start_seconds, "How long the program may take to say hello."},
    };
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        if (rest[i].value.size)
            visit_member(to, rest[i].member, rest[i].value, rest[i].value, rest[i].help);
}

/* The unescaped string member of an object; empty when it is absent. */
static void append_member(struct str object, const char *key, struct buffer *out)
{
    struct str value;
    if (json_get(object, key, &value))
        json_unescape(value, out);
}

static void visit_option(const struct option_visit *to, struct str name, struct str value,
                         struct str at, const char *help)
{
    struct buffer key = {0}, line = {0}, origin = {0};
    buffer_append_format(&key, "evaluators.%s.options.%.*s", config_evaluator(to->config),
                         STR_FORMAT(name));
    append_compact(value, &line);
    if (at.size)
        append_file_origin(to->config, at, &origin);
    else
        buffer_append_cstr(&origin, "default");
    visit(to->visitor, to->context,
          (struct config_row){buffer_str(&key), buffer_str(&line), NULL, help ? help : ""},
          &origin);
    buffer_fini(&key);
    buffer_fini(&line);
    buffer_fini(&origin);
}

/* One option that the evaluator lists: the file's value, or else its default, if it has one. */
static void visit_known(const struct option_visit *to, struct str option)
{
    struct buffer name = {0}, help = {0}, text = {0}, value = {0};
    struct str set = {0}, type = STR("\"string\"");
    append_member(option, "key", &name);
    buffer_append_byte(&name, '\0');
    append_member(option, "help", &help);
    buffer_append_byte(&help, '\0');
    append_member(option, "default", &text);
    json_get(option, "type", &type);
    struct str fallback;
    if (!name.failed && !help.failed) {
        struct str key = str_of(name.data);
        if (json_get(config_options(to->config), name.data, &set)) {
            visit_option(to, key, set, set, help.data);
        } else if (json_get(option, "default", &fallback)) {
            append_json(str_equal(type, STR("\"string\"")), buffer_str(&text), &value);
            visit_option(to, key, buffer_str(&value), (struct str){0}, help.data);
        }
    }
    buffer_fini(&name);
    buffer_fini(&help);
    buffer_fini(&text);
    buffer_fini(&value);
}

void config_visit(const struct config *config, struct str known, config_visitor *visitor,
                  void *context)
{
    const struct option_visit to = {config, visitor, context};
    visit_settings(config, visitor, context);
    visit_section(&to);
    /* A program's options are its own business: what the driver knows are other things. */
    if (config_runs_program(config, config_evaluator(config)))
        known.size = 0;
    struct json_walk walk = json_walk(known.size ? known : config_options(config));
    struct json_member member;
    while (json_next(&walk, &member)) {
        if (known.size)
            visit_known(&to, member.value);
        else
            visit_option(&to, member.key, member.value, member.value, NULL);
    }
}
