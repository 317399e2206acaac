/* Text that grows up to a limit. The owner frees it; what does not fit is dropped and remembered. */
#ifndef LUA_TEXT_H
#define LUA_TEXT_H

#include <hilum/evaluator.h>

struct text {
    char *data;
    size_t size;
    size_t room;
    size_t limit;   /* 0: no limit */
    bool truncated; /* something did not fit, or there was no memory */
};

void text_free(struct text *text);

void text_add(struct text *text, const char *data, size_t size);
void text_puts(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds `count` spaces. */
void text_pad(struct text *text, size_t count);

/* Cuts back to `size` bytes. */
void text_cut(struct text *text, size_t size);

struct hilum_str text_str(const struct text *text);

/* The text of a NUL-terminated string, borrowed. */
struct hilum_str str_of(const char *string);
bool str_equal(struct hilum_str a, struct hilum_str b);

/* The first line of `text`, without its line end; *text moves on to what follows. */
struct hilum_str str_next_line(struct hilum_str *text);

/* The size of the well-formed UTF-8 sequence at the start of a text that is not empty; 0: none. */
size_t str_sequence_size(struct hilum_str text);

/* How many code points begin in the bytes. */
size_t str_code_points(struct hilum_str text);

#endif
