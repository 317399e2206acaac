#include "diagnostics/diagnostic.h"

struct hilum_diagnostic diagnostic_whole(const struct hilum_diagnostic *diagnostic)
{
    struct hilum_diagnostic whole = {.struct_size = sizeof whole};
    size_t size = diagnostic->struct_size < sizeof whole ? diagnostic->struct_size : sizeof whole;
    memcpy(&whole, diagnostic, size);
    whole.struct_size = sizeof whole;
    return whole;
}

struct str diagnostic_severity(const struct hilum_diagnostic *diagnostic)
{
    switch (diagnostic->severity) {
    case HILUM_SEVERITY_NOTE:
        return STR("note");
    case HILUM_SEVERITY_WARNING:
        return STR("warning");
    default:
        return STR("error");
    }
}

/* A place without a source, or with the scene's, is in the cell, whose text is known. */
static void complete(struct diagnostic_place *place, const struct diagnostic_scene *scene)
{
    bool is_here = !place->source.size || str_equal(place->source, scene->source);
    if (!place->source.size)
        place->source = scene->source;
    if (is_here && !place->text.size) {
        place->text = scene->code;
        place->text_line = 1;
    }
}

struct diagnostic_place diagnostic_place(const struct hilum_diagnostic *diagnostic,
                                         const struct diagnostic_scene *scene)
{
    struct diagnostic_place place = {
        .source = str_from_plugin(diagnostic->source),
        .span = diagnostic->span,
        .end = diagnostic->end,
        .text = str_from_plugin(diagnostic->text),
        .text_line = diagnostic->text_line,
    };
    complete(&place, scene);
    return place;
}

const struct hilum_place *diagnostic_first_place(const struct hilum_place *place)
{
    return place && HILUM_HAS(place, next) ? place : NULL;
}

const struct hilum_place *diagnostic_next_place(const struct hilum_place *place)
{
    return diagnostic_first_place(place->next);
}

const struct hilum_cause *diagnostic_first_cause(const struct hilum_cause *cause)
{
    return cause && HILUM_HAS(cause, next) ? cause : NULL;
}

const struct hilum_cause *diagnostic_next_cause(const struct hilum_cause *cause)
{
    return diagnostic_first_cause(cause->next);
}

struct diagnostic_place diagnostic_known_place(const struct hilum_place *from,
                                               const struct diagnostic_scene *scene)
{
    struct diagnostic_place place = {
        .source = str_from_plugin(from->source),
        .span = from->span,
        .end = from->end,
        .label = str_from_plugin(from->label),
        .text = str_from_plugin(from->text),
        .text_line = from->text_line,
    };
    complete(&place, scene);
    return place;
}
