/* The source of recent cells, so that errors and inspection can show it. */
#ifndef LUA_SOURCE_H
#define LUA_SOURCE_H

#include "text.h"

struct source_cell {
    char *name; /* NUL-terminated: "cell 12" */
    char *code;
    size_t size;
};

enum { SOURCE_CELLS = 512 };

/* A ring: the oldest cell gives way when there are too many, or too many bytes. */
struct sources {
    struct source_cell cells[SOURCE_CELLS];
    size_t next;
    size_t bytes;
    struct text file; /* the file that was asked for last */
};

/* Keeps a copy; a second cell with the same name hides the first. */
void sources_keep(struct sources *sources, struct hilum_str name, struct hilum_str code);
void sources_free(struct sources *sources);

/* Is it the name of a cell whose source is kept? */
bool sources_has(const struct sources *sources, struct hilum_str name);

/* The code of a Lua chunk by its name as debug.getinfo gives it: "=cell 12" or "@file.lua". Empty
 * when it is not known. Borrowed until the next call. */
struct hilum_str sources_find(struct sources *sources, const char *chunk_name);

/* The code of a cell ("cell 12") or file ("file.lua") as messages name it. */
struct hilum_str sources_find_short(struct sources *sources, struct hilum_str short_name);

/* Line `number`, from 1; data is NULL when there is none. */
struct hilum_str source_line(struct hilum_str code, long number);

#endif
