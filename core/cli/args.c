#include "cli/args.h"
#include "cli/output.h"
#include "base/suggest.h"

#include <stdlib.h>

static void print_help(const char *command, const struct args_option *options, const char *summary)
{
    struct buffer out = {0};
    buffer_append_format(&out, "usage: hilum %s", command);
    for (const struct args_option *option = options; option->name; option++) {
        buffer_append_cstr(&out, option->required ? " " : " [");
        buffer_append_cstr(&out, option->name);
        if (option->value)
            buffer_append_format(&out, " %s", option->value);
        buffer_append_cstr(&out, option->required ? "" : "]");
        buffer_append_cstr(&out, option->list ? "..." : "");
    }
    buffer_append_format(&out, "\n\n%s\n\n", summary);
    for (const struct args_option *option = options; option->name; option++) {
        struct buffer left = {0};
        buffer_append_format(&left, "%s%s%s", option->name, option->value ? " " : "",
                             option->value ? option->value : "");
        buffer_append_format(&out, "  %-20.*s  %s\n", STR_FORMAT(buffer_str(&left)), option->help);
        buffer_fini(&left);
    }
    buffer_append_format(&out, "  %-20s  %s\n", "--help", "print this");
    output_print(&out);
    buffer_fini(&out);
}

static int unknown_argument(const char *command, const char *argument,
                            const struct args_option *options)
{
    struct suggestion known = {.unknown = str_of(argument)};
    struct buffer help = {0};
    for (const struct args_option *option = options; option->name; option++)
        suggestion_offer(&known, str_of(option->name));
    if (known.nearest.size)
        suggestion_write(&known, &help);
    const char *what = argument[0] == '-' ? "there is no option" : "unexpected argument";
    output_error("%s: %s \"%s\"%.*s", command, what, argument, STR_FORMAT(buffer_str(&help)));
    output_hint("see `hilum %s --help`", command);
    suggestion_fini(&known);
    buffer_fini(&help);
    return ARGS_USAGE;
}

/* The option that the argument names, as "--name" or "--name=value"; *inline_value is set then. What
 * is no option goes to a row that does not start with '-'. */
static const struct args_option *find_option(const struct args_option *options,
                                             const char *argument, const char **inline_value)
{
    for (const struct args_option *option = options; option->name; option++) {
        size_t size = strlen(option->name);
        *inline_value = argument;
        if (option->name[0] != '-' && argument[0] != '-')
            return option;
        if (strncmp(argument, option->name, size) != 0)
            continue;
        bool has_value = option->value && argument[1] == '-' && argument[size] == '=';
        *inline_value = has_value ? argument + size + 1 : NULL;
        if (has_value || argument[size] == '\0')
            return option;
    }
    return NULL;
}

static int usage_error(const char *command, const char *sentence, const char *name)
{
    output_error("%s: %s %s", command, name, sentence);
    output_hint("see `hilum %s --help`", command);
    return ARGS_USAGE;
}

static int store(const char *command, const struct args_option *option, const char *value)
{
    if (option->text) {
        *option->text = value;
        return 0;
    }
    if (option->list->count == ARGS_LIST_MAX)
        return usage_error(command, "was given too often", option->name);
    option->list->items[option->list->count++] = value;
    return 0;
}

static int check_required(const char *command, const struct args_option *options)
{
    for (const struct args_option *option = options; option->name; option++) {
        if (!option->required || *option->text)
            continue;
        output_error("%s: %s %s is missing", command, option->name, option->value);
        output_hint("see `hilum %s --help`", command);
        return ARGS_USAGE;
    }
    return 0;
}

bool args_parse(int argc, char **argv, const struct args_option *options, const char *summary,
                int *status)
{
    *status = 0;
    for (int i = 1; i < argc && *status == 0; i++) {
        const char *value;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(argv[0], options, summary);
            return false;
        }
        const struct args_option *option = find_option(options, argv[i], &value);
        if (!option)
            *status = unknown_argument(argv[0], argv[i], options);
        else if (option->flag)
            *option->flag = true;
        else if (value)
            *status = store(argv[0], option, value);
        else if (i + 1 < argc)
            *status = store(argv[0], option, argv[++i]);
        else
            *status = usage_error(argv[0], "needs a value", option->name);
    }
    if (*status == 0)
        *status = check_required(argv[0], options);
    return *status == 0;
}
