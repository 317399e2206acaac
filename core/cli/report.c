#include "cli/report.h"
#include "cli/output.h"

#include <stdarg.h>
#include <stdio.h>

static void print_line(const char *label, const char *format, va_list args)
{
    char text[2048];
    struct buffer out = {0};
    vsnprintf(text, sizeof text, format, args);
    buffer_append_format(&out, "%-5s %s\n", label, text);
    output_print(&out);
    buffer_fini(&out);
}

void report_add(struct report *report, enum finding finding, const char *format, ...)
{
    static const char *const labels[] = {"ok", "note", "warn", "FAIL"};
    va_list args;
    va_start(args, format);
    print_line(labels[finding], format, args);
    va_end(args);
    report->counts[finding]++;
}

void report_mend(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("", format, args);
    va_end(args);
}
