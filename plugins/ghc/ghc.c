/*
 * ghc: Haskell. The session is a program on GHC's own library (plugins/ghc/session), driven over the
 * worker protocol; here are the facts about the language, the options, and which program to start.
 */
#include "compiler.h"
#include "program/program.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A session says hello before it touches GHC's library: it takes its libraries' loading. */
#define HELLO_SECONDS 30

static bool has_key(const struct hilum_setting *setting, const char *key)
{
    return setting->key.size == strlen(key) && memcmp(setting->key.data, key, strlen(key)) == 0;
}

static const struct hilum_setting *find(const struct hilum_setting *settings, size_t count,
                                        const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (has_key(&settings[i], key))
            return &settings[i];
    return NULL;
}

/* "512m", "2g", or plain bytes. */
static bool is_size(struct hilum_str text)
{
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    return digits > 0 && digits < 16 &&
           (digits == text.size ||
            (digits + 1 == text.size && memchr("kKmMgG", text.data[digits], 6)));
}

static bool is_list_of_texts(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return json_is_array(value);
}

/* Adds a setting to those of the program. False: it is not what it must be. */
static bool add(json_t *object, const struct hilum_setting *setting, bool is_list)
{
    if (!setting)
        return true;
    if (!is_list)
        return json_object_set_new(object, "heap_limit",
                                   json_stringn(setting->value.data, setting->value.size)) == 0 &&
               is_size(setting->value);
    char key[32];
    snprintf(key, sizeof key, "%.*s", (int)setting->key.size, setting->key.data);
    json_t *value = json_loadb(setting->value.data, setting->value.size, JSON_DECODE_ANY, NULL);
    bool good = is_list_of_texts(value);
    return json_object_set_new(object, key, value) == 0 && good;
}

static const char *collect(const struct hilum_setting *settings, size_t count, json_t *object)
{
    if (!add(object, find(settings, count, "heap_limit"), false))
        return "option \"heap_limit\" must be a size such as \"512m\" or \"2g\"";
    if (!add(object, find(settings, count, "flags"), true))
        return "option \"flags\" must be a list of texts such as [\"-Wall\"]";
    if (!add(object, find(settings, count, "extensions"), true))
        return "option \"extensions\" must be a list of texts such as [\"LambdaCase\"]";
    return NULL;
}

static enum hilum_status start(const struct hilum_host *host, const struct compiler *compiler,
                               json_t *settings, struct hilum_session **session)
{
    char libdir[PLACE_MAX + 32];
    snprintf(libdir, sizeof libdir, "HILUM_GHC_LIBDIR=%s", compiler->libdir);
    char *text = json_dumps(settings, JSON_COMPACT);
    if (!text)
        return program_refuse(host, "evaluator.memory", "MemoryError", "out of memory");
    const char *const argv[] = {compiler->session, NULL};
    const char *const environment[] = {compiler->libdir[0] ? libdir : NULL, NULL};
    enum hilum_status status = program_load(host,
                                            &(struct program_start){
                                                .argv = argv,
                                                .environment = environment,
                                                .hello_seconds = HELLO_SECONDS,
                                                .settings = {text, strlen(text)},
                                            },
                                            session);
    free(text);
    return status;
}

static enum hilum_status load(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **session)
{
    struct compiler compiler;
    const struct hilum_setting *name = find(settings, setting_count, "ghc");
    json_t *object = json_object();
    const char *problem = collect(settings, setting_count, object);
    enum hilum_status status =
        problem
            ? program_refuse(host, "config.wrong-value", "ConfigError", problem)
            : compiler_choose(host, name ? name->value : (struct hilum_str){NULL, 0}, &compiler);
    if (status == HILUM_OK)
        status = start(host, &compiler, object, session);
    json_decref(object);
    return status;
}

static const struct hilum_option options[] = {
    {"ghc", HILUM_OPTION_STRING, "", "the compiler to use; empty: ghc on the PATH"},
    {"heap_limit", HILUM_OPTION_STRING, NULL,
     "how large the session's heap may become: \"512m\", \"2g\""},
    {"flags", HILUM_OPTION_JSON, NULL, "a list of GHC flags that hold from the start: [\"-Wall\"]"},
    {"extensions", HILUM_OPTION_JSON, NULL,
     "a list of language extensions that are on from the start: [\"LambdaCase\"]"},
    {0},
};

static const struct hilum_help_link help_links[] = {
    {"Haskell", "https://www.haskell.org/documentation/"},
    {"Hoogle", "https://hoogle.haskell.org/"},
    {"GHC user's guide", "https://downloads.haskell.org/ghc/latest/docs/users_guide/"},
    {0},
};

static const struct hilum_language language = {
    .name = "haskell",
    .version = GHC_VERSION,
    .mimetype = "text/x-haskell",
    .file_extension = ".hs",
    .codemirror_mode = "haskell",
};

static const struct hilum_evaluator table = {
    .abi_version = HILUM_ABI_VERSION,
    .struct_size = sizeof(struct hilum_evaluator),
    .name = "ghc",
    .version = PACKAGE_VERSION,
    .display_name = "Haskell",
    .banner = "Haskell by GHC " GHC_VERSION ", driven by Hilum. :? shows the commands.",
    .language = &language,
    .load = load,
    .options = options,
    .help_links = help_links,
    PROGRAM_FUNCTIONS,
};

const struct hilum_evaluator *hilum_evaluator(void)
{
    return &table;
}
