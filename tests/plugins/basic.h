/*
 * The parts of an evaluator that works, for the others in this folder to be built from: each defines
 * what it does in another way, mostly wrong, and includes this file. Cells have no result.
 */
#ifndef TESTS_PLUGINS_BASIC_H
#define TESTS_PLUGINS_BASIC_H

#include <hilum/evaluator.h>

struct hilum_session {
    const struct hilum_host *host;
};

struct hilum_unit {
    struct hilum_str code;
};

static struct hilum_session session;
static struct hilum_unit unit;

#ifndef BASIC_LOAD
static enum hilum_status basic_load(const struct hilum_host *host,
                                    const struct hilum_setting *settings, size_t setting_count,
                                    struct hilum_session **out)
{
    (void)settings;
    (void)setting_count;
    session.host = host;
    *out = &session;
    return HILUM_OK;
}
#define BASIC_LOAD basic_load
#endif

static enum hilum_status basic_compile(struct hilum_session *of, const struct hilum_source *source,
                                       struct hilum_unit **out)
{
    (void)of;
    unit.code = source->code;
    *out = &unit;
    return HILUM_OK;
}

#ifndef BASIC_RUN
static enum hilum_status basic_run(struct hilum_session *of, struct hilum_unit *what)
{
    (void)of;
    (void)what;
    return HILUM_OK;
}
#define BASIC_RUN basic_run
#endif

static void basic_discard(struct hilum_session *of, struct hilum_unit *what)
{
    (void)of;
    (void)what;
}

static void basic_unload(struct hilum_session *of)
{
    (void)of;
}

static const struct hilum_language language = {
    .name = "bad", .version = "1", .mimetype = "text/plain", .file_extension = ".txt"};

#ifndef BASIC_ABI
#define BASIC_ABI HILUM_ABI_VERSION
#endif
#ifndef BASIC_SIZE
#define BASIC_SIZE sizeof(struct hilum_evaluator)
#endif
#ifndef BASIC_TABLE
#define BASIC_TABLE &evaluator
#endif

static const struct hilum_evaluator evaluator = {
    .abi_version = BASIC_ABI,
    .struct_size = BASIC_SIZE,
    .name = "bad",
    .version = "1",
    .display_name = "Bad",
    .language = &language,
    .load = BASIC_LOAD,
    .compile = basic_compile,
    .run = BASIC_RUN,
    .discard = basic_discard,
    .unload = basic_unload,
};

const struct hilum_evaluator *hilum_evaluator(void)
{
    (void)evaluator;
    (void)session;
    return BASIC_TABLE;
}

#endif
