/* What the tool says: results on stdout, errors and hints on stderr. Nothing below cli/ prints. */
#ifndef HILUM_CLI_OUTPUT_H
#define HILUM_CLI_OUTPUT_H

#include "base/buffer.h"

/* Prints text for people: control characters in it, which could come from a plugin or a file name
 * and would command the terminal, become '?'. */
void output_print(const struct buffer *text);

/* Prints bytes as they are: JSON. */
void output_write(const struct buffer *text);

/* "hilum: ..." and an indented line after it, on stderr. */
void output_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void output_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Text that holds no control characters but colours, on stderr. */
void output_error_text(const struct buffer *text);

/* Flushes stdout. The exit status: `status`, or 1 when output was lost to anything but a reader
 * who stopped reading. */
int output_finish(int status);

#endif
