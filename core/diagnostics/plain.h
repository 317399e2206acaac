/*
 * Text of anybody's as it can be shown: no control characters, which would command the terminal, and
 * none that change the order of what is read.
 */
#ifndef HILUM_DIAGNOSTICS_PLAIN_H
#define HILUM_DIAGNOSTICS_PLAIN_H

#include "base/buffer.h"

#include <stdint.h>

/* What is shown for a code point: itself, the picture of a control character, or U+FFFD. */
uint32_t plain_code_point(uint32_t code_point);

/* Bytes of the colour (ESC [ ... m) that the text begins with; 0: it does not. */
size_t plain_color_size(struct str text);

/* Appends one line of text. Tabs become spaces. Colours stay if `colors`, and go otherwise. */
void plain_append(struct buffer *out, struct str text, bool colors);

/* The first line of *text without its line end; *text moves on to what follows. */
struct str plain_next_line(struct str *text);

#endif
