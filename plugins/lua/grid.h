/* Rows and columns of texts, from a list of records or of lists: what display.table shows. */
#ifndef LUA_GRID_H
#define LUA_GRID_H

#include "text.h"

#include <lua.h>

struct grid_column {
    struct hilum_str label;
    size_t width; /* in code points: what text/plain pads to */
    bool has_numbers;
    bool has_others; /* neither numbers nor empty */
};

/* Lives on the Lua stack, with all that it points to. */
struct grid {
    struct grid_column *columns;
    size_t column_count;
    struct hilum_str *cells; /* row after row */
    size_t row_count;
    size_t more_rows; /* that are not shown */
    bool has_header;
    struct hilum_str caption;
};

/*
 * Makes a grid of the rows in the table at `rows`, as the table or nil at `options` says, and leaves
 * some values on the stack that it lives on. `scratch` is written to and cut back. Raises what is
 * wrong with the arguments.
 */
struct grid *grid_new(lua_State *L, int rows, int options, struct text *scratch);

/* Adds the grid in three forms. */
void grid_html(const struct grid *grid, struct text *out);
void grid_markdown(const struct grid *grid, struct text *out);
void grid_plain(const struct grid *grid, struct text *out);

#endif
