/* The worker's settings: the section of the file, checked against what the evaluator declares. */
#include "worker/settings.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "fuzz.h"

static const struct hilum_option all[] = {
    {"text", HILUM_OPTION_STRING, "default", "A text."},
    {"count", HILUM_OPTION_INTEGER, "7", "An integer."},
    {"ratio", HILUM_OPTION_NUMBER, "0.5", "A number."},
    {"flag", HILUM_OPTION_BOOLEAN, "true", "A truth."},
    {"optional", HILUM_OPTION_STRING, NULL, "A text without a default."},
    {"anything", HILUM_OPTION_JSON, NULL, "Any value."},
    {NULL, HILUM_OPTION_STRING, NULL, NULL},
};

static const struct hilum_option empty_text[] = {
    {"a", HILUM_OPTION_STRING, "", "Empty unless set."},
    {"b", HILUM_OPTION_STRING, NULL, "Absent unless set."},
    {NULL, HILUM_OPTION_STRING, NULL, NULL},
};

static const struct hilum_option *const tables[] = {all, empty_text, NULL};

static void check_item(const struct hilum_option *options, const struct hilum_setting *item)
{
    struct str value = {item->value.data, item->value.size}, key = {item->key.data, item->key.size};
    int64_t integer;
    while (!str_equal(str_of(options->key), key))
        options++;
    FUZZ_REQUIRE(utf8_is_valid(value));
    switch (options->type) {
    case HILUM_OPTION_STRING:
        break;
    case HILUM_OPTION_INTEGER:
        FUZZ_REQUIRE(json_read_integer(value, &integer));
        break;
    case HILUM_OPTION_NUMBER:
        FUZZ_REQUIRE(json_check(value, NULL) && json_kind(value) == JSON_KIND_NUMBER);
        break;
    case HILUM_OPTION_BOOLEAN:
        FUZZ_REQUIRE(str_equal(value, STR("true")) || str_equal(value, STR("false")));
        break;
    case HILUM_OPTION_JSON:
        FUZZ_REQUIRE(json_check(value, NULL));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str object = fuzz_input(data, size);
    const struct hilum_option *options = tables[fuzz_take_byte(&object) % 3];
    struct settings settings;
    struct error error = {.sentence = ""};
    if (!json_check_object(object, NULL))
        return 0;
    if (!settings_init(&settings, options, object, &error)) {
        FUZZ_REQUIRE(error.sentence[0]);
        return 0;
    }
    for (size_t i = 0; i < settings.count; i++)
        check_item(options, &settings.items[i]);
    settings_fini(&settings);
    return 0;
}
