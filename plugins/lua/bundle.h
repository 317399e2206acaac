/*
 * A value's representations on their way from Lua to the host. Everything that is shown goes through
 * here: results, display() and its variants, and user expressions.
 */
#ifndef LUA_BUNDLE_H
#define LUA_BUNDLE_H

#include "session.h"

enum {
    BUNDLE_ITEMS = 32,               /* representations of one value */
    BUNDLE_BYTES = 64 * 1024 * 1024, /* of all of them, as the message has them */
};

struct bundle_item {
    struct hilum_str mime_type;
    struct hilum_str borrowed; /* a Lua string; data is NULL when the text was rendered, */
    size_t start;              /* and then it begins here */
    size_t size;
    enum hilum_encoding encoding;
};

/* Lives on the Lua stack, which frees it. */
struct bundle {
    struct text rendered; /* what was made here, one representation after the other */
    struct text metadata; /* a JSON object, or empty */
    struct bundle_item items[BUNDLE_ITEMS];
    size_t count;
    int index; /* on the stack of the function that made it */
};

enum bundle_use {
    BUNDLE_RESULT,
    BUNDLE_DISPLAY,
    BUNDLE_UPDATE,
};

/* Prepares the state. May raise. */
void bundle_open(lua_State *L);

/* All functions from here on raise what goes wrong. This one does when no cell runs that output could
 * belong to: in the init file, in inspection, at the end of the session. */
void bundle_check_place(lua_State *L);

/* A bundle is pushed and stays where it is. */
struct bundle *bundle_new(lua_State *L);

/* Adds the string at `index`; `mime_type` must stay as long as the bundle. */
void bundle_add(lua_State *L, struct bundle *bundle, const char *mime_type, int index);

/* Adds JSON: the string at `index` as the text that it is, any other value encoded. */
void bundle_add_json(lua_State *L, struct bundle *bundle, const char *mime_type, int index);

/* Adds the text that is written between the two calls. */
struct text *bundle_begin(lua_State *L, struct bundle *bundle, const char *mime_type);
void bundle_end(lua_State *L, struct bundle *bundle);

/* Adds what the table at `index` has under its MIME types. */
void bundle_add_table(lua_State *L, struct bundle *bundle, int index);

/* Adds the value's best form: what its __display returns, and text. */
void bundle_add_value(lua_State *L, struct bundle *bundle, int index);

/* Adds text/plain for `count` values from `first` on, side by side. */
void bundle_add_text(lua_State *L, struct bundle *bundle, int first, int count);

bool bundle_has(const struct bundle *bundle, const char *mime_type);

/* Sets the metadata: the table at `index`, or that table for one MIME type. nil: none. */
void bundle_set_metadata(lua_State *L, struct bundle *bundle, int index);
void bundle_set_metadata_of(lua_State *L, struct bundle *bundle, const char *mime_type, int index);

/* Shows the value at `index` as the result if it is a number or a boolean like any other, for which no
 * bundle is needed. False: it is not. */
bool bundle_send_scalar(lua_State *L, int index);

/* Hands it to the host, after everything printed so far. `display_id` may be NULL for a result. */
void bundle_send(lua_State *L, struct bundle *bundle, enum bundle_use use, const char *display_id);

#endif
