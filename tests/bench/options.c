#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_code {
    OPTION_QUICK = 1000,
    OPTION_STRICT,
    OPTION_JSON,
    OPTION_BUILD,
    OPTION_ONLY,
    OPTION_KERNEL,
    OPTION_LANGUAGE,
    OPTION_EXPRESSION,
    OPTION_EXPECTED,
    OPTION_PRINT_CODE,
    OPTION_BIG_CODE,
    OPTION_UNSIGNED,
    OPTION_HELP,
};

static const struct option long_options[] = {
    {"quick", no_argument, NULL, OPTION_QUICK},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"json", required_argument, NULL, OPTION_JSON},
    {"build", required_argument, NULL, OPTION_BUILD},
    {"only", required_argument, NULL, OPTION_ONLY},
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"language", required_argument, NULL, OPTION_LANGUAGE},
    {"expression", required_argument, NULL, OPTION_EXPRESSION},
    {"expected", required_argument, NULL, OPTION_EXPECTED},
    {"print-code", required_argument, NULL, OPTION_PRINT_CODE},
    {"big-code", required_argument, NULL, OPTION_BIG_CODE},
    {"unsigned", no_argument, NULL, OPTION_UNSIGNED},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static void print_help(void)
{
    printf("Usage: bench [OPTION]...\n"
           "Measures Jupyter kernels against a floor: a bare libzmq loop in the same run.\n\n"
           "  --quick                a few seconds instead of a few minutes; rough figures\n"
           "  --only GROUP           only this group of metrics; may be repeated\n"
           "  --json FILE            write the results as JSON, too\n"
           "  --build DIR            the build tree with hilum (default: where this program is)\n"
           "  --strict               faults of other people's kernels fail the run, too\n"
           "  --kernel NAME          only this kernel (and the two floors); may be repeated\n"
           "  --kernel NAME=COMMAND  a kernel by its command; {connection_file} is replaced, or\n"
           "                         appended when it is missing. What follows describes it:\n"
           "    --language NAME      cells of floor, echo, lua, python or haskell\n"
           "    --expression CODE    an expression (1+1), and\n"
           "    --expected TEXT      its text/plain (2)\n"
           "    --print-code CODE    prints 0 to {N}-1, one per line\n"
           "    --big-code CODE      prints " BIG_PATTERN " {N} times and a newline\n"
           "    --unsigned           do not check its signatures\n\n"
           "Groups:\n");
    for (int i = 0; i < BENCH_GROUPS; i++)
        printf("  %-10s %s\n", bench_groups[i].name, bench_groups[i].help);
}

static bool refuse(const char *what, const char *which)
{
    fprintf(stderr, "bench: %s: %s (see --help)\n", what, which);
    return false;
}

static bool select_group(struct options *options, const char *name)
{
    options->has_selection = true;
    for (int i = 0; i < BENCH_GROUPS; i++)
        if (strcmp(bench_groups[i].name, name) == 0)
            return options->is_selected[i] = true;
    return refuse("no such group of metrics", name);
}

static bool add_kernel(struct options *options, const char *text)
{
    const char *equals = strchr(text, '=');
    if (options->kernels.count == 0) {
        kernels_add_known(&options->kernels, "floor");
        kernels_add_known(&options->kernels, "floor-again");
    }
    if (!equals)
        return strcmp(text, "floor") == 0 || strcmp(text, "floor-again") == 0 ||
               kernels_add_known(&options->kernels, text) ||
               refuse("no such kernel, or too many", text);
    struct kernel_spec spec = {.command = equals + 1, .is_signed = true, .is_peer = true};
    snprintf(spec.name, sizeof spec.name, "%.*s", (int)(equals - text), text);
    const struct language *language = language_find(spec.name);
    spec.language = language ? *language : (struct language){.expression = "1+1", .expected = "2"};
    return kernels_add(&options->kernels, &spec) || refuse("too many kernels", text);
}

/* An option about the kernel that was named last. */
static bool describe_kernel(struct options *options, int option, const char *value)
{
    if (options->kernels.count < 3)
        return refuse("needs a --kernel before it", value ? value : "--unsigned");
    struct kernel_spec *spec = &options->kernels.specs[options->kernels.count - 1];
    const struct language *language = value ? language_find(value) : NULL;
    switch (option) {
    case OPTION_LANGUAGE:
        if (!language)
            return refuse("no such language", value);
        spec->language = *language;
        return true;
    case OPTION_EXPRESSION:
        spec->language.expression = value;
        return true;
    case OPTION_EXPECTED:
        spec->language.expected = value;
        return true;
    case OPTION_PRINT_CODE:
        spec->language.lines = value;
        return true;
    case OPTION_BIG_CODE:
        spec->language.big = value;
        return true;
    default:
        spec->is_signed = false;
        return true;
    }
}

static bool take_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case OPTION_QUICK:
        return options->is_quick = true;
    case OPTION_STRICT:
        return options->is_strict = true;
    case OPTION_JSON:
        options->json = value;
        return true;
    case OPTION_BUILD:
        options->build = value;
        return true;
    case OPTION_ONLY:
        return select_group(options, value);
    case OPTION_KERNEL:
        return add_kernel(options, value);
    case '?':
        return false;
    default:
        return describe_kernel(options, option, value);
    }
}

bool options_parse(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            print_help();
            exit(0);
        }
        if (!take_option(options, option, optarg))
            return false;
    }
    if (optind < argc)
        return refuse("unexpected argument", argv[optind]);
    if (options->kernels.count == 0)
        (void)kernels_add_known(&options->kernels, NULL);
    for (int i = 0; options->is_strict && i < options->kernels.count; i++)
        options->kernels.specs[i].is_peer = false;
    return true;
}
