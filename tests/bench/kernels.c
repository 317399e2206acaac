#include "kernels.h"

#include <stdio.h>
#include <string.h>

#define HILUM(evaluator)                                                                           \
    "HILUM_EVALUATOR_PATH={build}/plugins/" evaluator "/.libs "                                    \
    "{build}/hilum run --evaluator " evaluator " -f {connection_file}"

#define OBSERVED(level)                                                                            \
    "HILUM_METRICS_LISTEN=127.0.0.1:0 HILUM_LOG_FORMAT=json HILUM_LOG_LEVEL=" level                \
    " HILUM_LOG_FILE={connection_file}.log "

static const struct language languages[] = {
    {
        .name = "floor",
        .expression = "1+1",
        .expected = "2",
        .lines = "%lines {N}",
        .big = "%big {N}",
    },
    {
        .name = "echo",
        .expression = "1+1",
        .expected = "1+1",
    },
    {
        .name = "lua",
        .expression = "1+1",
        .expected = "2",
        .lines = "for i = 0, {N} - 1 do print(i) end",
        .big = "print(string.rep(\"" BIG_PATTERN "\", {N}))",
    },
    {
        .name = "python",
        .expression = "1+1",
        .expected = "2",
        .lines = "for i in range({N}): print(i)",
        .big = "print(\"" BIG_PATTERN "\" * {N})",
    },
    {
        .name = "haskell",
        .expression = "1+1",
        .expected = "2",
        .lines = "mapM_ print [0 .. {N} - 1 :: Int]",
        .big = "putStrLn (concat (replicate {N} \"" BIG_PATTERN "\"))",
    },
};

static const struct {
    struct kernel_spec spec;
    const char *language;
} kernels[] = {
    {{.name = "floor", .command = "{bench}/floor -f {connection_file}"}, "floor"},
    /* The control: what differs from the floor here is the error of the measurement. */
    {{.name = "floor-again", .command = "{bench}/floor -f {connection_file}"}, "floor"},
    {{.name = "floor-hop",
      .command = "{bench}/floor --hop -f {connection_file}",
      .is_on_request = true},
     "floor"},
    {{.name = "hilum-echo", .command = HILUM("echo"), .is_signed = true}, "echo"},
    {{.name = "hilum-lua", .command = HILUM("lua"), .is_signed = true}, "lua"},
    /* What operators switch on: metrics, and a log; at level debug with lines for each request. */
    {{.name = "hilum-lua-observed",
      .command = OBSERVED("info") HILUM("lua"),
      .is_signed = true,
      .is_on_request = true},
     "lua"},
    {{.name = "hilum-lua-debug",
      .command = OBSERVED("debug") HILUM("lua"),
      .is_signed = true,
      .is_on_request = true},
     "lua"},
    {{.name = "hilum-ghc", .command = HILUM("ghc"), .is_signed = true, .is_on_request = true},
     "haskell"},
    {{.name = "ipykernel",
      .command = "python3 -m ipykernel_launcher -f {connection_file}",
      .probe = "python3 -c 'import ipykernel'",
      .is_signed = true,
      .is_peer = true},
     "python"},
    {{.name = "ipykernel",
      .command = "/usr/bin/python3 -m ipykernel_launcher -f {connection_file}",
      .probe = "/usr/bin/python3 -c 'import ipykernel'",
      .is_signed = true,
      .is_peer = true},
     "python"},
    {{.name = "xeus-lua",
      .command = "xlua -f {connection_file}",
      .is_signed = true,
      .is_peer = true},
     "lua"},
    {{.name = "xeus-python",
      .command = "xpython -f {connection_file}",
      .is_signed = true,
      .is_peer = true},
     "python"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct language *language_find(const char *name)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        if (strcmp(languages[i].name, name) == 0)
            return &languages[i];
    return NULL;
}

struct kernel_spec *kernels_add(struct kernel_list *list, const struct kernel_spec *spec)
{
    if (list->count == KERNELS_MAX)
        return NULL;
    list->specs[list->count] = *spec;
    return &list->specs[list->count++];
}

bool kernels_add_known(struct kernel_list *list, const char *name)
{
    bool is_known = false;
    for (size_t i = 0; i < COUNT(kernels); i++) {
        struct kernel_spec spec = kernels[i].spec;
        if (name ? strcmp(spec.name, name) != 0 : spec.is_on_request)
            continue;
        spec.language = *language_find(kernels[i].language);
        is_known |= kernels_add(list, &spec) != NULL;
    }
    return is_known;
}

/* NULL when the kernel can be measured, else what is missing. */
static const char *find_fault(struct kernel_spec *spec, const struct placeholder *placeholders)
{
    if (!command_parse(&spec->parsed, spec->command, placeholders))
        return "its command cannot be parsed";
    if (!command_is_there(&spec->parsed))
        return "its program is not there";
    if (spec->probe) {
        struct command probe;
        bool is_good = command_parse(&probe, spec->probe, placeholders) && command_succeeds(&probe);
        command_fini(&probe);
        if (!is_good)
            return "it is not installed";
    }
    return NULL;
}

static bool has_kernel(const struct kernel_list *list, const char *name)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->specs[i].name, name) == 0)
            return true;
    return false;
}

void kernels_prepare(struct kernel_list *list, const struct kernel_places *places)
{
    /* {connection_file} changes with every start; launch.c replaces it. */
    const struct placeholder placeholders[] = {
        {"{build}", places->build}, {"{bench}", places->bench}, {NULL, NULL}};
    struct kernel_list all = *list;
    list->count = 0;
    for (int i = 0; i < all.count; i++) {
        struct kernel_spec *spec = &all.specs[i];
        bool is_last = i + 1 == all.count || strcmp(spec->name, all.specs[i + 1].name) != 0;
        const char *fault = find_fault(spec, placeholders);
        if (!fault && !has_kernel(list, spec->name)) {
            kernels_add(list, spec);
            continue;
        }
        if (is_last && !has_kernel(list, spec->name))
            fprintf(stderr, "bench: SKIPPED %s: %s (%s)\n", spec->name, fault,
                    spec->parsed.words[0] ? spec->parsed.words[0] : spec->command);
        command_fini(&spec->parsed);
    }
}

void kernels_fini(struct kernel_list *list)
{
    for (int i = 0; i < list->count; i++)
        command_fini(&list->specs[i].parsed);
    list->count = 0;
}
