/*
 * hilum.json: taken or refused with file, line and column, and everything that shows the effective
 * settings shows valid JSON. After a NUL byte the input goes on with what an evaluator says its
 * options are.
 */
#include "base/json_scan.h"
#include "config/config.h"
#include "config/settings.h"
#include "fuzz.h"

#include <stdlib.h>

#define KNOWN                                                                                      \
    "[{\"key\":\"text\",\"type\":\"string\",\"default\":\"a\",\"help\":\"A text.\"},"              \
    "{\"key\":\"count\",\"type\":\"integer\",\"default\":\"7\"},"                                  \
    "{\"key\":\"ratio\",\"type\":\"number\"},{\"key\":\"flag\",\"type\":\"boolean\"}]"

static void check_json(const struct config *config, struct str known)
{
    struct buffer out = {0};
    struct str settings;
    config_describe_json(config, known, &out);
    FUZZ_REQUIRE(json_check_object(buffer_str(&out), NULL));
    FUZZ_REQUIRE(json_get(buffer_str(&out), "settings", &settings));
    buffer_fini(&out);
}

static void check_options(const struct config *config, struct str known)
{
    struct buffer out = {0};
    struct error error = {.sentence = ""};
    if (!config_check_options(config, known, &error))
        FUZZ_REQUIRE(error.sentence[0]);
    config_describe_known(config, known, &out);
    FUZZ_REQUIRE(out.size && !out.failed);
    buffer_fini(&out);
}

static void check(const struct config *config, struct str known)
{
    FUZZ_REQUIRE(evaluator_name_is_valid(str_of(config_evaluator(config))));
    FUZZ_REQUIRE(config_log_level(config) <= LOG_LEVEL_DEBUG);
    FUZZ_REQUIRE(config_queue_max(config) >= 1 && config_queue_max(config) <= 1000000);
    FUZZ_REQUIRE(config_interrupt_grace_ms(config) >= 0 &&
                 config_interrupt_grace_ms(config) <= 3600000);
    FUZZ_REQUIRE(json_check_object(config_settings(config), NULL));
    for (size_t i = 0; config_section_name(config, i); i++) {
        const char *name = config_section_name(config, i);
        const char *library = config_library_of(config, name);
        FUZZ_REQUIRE(evaluator_name_is_valid(str_of(name)));
        FUZZ_REQUIRE(!library || library[0] == '/');
    }
    check_json(config, (struct str){NULL, 0});
    check_json(config, STR(KNOWN));
    check_options(config, STR(KNOWN));
    if (json_check(known, NULL))
        check_options(config, known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str known = fuzz_input(data, size);
    struct str text = fuzz_take_until(&known, '\0');
    struct error error = {.sentence = ""};
    unsetenv("HILUM_EVALUATOR");
    unsetenv("HILUM_LOG_LEVEL");
    struct config_overrides overrides = {.file = fuzz_file(text)};
    struct config *config = config_load(&overrides, &error);
    if (config)
        check(config, known);
    else
        FUZZ_REQUIRE(str_has_prefix(str_of(error.sentence), str_of(overrides.file)));
    config_free(config);
    return 0;
}
