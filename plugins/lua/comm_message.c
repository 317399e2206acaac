#include "comm_message.h"

#include "console.h"
#include "json.h"
#include "json_decode.h"

#include <string.h>

enum {
    BUFFERS = 240,    /* of one message: the ABI's limit */
    BYTES = 64 << 20, /* of data and metadata */
};

static const char outgoing_type[] = "hilum.comm.outgoing";

/* What a message is made of, in a userdata that frees it whatever is raised. */
struct outgoing {
    struct text data;
    struct text metadata;
    struct hilum_str buffers[BUFFERS]; /* borrowed from strings on the stack */
    size_t buffer_count;
};

static int outgoing_gc(lua_State *L)
{
    struct outgoing *outgoing = lua_touserdata(L, 1);
    text_free(&outgoing->data);
    text_free(&outgoing->metadata);
    return 0;
}

static void add_buffer(lua_State *L, struct outgoing *outgoing, int index)
{
    struct hilum_str *buffer = &outgoing->buffers[outgoing->buffer_count++];
    buffer->data = lua_tolstring(L, index, &buffer->size);
}

/* A string, or a list of strings. Strings that a list holds stay alive with it. */
static void add_buffers(lua_State *L, struct outgoing *outgoing, int index)
{
    if (lua_type(L, index) == LUA_TSTRING) {
        add_buffer(L, outgoing, index);
        return;
    }
    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, index);
    luaL_argcheck(L, count <= BUFFERS, index, "at most 240 buffers fit into a message");
    for (lua_Unsigned i = 1; i <= count; i++) {
        if (lua_rawgeti(L, index, (lua_Integer)i) != LUA_TSTRING)
            luaL_argerror(L, index, "buffers are strings");
        add_buffer(L, outgoing, -1);
        lua_pop(L, 1);
    }
}

/* Nothing (nil) is {}. */
static void encode_object(lua_State *L, int index, const char *what, struct text *out)
{
    out->limit = BYTES;
    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    json_encode(L, index, out);
    if (out->truncated)
        luaL_error(L, "the %s of a comm message is too large", what);
    if (out->size == 0 || out->data[0] != '{')
        luaL_error(L, "the %s of a comm message must have string keys, not a list", what);
}

static enum hilum_status hand_over(const struct hilum_host *host, enum comm_message_kind kind,
                                   const struct hilum_comm_message *message)
{
    switch (kind) {
    case COMM_OPEN:
        return host->comm_open(host, message);
    case COMM_MSG:
        return host->comm_msg(host, message);
    default:
        return host->comm_close(host, message);
    }
}

void comm_message_check_place(lua_State *L)
{
    if (!session_of(L)->cell_runs)
        luaL_error(L, "no comm message can be sent while no cell runs");
}

void comm_message_send(lua_State *L, enum comm_message_kind kind, struct hilum_str id,
                       struct hilum_str target, int first)
{
    struct hilum_session *session = session_of(L);
    comm_message_check_place(L);
    struct outgoing *outgoing = lua_newuserdatauv(L, sizeof(*outgoing), 0);
    memset(outgoing, 0, sizeof(*outgoing));
    luaL_setmetatable(L, outgoing_type);
    encode_object(L, first, "data", &outgoing->data);
    encode_object(L, first + 2, "metadata", &outgoing->metadata);
    add_buffers(L, outgoing, first + 1);
    struct hilum_comm_message message = {
        .struct_size = sizeof(message),
        .comm_id = id,
        .target_name = target,
        .data = text_str(&outgoing->data),
        .metadata = text_str(&outgoing->metadata),
        .buffers = outgoing->buffers,
        .buffer_count = outgoing->buffer_count,
    };
    console_flush(&session->console);
    if (hand_over(session->host, kind, &message) != HILUM_OK)
        luaL_error(L, "the comm message is too large to be sent");
    lua_pop(L, 1);
}

static void push_string(lua_State *L, struct hilum_str text)
{
    lua_pushlstring(L, text.size ? text.data : "", text.size);
}

void comm_message_push(lua_State *L, const struct hilum_comm_message *message)
{
    lua_createtable(L, 0, 3);
    json_decode(L, message->data);
    lua_setfield(L, -2, "data");
    json_decode(L, message->metadata);
    lua_setfield(L, -2, "metadata");
    lua_newtable(L);
    for (size_t i = 0; i < message->buffer_count; i++) {
        push_string(L, message->buffers[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "buffers");
}

void comm_message_open(lua_State *L)
{
    luaL_newmetatable(L, outgoing_type);
    lua_pushcfunction(L, outgoing_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
