#include "telemetry/exposition.h"

#include <inttypes.h>
#include <stdio.h>

const char *exposition_type(enum exposition exposition)
{
    return exposition == EXPOSITION_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

/* Whoever accepts OpenMetrics at all names it before the older format, or prefers it. */
enum exposition exposition_choose(const char *accept)
{
    return accept && strstr(accept, "application/openmetrics-text") ? EXPOSITION_OPENMETRICS
                                                                    : EXPOSITION_PROMETHEUS;
}

/* Microseconds as seconds, without zeros at the end. */
static void write_seconds(struct buffer *out, uint64_t microseconds)
{
    char text[40];
    int size = snprintf(text, sizeof text, "%" PRIu64 ".%06" PRIu64, microseconds / 1000000,
                        microseconds % 1000000);
    while (size > 2 && text[size - 1] == '0' && text[size - 2] != '.')
        size--;
    buffer_append(out, (struct str){text, (size_t)size});
}

static void write_value(struct buffer *out, enum metrics_unit unit, uint64_t value)
{
    buffer_append_byte(out, ' ');
    if (unit == METRICS_TIME)
        write_seconds(out, value);
    else
        buffer_append_format(out, "%" PRIu64, value);
    buffer_append_byte(out, '\n');
}

static const char *suffix(const struct metrics_family *family)
{
    return family->kind == METRICS_COUNTER ? "_total" : "";
}

static void write_head(const struct metrics_family *family, enum exposition exposition,
                       struct buffer *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram", "info"};
    bool open = exposition == EXPOSITION_OPENMETRICS;
    int name = (int)strlen(family->name);
    const char *type = types[family->kind];
    if (family->kind == METRICS_INFO && open)
        name -= (int)strlen("_info");
    else if (family->kind == METRICS_INFO)
        type = "gauge";
    buffer_append_format(out, "# HELP %.*s%s %s\n", name, family->name, open ? "" : suffix(family),
                         family->help);
    buffer_append_format(out, "# TYPE %.*s%s %s\n", name, family->name, open ? "" : suffix(family),
                         type);
}

static void write_histogram(const struct metrics_family *family, const struct histogram *histogram,
                            struct buffer *out)
{
    uint64_t sum = 0;
    for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
        sum += histogram->buckets[i];
        buffer_append_format(out, "%s_bucket{le=\"", family->name);
        if (i < METRICS_BUCKETS)
            write_seconds(out, (uint64_t)metrics_bounds[i]);
        else
            buffer_append_cstr(out, "+Inf");
        buffer_append_cstr(out, "\"}");
        write_value(out, METRICS_PLAIN, sum);
    }
    buffer_append_format(out, "%s_sum", family->name);
    write_value(out, METRICS_TIME, histogram->sum_us);
    buffer_append_format(out, "%s_count", family->name);
    write_value(out, METRICS_PLAIN, histogram->count);
}

static void write_sample(const struct metrics_family *family, const char *first, const char *second,
                         uint64_t value, struct buffer *out)
{
    buffer_append_format(out, "%s%s", family->name, suffix(family));
    if (first)
        buffer_append_format(out, "{%s=\"%s\"", family->labels[0].name, first);
    if (second)
        buffer_append_format(out, ",%s=\"%s\"", family->labels[1].name, second);
    buffer_append_cstr(out, first ? "}" : "");
    write_value(out, family->unit, value);
}

static void write_numbers(const struct metrics_family *family, const uint64_t *numbers,
                          struct buffer *out)
{
    const struct metrics_label *first = &family->labels[0], *second = &family->labels[1];
    if (!first->name)
        write_sample(family, NULL, NULL, numbers[0], out);
    for (size_t i = 0; !second->name && i < first->count; i++)
        write_sample(family, first->values[i], NULL, numbers[i], out);
    for (size_t i = 0; second->name && i < first->count; i++) {
        for (size_t j = 0; j < second->count; j++) {
            uint64_t number = numbers[i * second->count + j];
            if (number || i < family->zeros)
                write_sample(family, first->values[i], second->values[j], number, out);
        }
    }
}

void exposition_write(const struct metrics *metrics, enum exposition exposition, struct buffer *out)
{
    for (const struct metrics_family *family = metrics_families; family->name; family++) {
        const void *at = (const char *)metrics + family->offset;
        write_head(family, exposition, out);
        if (family->kind == METRICS_HISTOGRAM)
            write_histogram(family, at, out);
        else if (family->kind == METRICS_INFO)
            buffer_append_format(out, "%s{%s} 1\n", family->name, *(const char *const *)at);
        else
            write_numbers(family, at, out);
    }
    if (exposition == EXPOSITION_OPENMETRICS)
        buffer_append_cstr(out, "# EOF\n");
}
