/*
 * What is shown of a diagnostic: whatever an evaluator says, and wherever it says that it is, the text is
 * UTF-8 without anything that commands a terminal, the HTML has no tags but ours, and the JSON is JSON.
 */
#include "base/json_scan.h"
#include "base/utf8.h"
#include "diagnostics/html.h"
#include "diagnostics/json.h"
#include "diagnostics/text.h"
#include "fuzz.h"

#define PLACES 3

struct story {
    struct hilum_diagnostic diagnostic;
    struct diagnostic_scene scene;
    struct hilum_place places[PLACES];
    struct hilum_cause cause;
    struct hilum_str remarks[2];
};

/* Up to the next NUL. */
static struct hilum_str take_text(struct str *input)
{
    return str_to_plugin(fuzz_take_until(input, '\0'));
}

/* Small numbers mostly: lines and columns that are there, or nearly. */
static uint32_t take_number(struct str *input)
{
    unsigned char byte = fuzz_take_byte(input);
    return byte < 0xF0 ? byte : UINT32_MAX - (byte - 0xF0);
}

static struct hilum_span take_span(struct str *input)
{
    uint32_t line = take_number(input), column = take_number(input);
    return (struct hilum_span){line, column, take_number(input)};
}

static struct hilum_position take_position(struct str *input)
{
    uint32_t line = take_number(input);
    return (struct hilum_position){line, take_number(input)};
}

static void take_place(struct str *input, struct hilum_place *place, const struct hilum_place *next)
{
    *place = (struct hilum_place){.struct_size = sizeof *place, .next = next};
    place->span = take_span(input);
    place->end = take_position(input);
    place->text_line = take_number(input);
    place->source = take_text(input);
    place->label = take_text(input);
    place->text = take_text(input);
}

static void take_story(struct str *input, struct story *story)
{
    struct hilum_diagnostic *diagnostic = &story->diagnostic;
    unsigned char shape = fuzz_take_byte(input);
    *diagnostic = (struct hilum_diagnostic){.struct_size = sizeof *diagnostic};
    diagnostic->severity = (enum hilum_severity)(shape & 3);
    diagnostic->span = take_span(input);
    diagnostic->end = take_position(input);
    diagnostic->name = take_text(input);
    diagnostic->code = take_text(input);
    diagnostic->message = take_text(input);
    story->scene.source = STR("cell 1");
    story->scene.code = str_from_plugin(take_text(input));
    for (size_t i = 0; i < 2; i++)
        story->remarks[i] = take_text(input);
    diagnostic->notes = story->remarks;
    diagnostic->note_count = shape >> 2 & 1;
    diagnostic->hints = story->remarks + 1;
    diagnostic->hint_count = shape >> 3 & 1;
    for (size_t i = 0; i < PLACES; i++)
        take_place(input, &story->places[i], i == 1 ? &story->places[0] : NULL);
    diagnostic->frames = shape & 16 ? &story->places[1] : NULL;
    diagnostic->related = shape & 32 ? &story->places[2] : NULL;
    story->cause = (struct hilum_cause){.struct_size = sizeof story->cause,
                                        .name = diagnostic->code,
                                        .message = diagnostic->message,
                                        .places = &story->places[2]};
    diagnostic->causes = shape & 64 ? &story->cause : NULL;
}

static void require_plain(struct str text)
{
    FUZZ_REQUIRE(utf8_is_valid(text));
    while (text.size) {
        uint32_t c = utf8_next(&text);
        FUZZ_REQUIRE((c >= ' ' || c == '\n') && c != 0x7F && !(c >= 0x80 && c < 0xA0));
    }
}

/* Every < begins one of our tags, and each that is opened is closed. */
static void require_tags(struct str html)
{
    int depth = 0;
    while (html.size) {
        const char *start = memchr(html.data, '<', html.size);
        if (!start)
            break;
        html = str_slice(html, (size_t)(start - html.data) + 1, html.size);
        bool closes = str_has_prefix(html, STR("/"));
        struct str name = str_slice(html, closes, html.size);
        FUZZ_REQUIRE(str_has_prefix(name, STR("div")) || str_has_prefix(name, STR("pre")) ||
                     str_has_prefix(name, STR("span")) || str_has_prefix(name, STR("i>")));
        depth += closes ? -1 : 1;
        FUZZ_REQUIRE(depth >= 0);
    }
    FUZZ_REQUIRE(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = fuzz_input(data, size);
    struct buffer text = {0}, html = {0}, json = {0};
    struct story story;
    take_story(&input, &story);
    diagnostic_write_text(&text, &story.diagnostic, &story.scene, false);
    require_plain(buffer_str(&text));
    diagnostic_write_html(&html, &story.diagnostic, &story.scene);
    require_plain(buffer_str(&html));
    require_tags(buffer_str(&html));
    diagnostic_write_json(&json, &story.diagnostic, &story.scene);
    FUZZ_REQUIRE(json_check_object(buffer_str(&json), NULL));
    buffer_fini(&text);
    buffer_fini(&html);
    buffer_fini(&json);
    return 0;
}
