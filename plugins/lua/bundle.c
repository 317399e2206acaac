#include "bundle.h"

#include "console.h"
#include "json.h"
#include "json_check.h"
#include "keys.h"

#include <string.h>

enum {
    TEXT_BYTES = 256 * 1024, /* of text/plain, where the reader sees that it was cut */
};

static const char type_name[] = "display.bundle";

static void free_texts(struct bundle *bundle)
{
    text_free(&bundle->rendered);
    text_free(&bundle->metadata);
}

static int collect(lua_State *L)
{
    free_texts(luaL_checkudata(L, 1, type_name));
    return 0;
}

void bundle_open(lua_State *L)
{
    luaL_newmetatable(L, type_name);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

void bundle_check_place(lua_State *L)
{
    if (!session_of(L)->cell_runs)
        luaL_error(L, "nothing can be displayed while no cell runs");
}

struct bundle *bundle_new(lua_State *L)
{
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    struct bundle *bundle = lua_newuserdatauv(L, sizeof(*bundle), 1);
    bundle->rendered = bundle->metadata = (struct text){.limit = BUNDLE_BYTES + 1};
    bundle->count = 0;
    bundle->index = lua_gettop(L);
    luaL_setmetatable(L, type_name);
    lua_newtable(L); /* holds the strings that the items borrow */
    lua_setiuservalue(L, bundle->index, 1);
    return bundle;
}

static int refuse_size(lua_State *L)
{
    return luaL_error(L, "the value is too large to be shown: more than %d MiB",
                      BUNDLE_BYTES / (1024 * 1024));
}

/* A text stops growing for one of two reasons. */
static void check_complete(lua_State *L, const struct text *text)
{
    enum { LONGEST_SEQUENCE = 4 };
    if (!text->truncated)
        return;
    if (text->size + LONGEST_SEQUENCE > text->limit)
        refuse_size(L);
    luaL_error(L, "not enough memory to show the value");
}

static void hold(lua_State *L, const struct bundle *bundle, int index)
{
    index = lua_absindex(L, index);
    lua_getiuservalue(L, bundle->index, 1);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
}

static bool starts_with(const char *string, const char *start)
{
    return strncmp(string, start, strlen(start)) == 0;
}

static bool ends_with(const char *string, const char *end)
{
    size_t size = strlen(string), tail = strlen(end);
    return size >= tail && strcmp(string + size - tail, end) == 0;
}

static enum hilum_encoding encoding_of(const char *mime_type)
{
    static const char *const binary[] = {"image/", "audio/",          "video/",
                                         "font/",  "application/pdf", "application/octet-stream"};
    if (strcmp(mime_type, "application/json") == 0 || ends_with(mime_type, "+json"))
        return HILUM_JSON;
    for (size_t i = 0; i < sizeof(binary) / sizeof(*binary); i++)
        if (starts_with(mime_type, binary[i]) && !ends_with(mime_type, "+xml"))
            return HILUM_BINARY;
    return HILUM_TEXT;
}

static struct bundle_item *add_item(lua_State *L, struct bundle *bundle, const char *mime_type)
{
    if (bundle->count == BUNDLE_ITEMS)
        luaL_error(L, "a value can have %d representations, not more", BUNDLE_ITEMS);
    struct bundle_item *item = &bundle->items[bundle->count++];
    *item = (struct bundle_item){.mime_type = str_of(mime_type),
                                 .start = bundle->rendered.size,
                                 .encoding = encoding_of(mime_type)};
    return item;
}

void bundle_add(lua_State *L, struct bundle *bundle, const char *mime_type, int index)
{
    struct bundle_item *item = add_item(L, bundle, mime_type);
    if (!lua_isstring(L, index))
        luaL_error(L, "%s must be a string, not a %s", mime_type, luaL_typename(L, index));
    lua_pushvalue(L, index); /* a number is turned into a string on the stack only */
    item->borrowed.data = lua_tolstring(L, -1, &item->borrowed.size);
    hold(L, bundle, -1);
    lua_pop(L, 1);
}

void bundle_add_json(lua_State *L, struct bundle *bundle, const char *mime_type, int index)
{
    if (lua_type(L, index) == LUA_TSTRING) {
        json_check(L, index, mime_type);
        bundle_add(L, bundle, mime_type, index);
        return;
    }
    json_encode(L, index, bundle_begin(L, bundle, mime_type));
    bundle_end(L, bundle);
}

struct text *bundle_begin(lua_State *L, struct bundle *bundle, const char *mime_type)
{
    add_item(L, bundle, mime_type);
    return &bundle->rendered;
}

void bundle_end(lua_State *L, struct bundle *bundle)
{
    struct bundle_item *item = &bundle->items[bundle->count - 1];
    check_complete(L, &bundle->rendered);
    item->size = bundle->rendered.size - item->start;
}

bool bundle_has(const struct bundle *bundle, const char *mime_type)
{
    for (size_t i = 0; i < bundle->count; i++)
        if (str_equal(bundle->items[i].mime_type, str_of(mime_type)))
            return true;
    return false;
}

/* Is the key at `index` of the form type/subtype? Host and clients trust us in that. */
static bool is_mime_type(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TSTRING)
        return false;
    size_t size;
    const char *name = lua_tolstring(L, index, &size);
    const char *slash = strchr(name, '/');
    if (!slash || slash == name || slash[1] == '\0' || strlen(name) != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (name[i] <= ' ' || name[i] == 0x7F)
            return false;
    return true;
}

/* Adds the value on the top, with the MIME type below it. */
static void add_entry(lua_State *L, struct bundle *bundle)
{
    if (!is_mime_type(L, -2)) {
        const char *key = luaL_tolstring(L, -2, NULL);
        luaL_error(L, "a representation's key is a MIME type such as \"text/html\", not %s", key);
    }
    hold(L, bundle, -2);
    const char *mime_type = lua_tostring(L, -2);
    if (encoding_of(mime_type) == HILUM_JSON)
        bundle_add_json(L, bundle, mime_type, -1);
    else
        bundle_add(L, bundle, mime_type, -1);
}

void bundle_add_table(lua_State *L, struct bundle *bundle, int index)
{
    struct keys keys;
    index = lua_absindex(L, index);
    if (lua_rawlen(L, index) > 0)
        luaL_error(L, "representations are stored under MIME types, not in a list");
    keys_collect(L, index, BUNDLE_ITEMS + 1, &keys);
    for (size_t i = 0; i < keys.count; i++) {
        keys_push(L, &keys, i);
        lua_pushvalue(L, -1);
        lua_rawget(L, index);
        add_entry(L, bundle);
        lua_pop(L, 2);
    }
    keys_pop(L);
}

/* Calls __display of the value. False: it has none, or that returned nil. */
static bool add_own_form(lua_State *L, struct bundle *bundle, int index)
{
    if (luaL_getmetafield(L, index, "__display") == LUA_TNIL)
        return false;
    lua_pushvalue(L, index);
    lua_call(L, 1, 2);
    bool has_form = !lua_isnil(L, -2);
    if (has_form && !lua_istable(L, -2))
        luaL_error(L,
                   "__display returned a %s, expected a table of representations such as "
                   "{[\"text/html\"] = \"...\"}",
                   luaL_typename(L, -2));
    if (has_form) {
        bundle_add_table(L, bundle, -2);
        bundle_set_metadata(L, bundle, -1);
    }
    lua_pop(L, 2);
    return has_form;
}

void bundle_add_value(lua_State *L, struct bundle *bundle, int index)
{
    index = lua_absindex(L, index);
    if (!add_own_form(L, bundle, index) || !bundle_has(bundle, "text/plain"))
        bundle_add_text(L, bundle, index, 1);
}

void bundle_add_text(lua_State *L, struct bundle *bundle, int first, int count)
{
    const struct pretty_limits *limits = &session_of(L)->limits;
    struct text *text = bundle_begin(L, bundle, "text/plain");
    size_t limit = text->limit;
    if (limit - text->size > TEXT_BYTES)
        text->limit = text->size + TEXT_BYTES;
    for (int i = 0; i < count; i++) {
        if (i > 0)
            text_puts(text, "\t");
        if (i == limits->items) {
            text_printf(text, "... %d more", count - i);
            break;
        }
        pretty_value(L, first + i, limits, text);
    }
    if (text->truncated && text->limit < limit) {
        text->truncated = false;
        text->limit = limit;
        text_puts(text, "...");
    }
    text->limit = limit;
    bundle_end(L, bundle);
}

static void check_metadata(lua_State *L, int index)
{
    if (!lua_istable(L, index))
        luaL_error(L, "metadata must be a table, not a %s", luaL_typename(L, index));
}

void bundle_set_metadata(lua_State *L, struct bundle *bundle, int index)
{
    if (lua_isnil(L, index))
        return;
    check_metadata(L, index);
    json_encode_object(L, index, &bundle->metadata);
    check_complete(L, &bundle->metadata);
}

void bundle_set_metadata_of(lua_State *L, struct bundle *bundle, const char *mime_type, int index)
{
    if (lua_isnil(L, index))
        return;
    check_metadata(L, index);
    index = lua_absindex(L, index);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, index);
    lua_setfield(L, -2, mime_type);
    bundle_set_metadata(L, bundle, -1);
    lua_pop(L, 1);
}

/* What the text takes as a JSON string. */
static size_t quoted_size(struct hilum_str text)
{
    size_t size = text.size + 2;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < ' ' || c == 0x7F)
            size += 5;
        else if (c == '"' || c == '\\')
            size++;
    }
    return size;
}

static size_t message_size(const struct hilum_datum *datum)
{
    switch (datum->encoding) {
    case HILUM_BINARY:
        return (datum->data.size + 2) / 3 * 4;
    case HILUM_TEXT:
        return quoted_size(datum->data);
    default:
        return datum->data.size;
    }
}

bool bundle_send_scalar(lua_State *L, int index)
{
    struct hilum_session *session = session_of(L);
    int type = lua_type(L, index), top = lua_gettop(L);
    if ((type != LUA_TNUMBER && type != LUA_TBOOLEAN) || lua_getmetatable(L, index)) {
        lua_settop(L, top);
        return false;
    }
    struct hilum_datum datum = {.mime_type = str_of("text/plain"), .encoding = HILUM_TEXT};
    datum.data.data = luaL_tolstring(L, index, &datum.data.size);
    const struct hilum_bundle message = {
        .struct_size = sizeof(message), .data = &datum, .count = 1};
    console_flush(&session->console);
    session->host->result(session->host, &message);
    return true;
}

void bundle_send(lua_State *L, struct bundle *bundle, enum bundle_use use, const char *display_id)
{
    struct hilum_session *session = session_of(L);
    const struct hilum_host *host = session->host;
    struct hilum_datum data[BUNDLE_ITEMS];
    bundle_check_place(L);
    size_t size = bundle->metadata.size;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct bundle_item *item = &bundle->items[i];
        struct hilum_str rendered = {bundle->rendered.data + item->start, item->size};
        data[i] = (struct hilum_datum){
            item->mime_type, item->borrowed.data ? item->borrowed : rendered, item->encoding};
        size += message_size(&data[i]);
    }
    if (size > BUNDLE_BYTES)
        refuse_size(L);
    struct hilum_bundle message = {.struct_size = sizeof(message),
                                   .data = data,
                                   .count = bundle->count,
                                   .metadata = text_str(&bundle->metadata),
                                   .display_id = str_of(display_id ? display_id : "")};
    console_flush(&session->console);
    if (use == BUNDLE_RESULT)
        host->result(host, &message);
    else if (use == BUNDLE_DISPLAY)
        host->display(host, &message);
    else
        host->update_display(host, &message);
    free_texts(bundle); /* now, since Lua does not know how much memory they are */
}
