#include "worker/describe.h"
#include "base/json_write.h"

#include <unistd.h>

static void write_member(struct buffer *out, const char *key, const char *text)
{
    if (!text)
        return;
    if (out->size && out->data[out->size - 1] != '{')
        buffer_append_byte(out, ',');
    json_write_key(out, key);
    json_write_string(out, str_of(text));
}

/* language_info of kernel_info_reply. */
static void write_language(struct buffer *out, const struct hilum_language *language)
{
    buffer_append(out, STR(",\"language_info\":{"));
    write_member(out, "name", language->name);
    write_member(out, "version", language->version);
    write_member(out, "mimetype", language->mimetype);
    write_member(out, "file_extension", language->file_extension);
    write_member(out, "pygments_lexer", language->pygments_lexer);
    if (language->codemirror_mode && language->codemirror_mode[0] == '{') {
        buffer_append(out, STR(",\"codemirror_mode\":"));
        buffer_append_cstr(out, language->codemirror_mode);
    } else {
        write_member(out, "codemirror_mode", language->codemirror_mode);
    }
    write_member(out, "nbconvert_exporter", language->nbconvert_exporter);
    buffer_append_byte(out, '}');
}

static void write_help_links(struct buffer *out, const struct hilum_help_link *link)
{
    buffer_append(out, STR(",\"help_links\":["));
    for (bool first = true; link && link->text; link++, first = false) {
        buffer_append_cstr(out, first ? "{" : ",{");
        write_member(out, "text", link->text);
        write_member(out, "url", link->url);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}

static void write_options(struct buffer *out, const struct hilum_option *option)
{
    static const char *const types[] = {"string", "integer", "number", "boolean", "json"};
    buffer_append(out, STR(",\"options\":["));
    for (bool first = true; option && option->key; option++, first = false) {
        buffer_append_cstr(out, first ? "{" : ",{");
        write_member(out, "key", option->key);
        write_member(out, "type", (unsigned)option->type < 5 ? types[option->type] : "string");
        write_member(out, "default", option->default_value);
        write_member(out, "help", option->help);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}

void describe_evaluator(const struct hilum_evaluator *table, struct buffer *out)
{
    buffer_append(out, STR("{\"abi\":"));
    buffer_append_integer(out, table->abi_version);
    buffer_append(out, STR(",\"pid\":"));
    buffer_append_integer(out, getpid());
    write_member(out, "evaluator", table->name);
    write_member(out, "version", table->version);
    write_member(out, "display_name", table->display_name);
    write_member(out, "banner", table->banner ? table->banner : table->display_name);
    write_language(out, table->language);
    write_help_links(out, table->help_links);
    write_options(out, table->options);
    buffer_append(out, STR(",\"capabilities\":["));
    if (table->capabilities & HILUM_FORK_SAFE)
        buffer_append(out, STR("\"fork-safe\""));
    buffer_append(out, STR("]}"));
}

void describe_failure(const char *sentence, struct buffer *out)
{
    buffer_append_byte(out, '{');
    write_member(out, "error", sentence);
    buffer_append_byte(out, '}');
}
