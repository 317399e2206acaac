#include "cli/problem.h"
#include "cli/output.h"
#include "diagnostics/text.h"

#include <stdio.h>
#include <unistd.h>

/* As much of a file as a place could be in: no configuration is longer. */
#define FILE_MAX ((size_t)1 << 20)

/* What cannot be read (any more) is not shown. */
static void read_file(const char *path, struct buffer *text)
{
    FILE *file = fopen(path, "re");
    char *to;
    size_t size = 1;
    text->max = FILE_MAX + 4096;
    while (file && size && (to = buffer_reserve(text, 4096))) {
        size = fread(to, 1, 4096, file);
        buffer_commit(text, size);
    }
    if (file)
        fclose(file);
}

static void print_line(const struct error_place *at)
{
    struct buffer text = {0}, out = {0};
    read_file(at->file, &text);
    const struct diagnostic_place place = {
        .span = {(uint32_t)at->line, (uint32_t)at->column, (uint32_t)at->length},
        .text = buffer_str(&text),
    };
    diagnostic_write_excerpt(&out, &place, HILUM_SEVERITY_ERROR, isatty(STDERR_FILENO));
    output_error_text(&out);
    buffer_fini(&text);
    buffer_fini(&out);
}

void problem_print(const struct error *error)
{
    if (error->code)
        output_error("%s [%s]", error->sentence, error->code);
    else
        output_error("%s", error->sentence);
    if (error->place.line && error->place.file[0])
        print_line(&error->place);
}

void problem_log(const struct error *error)
{
    if (isatty(STDERR_FILENO))
        problem_print(error);
    else
        output_error("%s", error->sentence);
}
