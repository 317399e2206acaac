#include "grid.h"

#include "interrupt.h"
#include "keys.h"

#include <string.h>

enum {
    ROWS = 1000, /* unless the options say otherwise */
    COLUMNS = 1000,
    CELL_BYTES = 4096, /* of a value that is no string */
    WIDEST = 100,      /* what text/plain pads to */
};

/* What is at hand while a grid is made: absolute indices on the stack. */
struct maker {
    lua_State *L;
    struct grid *grid;
    struct text *scratch;
    int rows;
    int options;
    int keys; /* a list: where each column's values are */
    int held; /* a list: the strings that the grid points to */
    lua_Integer held_count;
};

/* Pops the string on the top and keeps it for the grid. */
static struct hilum_str hold(struct maker *maker)
{
    struct hilum_str string;
    string.data = lua_tolstring(maker->L, -1, &string.size);
    lua_rawseti(maker->L, maker->held, ++maker->held_count);
    return string;
}

/* Pops a value and returns how a cell shows it. */
static struct hilum_str hold_shown(struct maker *maker)
{
    lua_State *L = maker->L;
    struct text *scratch = maker->scratch;
    size_t start = scratch->size, limit = scratch->limit;
    if (lua_isnil(L, -1)) {
        lua_pushliteral(L, "");
    } else if (lua_isstring(L, -1)) {
        lua_tostring(L, -1);
        return hold(maker);
    } else {
        scratch->limit = start + CELL_BYTES;
        pretty_value(L, -1, &session_of(L)->limits, scratch);
        lua_pushlstring(L, scratch->data + start, scratch->size - start);
        text_cut(scratch, start);
        scratch->limit = limit;
        scratch->truncated = false;
    }
    lua_replace(L, -2);
    return hold(maker);
}

static void check_options(const struct maker *maker)
{
    static const char *const names[] = {"columns", "caption", "limit"};
    lua_State *L = maker->L;
    if (lua_isnil(L, maker->options))
        return;
    luaL_checktype(L, maker->options, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, maker->options)) {
        bool known = false;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
            known = known || strcmp(key, names[i]) == 0;
        if (!known)
            luaL_error(L, "display.table has no option '%s', only columns, caption and limit", key);
        lua_pop(L, 1);
    }
}

/* Pushes an option, and returns its type. */
static int push_option(const struct maker *maker, const char *name)
{
    if (lua_isnil(maker->L, maker->options)) {
        lua_pushnil(maker->L);
        return LUA_TNIL;
    }
    return lua_getfield(maker->L, maker->options, name);
}

static void count_rows(struct maker *maker)
{
    lua_State *L = maker->L;
    size_t total = (size_t)lua_rawlen(L, maker->rows), limit = ROWS;
    if (push_option(maker, "limit") != LUA_TNIL) {
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0)
            luaL_error(L, "option limit of display.table must be a count of rows");
        limit = (size_t)lua_tointeger(L, -1);
    }
    lua_pop(L, 1);
    maker->grid->row_count = total < limit ? total : limit;
    maker->grid->more_rows = total - maker->grid->row_count;
}

/* Pushes row `i`, from 1. */
static void push_row(const struct maker *maker, size_t i)
{
    lua_State *L = maker->L;
    if (session_of(L)->interrupted)
        interrupt_raise(L);
    if (lua_rawgeti(L, maker->rows, (lua_Integer)i) != LUA_TTABLE)
        luaL_error(L, "row %I is a %s, expected a table", (LUAI_UACINT)i, luaL_typename(L, -1));
}

static void collect_keys(lua_State *L, int table, struct keys *keys)
{
    keys_collect(L, table, COLUMNS, keys);
    if (keys->is_cut)
        luaL_error(L, "more than %d columns; choose some with option columns", COLUMNS);
}

/* Pushes a table whose keys are the keys of all rows. */
static void push_all_keys(const struct maker *maker)
{
    lua_State *L = maker->L;
    struct keys keys;
    lua_newtable(L);
    int all = lua_gettop(L);
    for (size_t i = 1; i <= maker->grid->row_count; i++) {
        push_row(maker, i);
        collect_keys(L, all + 1, &keys);
        for (size_t k = 0; k < keys.list + keys.count; k++) {
            if (k < keys.list)
                lua_pushinteger(L, (lua_Integer)k + 1);
            else
                keys_push(L, &keys, k - keys.list);
            lua_pushboolean(L, true);
            lua_rawset(L, all);
        }
        lua_settop(L, all);
    }
}

/* Fills the list of keys with those that the rows have, in order. */
static void find_columns(struct maker *maker)
{
    lua_State *L = maker->L;
    struct keys keys;
    int top = lua_gettop(L);
    push_all_keys(maker);
    collect_keys(L, top + 1, &keys);
    for (size_t i = 0; i < keys.list + keys.count; i++) {
        if (i < keys.list)
            lua_pushinteger(L, (lua_Integer)i + 1);
        else
            keys_push(L, &keys, i - keys.list);
        lua_rawseti(L, maker->keys, (lua_Integer)i + 1);
    }
    maker->grid->column_count = keys.list + keys.count;
    maker->grid->has_header = keys.count > 0;
    lua_settop(L, top);
}

/* Fills the list of keys with those of option columns. */
static void choose_columns(struct maker *maker)
{
    lua_State *L = maker->L;
    int chosen = lua_gettop(L);
    if (!lua_istable(L, chosen))
        luaL_error(L, "option columns of display.table must be a list of names");
    size_t count = (size_t)lua_rawlen(L, chosen);
    if (count > COLUMNS)
        luaL_error(L, "more than %d columns", COLUMNS);
    for (size_t i = 1; i <= count; i++) {
        if (lua_rawgeti(L, chosen, (lua_Integer)i) == LUA_TNIL)
            luaL_error(L, "option columns of display.table must be a list of names");
        lua_rawseti(L, maker->keys, (lua_Integer)i);
    }
    maker->grid->column_count = count;
    maker->grid->has_header = true;
}

static void widen(struct grid_column *column, struct hilum_str text)
{
    size_t width = str_code_points(text);
    if (width > WIDEST)
        width = WIDEST;
    if (width > column->width)
        column->width = width;
}

static void make_columns(struct maker *maker)
{
    lua_State *L = maker->L;
    struct grid *grid = maker->grid;
    if (push_option(maker, "columns") == LUA_TNIL)
        find_columns(maker);
    else
        choose_columns(maker);
    lua_pop(L, 1);
    grid->columns = lua_newuserdatauv(L, grid->column_count * sizeof(*grid->columns) + 1, 0);
    lua_rawseti(L, maker->held, ++maker->held_count);
    for (size_t i = 0; i < grid->column_count; i++) {
        lua_rawgeti(L, maker->keys, (lua_Integer)i + 1);
        grid->columns[i] = (struct grid_column){.label = hold_shown(maker)};
        if (grid->has_header)
            widen(&grid->columns[i], grid->columns[i].label);
    }
}

/* Pushes the value of column `i`, from 1, of the row on the top: by the column's name, or by its
 * place in a row that is a list. */
static void push_cell(const struct maker *maker, size_t i)
{
    lua_State *L = maker->L;
    int row = lua_gettop(L);
    lua_rawgeti(L, maker->keys, (lua_Integer)i);
    lua_gettable(L, row);
    if (lua_isnil(L, -1) && lua_rawlen(L, row) > 0) {
        lua_pop(L, 1);
        lua_rawgeti(L, row, (lua_Integer)i);
    }
}

static void note_type(struct grid_column *column, int type)
{
    column->has_numbers |= type == LUA_TNUMBER;
    column->has_others |= type != LUA_TNUMBER && type != LUA_TNIL;
}

static void make_cells(struct maker *maker)
{
    lua_State *L = maker->L;
    struct grid *grid = maker->grid;
    size_t count = grid->row_count * grid->column_count;
    grid->cells = lua_newuserdatauv(L, count * sizeof(*grid->cells) + 1, 0);
    lua_rawseti(L, maker->held, ++maker->held_count);
    for (size_t i = 0; i < grid->row_count; i++) {
        push_row(maker, i + 1);
        for (size_t k = 0; k < grid->column_count; k++) {
            push_cell(maker, k + 1);
            note_type(&grid->columns[k], lua_type(L, -1));
            struct hilum_str cell = hold_shown(maker);
            grid->cells[i * grid->column_count + k] = cell;
            widen(&grid->columns[k], cell);
        }
        lua_pop(L, 1);
    }
}

struct grid *grid_new(lua_State *L, int rows, int options, struct text *scratch)
{
    luaL_checktype(L, rows, LUA_TTABLE);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    struct grid *grid = lua_newuserdatauv(L, sizeof(*grid), 0);
    *grid = (struct grid){0};
    lua_newtable(L);
    lua_newtable(L);
    struct maker maker = {.L = L,
                          .grid = grid,
                          .scratch = scratch,
                          .rows = rows,
                          .options = options,
                          .keys = lua_gettop(L) - 1,
                          .held = lua_gettop(L)};
    check_options(&maker);
    if (push_option(&maker, "caption") != LUA_TNIL)
        grid->caption = hold_shown(&maker);
    else
        lua_pop(L, 1);
    count_rows(&maker);
    if (grid->row_count + grid->more_rows == 0) {
        lua_pushnil(L);
        if (lua_next(L, rows))
            luaL_error(L, "display.table shows a list of rows, and this table is no list");
    }
    make_columns(&maker);
    make_cells(&maker);
    return grid;
}
