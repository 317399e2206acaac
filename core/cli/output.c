#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The first failure on stdout; 0: none. */
static int lost;

static void write_to(FILE *stream, struct str text)
{
    if (text.size && fwrite(text.data, 1, text.size, stream) != text.size && !lost &&
        stream == stdout)
        lost = errno;
}

/* C0 except the line end, DEL, and C1, whose UTF-8 is C2 80 to C2 9F. */
static void write_clean(FILE *stream, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        unsigned char next = i + 1 < text.size ? (unsigned char)text.data[i + 1] : 0;
        bool is_c1 = c == 0xC2 && next >= 0x80 && next <= 0x9F;
        bool is_control = (c < 0x20 && c != '\n') || c == 0x7F || is_c1;
        write_to(stream, is_control ? STR("?") : str_slice(text, i, i + 1));
        i += is_c1;
    }
}

void output_print(const struct buffer *text)
{
    write_clean(stdout, buffer_str(text));
}

void output_write(const struct buffer *text)
{
    write_to(stdout, buffer_str(text));
}

static void complain(const char *prefix, const char *format, va_list args)
{
    char text[2048];
    vsnprintf(text, sizeof text, format, args);
    fflush(stdout);
    fputs(prefix, stderr);
    write_clean(stderr, str_of(text));
    fputc('\n', stderr);
}

void output_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain("hilum: ", format, args);
    va_end(args);
}

void output_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain("       ", format, args);
    va_end(args);
}

void output_error_text(const struct buffer *text)
{
    fflush(stdout);
    write_to(stderr, buffer_str(text));
}

int output_finish(int status)
{
    if (fflush(stdout) != 0 && !lost)
        lost = errno;
    if (!lost || lost == EPIPE)
        return status;
    errno = lost;
    output_error("cannot write to stdout: %s", strerror(lost));
    return status ? status : EXIT_FAILURE;
}
