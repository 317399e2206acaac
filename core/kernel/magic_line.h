/* Finds the lines at the start of a cell that may be for the kernel: `%name arguments`, `%%name`. */
#ifndef HILUM_KERNEL_MAGIC_LINE_H
#define HILUM_KERNEL_MAGIC_LINE_H

#include "base/buffer.h"
#include "base/str.h"

struct magic_line {
    struct str name;      /* lower case letters; before them '%' when the line has two */
    struct str arguments; /* without blanks around them */
    size_t start, end;    /* bytes of the code that the line has, without its line end */
};

/*
 * Looks from byte *at on, past lines that are blank, and moves *at to the line after. False: what stands
 * there is no such line, and *at is where it was. Whether the name is known is the caller's business.
 */
bool magic_line_next(struct str code, size_t *at, struct magic_line *line)
    __attribute__((warn_unused_result));

/* Is there nothing but white space? */
bool magic_line_is_blank(struct str text);

/* Appends as many spaces as the text has code points, so that columns stay what they are. */
void magic_line_append_spaces(struct str text, struct buffer *out);

#endif
