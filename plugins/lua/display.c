#include "display.h"

#include "bundle.h"
#include "console.h"
#include "grid.h"
#include "image.h"
#include "json.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum {
    ID_BYTES = 16,
};

static const char handle_type[] = "display";

/* A way to show something: display.name(...) and handle:name(...). */
struct form {
    const char *name;
    const char *mime_type; /* NULL: it depends on the arguments */
    /* Fills the bundle from two arguments, the first of them at `first`. Raises. */
    void (*build)(lua_State *L, struct bundle *bundle, const struct form *form, int first);
};

/* What was shown: update and the like find it by its display_id. */
struct handle {
    const struct form *form;
    char id[2 * ID_BYTES + 1];
};

/* Says what there is, for readers that show text only. */
static void add_placeholder(lua_State *L, struct bundle *bundle, const char *mime_type, int data)
{
    text_printf(bundle_begin(L, bundle, "text/plain"), "<%s, %zu bytes>", mime_type,
                (size_t)lua_rawlen(L, data));
    bundle_end(L, bundle);
}

static void build_value(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    (void)form;
    bundle_add_value(L, bundle, first);
}

/* Markup that people can read as it is. */
static void build_source(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    luaL_checkstring(L, first);
    bundle_add(L, bundle, form->mime_type, first);
    bundle_add(L, bundle, "text/plain", first);
    bundle_set_metadata_of(L, bundle, form->mime_type, first + 1);
}

static void build_markup(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    luaL_checkstring(L, first);
    bundle_add(L, bundle, form->mime_type, first);
    add_placeholder(L, bundle, form->mime_type, first);
    bundle_set_metadata_of(L, bundle, form->mime_type, first + 1);
}

static void build_text(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    luaL_checkany(L, first);
    luaL_tolstring(L, first, NULL);
    bundle_add(L, bundle, form->mime_type, -1);
}

static void build_image(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    const char *kind = image_push(L, first, form->mime_type);
    int bytes = lua_gettop(L);
    bundle_add(L, bundle, kind, bytes);
    add_placeholder(L, bundle, kind, bytes);
    bundle_set_metadata_of(L, bundle, kind, first + 1);
}

static void build_json(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    luaL_checkany(L, first);
    bundle_add_json(L, bundle, form->mime_type, first);
    if (lua_type(L, first) == LUA_TSTRING)
        bundle_add(L, bundle, "text/plain", first);
    else
        bundle_add_text(L, bundle, first, 1);
    bundle_set_metadata_of(L, bundle, form->mime_type, first + 1);
}

static void build_table(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    struct grid *grid = grid_new(L, first, first + 1, &bundle->rendered);
    grid_html(grid, bundle_begin(L, bundle, form->mime_type));
    bundle_end(L, bundle);
    grid_markdown(grid, bundle_begin(L, bundle, "text/markdown"));
    bundle_end(L, bundle);
    grid_plain(grid, bundle_begin(L, bundle, "text/plain"));
    bundle_end(L, bundle);
}

static void build_bundle(lua_State *L, struct bundle *bundle, const struct form *form, int first)
{
    (void)form;
    luaL_checktype(L, first, LUA_TTABLE);
    bundle_add_table(L, bundle, first);
    if (!bundle_has(bundle, "text/plain")) {
        struct text *text = bundle_begin(L, bundle, "text/plain");
        for (size_t i = 0; i + 1 < bundle->count; i++)
            text_printf(text, "%s<%.100s>", i ? " " : "", bundle->items[i].mime_type.data);
        bundle_end(L, bundle);
    }
    bundle_set_metadata(L, bundle, first + 1);
}

static const struct form value_form = {"display", NULL, build_value};

static const struct form forms[] = {
    {"bundle", NULL, build_bundle},
    {"html", "text/html", build_markup},
    {"image", NULL, build_image},
    {"jpeg", "image/jpeg", build_image},
    {"json", "application/json", build_json},
    {"latex", "text/latex", build_source},
    {"markdown", "text/markdown", build_source},
    {"png", "image/png", build_image},
    {"svg", "image/svg+xml", build_markup},
    {"table", "text/html", build_table},
    {"text", "text/plain", build_text},
    {NULL, NULL, NULL},
};

/* Random, not counted: a session that goes back to a checkpoint must not use an id again. */
static void make_id(lua_State *L, char *id)
{
    unsigned char bytes[ID_BYTES];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        luaL_error(L, "no random numbers for a display_id: %s", strerror(errno));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}

/* Shows the arguments from `first` on and pushes a handle. */
static void show(lua_State *L, const struct form *form, int first)
{
    struct handle *handle = lua_newuserdatauv(L, sizeof(*handle), 0);
    handle->form = form;
    make_id(L, handle->id);
    struct bundle *bundle = bundle_new(L);
    form->build(L, bundle, form, first);
    bundle_send(L, bundle, BUNDLE_DISPLAY, handle->id);
    lua_settop(L, bundle->index - 1);
    luaL_setmetatable(L, handle_type);
}

static void replace(lua_State *L, const struct form *form)
{
    enum { FIRST = 2 };
    const struct handle *handle = luaL_checkudata(L, 1, handle_type);
    if (lua_isnone(L, FIRST))
        luaL_argerror(L, FIRST, "value expected");
    if (display_is_handle(L, FIRST))
        luaL_argerror(L, FIRST,
                      "this has been shown by itself; replace by handle:html(text) and "
                      "the like");
    lua_settop(L, FIRST + 1);
    struct bundle *bundle = bundle_new(L);
    form->build(L, bundle, form, FIRST);
    bundle_send(L, bundle, BUNDLE_UPDATE, handle->id);
}

static const struct form *form_upvalue(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* display.html(...) and others. */
static int show_as(lua_State *L)
{
    if (lua_isnone(L, 1))
        luaL_argerror(L, 1, "value expected");
    lua_settop(L, 2);
    show(L, form_upvalue(L), 1);
    return 1;
}

/* handle:html(...) and others. */
static int replace_as(lua_State *L)
{
    replace(L, form_upvalue(L));
    return 0;
}

static int handle_update(lua_State *L)
{
    const struct handle *handle = luaL_checkudata(L, 1, handle_type);
    replace(L, handle->form);
    return 0;
}

static int handle_tostring(lua_State *L)
{
    const struct handle *handle = luaL_checkudata(L, 1, handle_type);
    lua_pushfstring(L, "display: %s", handle->id);
    return 1;
}

/* display(a, b): each value by itself. Returns a handle for each. What display.html and the like
 * return has been shown already. */
static int show_values(lua_State *L)
{
    int count = lua_gettop(L) - 1; /* without the module itself */
    if (count == 0)
        return luaL_error(L, "display needs a value");
    for (int i = 2; i <= count + 1; i++) {
        if (display_is_handle(L, i))
            continue;
        show(L, &value_form, i);
        lua_replace(L, i);
    }
    return count;
}

static int clear(lua_State *L)
{
    struct hilum_session *session = session_of(L);
    bundle_check_place(L);
    console_flush(&session->console);
    session->host->clear_output(session->host, lua_toboolean(L, 1));
    return 0;
}

static int mark_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    json_mark_array(L, 1);
    return 1;
}

bool display_is_handle(lua_State *L, int index)
{
    return luaL_testudata(L, index, handle_type) != NULL;
}

/* Adds a function for each form to the table on the top. */
static void add_forms(lua_State *L, lua_CFunction function)
{
    for (const struct form *form = forms; form->name; form++) {
        lua_pushlightuserdata(L, (void *)form);
        lua_pushcclosure(L, function, 1);
        lua_setfield(L, -2, form->name);
    }
}

static void make_handle_type(lua_State *L)
{
    luaL_newmetatable(L, handle_type);
    lua_pushcfunction(L, handle_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_newtable(L);
    add_forms(L, replace_as);
    lua_pushcfunction(L, handle_update);
    lua_setfield(L, -2, "update");
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

static int open_module(lua_State *L)
{
    lua_newtable(L);
    add_forms(L, show_as);
    lua_pushcfunction(L, clear);
    lua_setfield(L, -2, "clear");
    lua_pushcfunction(L, mark_array);
    lua_setfield(L, -2, "array");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_newtable(L);
    lua_pushcfunction(L, show_values);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    return 1;
}

void display_open(lua_State *L)
{
    bundle_open(L);
    json_open(L);
    make_handle_type(L);
    luaL_requiref(L, "display", open_module, true);
    lua_pop(L, 1);
}
