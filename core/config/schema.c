#include "config/config.h"
#include "config/settings.h"

#include <jansson.h>
#include <stdlib.h>

/* jansson takes NULL for a value that could not be made, so the tree is built without checks; a
 * member that lacks for want of memory is a difference to docs/hilum.schema.json. */

static json_t *number_of(double value)
{
    json_int_t whole = (json_int_t)value;
    return (double)whole == value ? json_integer(whole) : json_real(value);
}

static json_t *closed_object(void)
{
    return json_pack("{s:s, s:b, s:{}}", "type", "object", "additionalProperties", 0, "properties");
}

static json_t *choices_of(const struct setting *setting)
{
    json_t *choices = json_array();
    for (size_t i = 0; setting->choices[i]; i++)
        json_array_append_new(choices, json_string(setting->choices[i]));
    return choices;
}

static json_t *default_of(const struct setting *setting)
{
    return setting_is_text(setting->type) ? json_string(setting->fallback)
                                          : json_loads(setting->fallback, JSON_DECODE_ANY, NULL);
}

static void add_constraints(json_t *schema, const struct setting *setting)
{
    switch (setting->type) {
    case SETTING_NAME:
        json_object_set_new(schema, "pattern", json_string("^[a-z0-9_-]{1,64}$"));
        break;
    case SETTING_CHOICE:
        json_object_set_new(schema, "enum", choices_of(setting));
        break;
    case SETTING_INTEGER:
    case SETTING_NUMBER:
        json_object_set_new(schema, "minimum", number_of(setting->min));
        json_object_set_new(schema, "maximum", number_of(setting->max));
        break;
    default:
        break;
    }
}

static json_t *schema_of(const struct setting *setting)
{
    static const char *const types[] = {
        [SETTING_NAME] = "string",     [SETTING_CHOICE] = "string", [SETTING_STRING] = "string",
        [SETTING_INTEGER] = "integer", [SETTING_NUMBER] = "number", [SETTING_BOOLEAN] = "boolean",
    };
    json_t *schema =
        json_pack("{s:s, s:s}", "description", setting->help, "type", types[setting->type]);
    add_constraints(schema, setting);
    json_object_set_new(schema, "default", default_of(setting));
    return schema;
}

/* Parts of keys are short: they are our own. */
#define NAME_SIZE 64

static void copy_name(struct str from, char to[NAME_SIZE])
{
    from = str_slice(from, 0, NAME_SIZE - 1);
    memcpy(to, from.data, from.size);
    to[from.size] = '\0';
}

/* The "properties" that hold the setting: the file's own, or those of its section. */
static json_t *properties_for(json_t *top, const struct setting *setting)
{
    struct str section = setting_section(setting);
    if (!section.size)
        return top;
    char name[NAME_SIZE];
    copy_name(section, name);
    if (!json_object_get(top, name))
        json_object_set_new(top, name, closed_object());
    return json_object_get(json_object_get(top, name), "properties");
}

static json_t *text_schema(void)
{
    return json_pack("{s:s}", "type", "string");
}

static json_t *language_schema(void)
{
    json_t *schema = closed_object();
    json_t *properties = json_object_get(schema, "properties");
    static const char *const texts[] = {"name",           "version",        "mimetype",
                                        "file_extension", "pygments_lexer", "nbconvert_exporter"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_object_set_new(properties, texts[i], text_schema());
    json_object_set_new(properties, "codemirror_mode",
                        json_pack("{s:[s, s]}", "type", "string", "object"));
    json_object_set_new(schema, "required", json_pack("[s]", "name"));
    json_object_set_new(
        schema, "description",
        json_string("What frontends are told about the language: language_info of Jupyter."));
    return schema;
}

/* Those of a section that names a program: config/program.c. */
static void add_program_members(json_t *section, json_t *properties)
{
    json_object_set_new(
        properties, "command",
        json_pack("{s:s, s:s, s:i, s:o}", "description",
                  "A program that speaks the worker protocol, and its arguments. Those that are "
                  "files in this file's folder are taken from there.",
                  "type", "array", "minItems", 1, "items", text_schema()));
    json_object_set_new(properties, "environment",
                        json_pack("{s:s, s:s, s:o}", "description",
                                  "Variables added to the program's environment.", "type", "object",
                                  "additionalProperties", text_schema()));
    json_object_set_new(properties, "language", language_schema());
    json_object_set_new(properties, "display_name",
                        json_pack("{s:s, s:s, s:i}", "description", "The name in the kernel menu.",
                                  "type", "string", "minLength", 1));
    json_object_set_new(properties, "start_seconds",
                        json_pack("{s:s, s:s, s:f, s:i, s:i}", "description",
                                  "How long the program may take until it says hello.", "type",
                                  "number", "minimum", 0.1, "maximum", 3600, "default", 30));
    static const char *const dependents[] = {"environment", "language", "display_name",
                                             "start_seconds"};
    json_t *dependencies = json_object();
    for (size_t i = 0; i < sizeof dependents / sizeof *dependents; i++)
        json_object_set_new(dependencies, dependents[i], json_pack("[s]", "command"));
    json_object_set_new(section, "dependencies", dependencies);
    json_object_set_new(section, "not", json_pack("{s:[s, s]}", "required", "library", "command"));
}

static json_t *evaluators_schema(void)
{
    json_t *library = json_pack("{s:s, s:s, s:i}", "description",
                                "The shared object to load; from this file's folder when the path "
                                "is relative. Without it the evaluator is searched by name.",
                                "type", "string", "minLength", 1);
    json_t *options = json_pack("{s:s, s:s}", "description",
                                "The evaluator's own options; `hilum config` lists them. A program "
                                "gets them as they are.",
                                "type", "object");
    json_t *section = closed_object();
    json_t *properties = json_object_get(section, "properties");
    json_object_set_new(properties, "library", library);
    json_object_set_new(properties, "options", options);
    add_program_members(section, properties);
    json_t *schema = json_pack("{s:s, s:s, s:{s:s}, s:o}", "description",
                               "A section for each evaluator that needs one, by name.", "type",
                               "object", "propertyNames", "pattern", "^[a-z0-9_-]{1,64}$",
                               "additionalProperties", section);
    return schema;
}

void config_write_schema(struct buffer *out)
{
    json_t *schema = json_pack("{s:s, s:s, s:s, s:b, s:{}}", "$schema",
                               "http://json-schema.org/draft-07/schema#", "title",
                               "hilum.json: the settings of the Hilum kernel", "type", "object",
                               "additionalProperties", 0, "properties");
    json_t *properties = json_object_get(schema, "properties");
    json_object_set_new(properties, "$schema",
                        json_pack("{s:s, s:s}", "description",
                                  "Where editors find this schema; ignored.", "type", "string"));
    for (const struct setting *row = settings_table; row->key; row++) {
        json_t *target = properties_for(properties, row);
        char name[NAME_SIZE];
        copy_name(setting_name(row), name);
        json_object_set_new(target, name, schema_of(row));
    }
    json_object_set_new(properties, "evaluators", evaluators_schema());
    char *text = json_dumps(schema, JSON_INDENT(2));
    json_decref(schema);
    if (text)
        buffer_append_format(out, "%s\n", text);
    else
        out->failed = true;
    free(text);
}
