#include "comm.h"

#include "comm_message.h"
#include "console.h"
#include "failure.h"
#include "interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum {
    ID_BYTES = 16,
    NAME_BYTES = 1024, /* of comm_id and target_name: the ABI's limit */
    FUNCTION_SLOT = 1, /* user values of a comm: on_msg's function, */
    CLOSED_SLOT,       /* on_close's, */
    ID_SLOT,           /* its comm_id */
    TARGET_SLOT,       /* and its target_name */
    SLOTS = TARGET_SLOT,
};

/* A comm. While it is open it is in the table of open comms, so that it need not be kept elsewhere. */
struct comm {
    bool open;
};

static const char comm_type[] = "hilum.comm";

/* The addresses are registry keys: open comms by comm_id, functions by target_name. */
static const char open_key, targets_key;

static struct comm *check_comm(lua_State *L)
{
    return luaL_checkudata(L, 1, comm_type);
}

static struct comm *check_open(lua_State *L)
{
    struct comm *comm = check_comm(L);
    if (!comm->open)
        luaL_error(L, "this comm is closed");
    return comm;
}

static struct hilum_str push_slot(lua_State *L, int index, int slot)
{
    struct hilum_str text;
    lua_getiuservalue(L, index, slot);
    text.data = lua_tolstring(L, -1, &text.size);
    return text;
}

/* Pushes a comm with the comm_id and target_name at the two indices. It is not open yet. */
static struct comm *new_comm(lua_State *L, int id, int target)
{
    struct comm *comm = lua_newuserdatauv(L, sizeof(*comm), SLOTS);
    comm->open = false;
    lua_pushvalue(L, id);
    lua_setiuservalue(L, -2, ID_SLOT);
    lua_pushvalue(L, target);
    lua_setiuservalue(L, -2, TARGET_SLOT);
    luaL_setmetatable(L, comm_type);
    return comm;
}

/* Enters the comm at `index` into the table of open ones. */
static void keep(lua_State *L, int index)
{
    struct comm *comm = lua_touserdata(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &open_key);
    lua_getiuservalue(L, index, ID_SLOT);
    lua_pushvalue(L, index);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    comm->open = true;
}

/* Takes it out again. Takes no memory, so it cannot raise. */
static void forget(lua_State *L, int index)
{
    struct comm *comm = lua_touserdata(L, index);
    comm->open = false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &open_key);
    lua_getiuservalue(L, index, ID_SLOT);
    lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Sends data, buffers and metadata at `first` and after it for the comm at `comm`. */
static void send(lua_State *L, enum comm_message_kind kind, int comm, int first)
{
    int top = lua_gettop(L);
    struct hilum_str id = push_slot(L, comm, ID_SLOT), target = push_slot(L, comm, TARGET_SLOT);
    comm_message_send(L, kind, id, target, first);
    lua_settop(L, top);
}

static void push_id(lua_State *L)
{
    unsigned char bytes[ID_BYTES];
    char id[2 * ID_BYTES + 1];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        luaL_error(L, "no random numbers for a comm_id: %s", strerror(errno));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    lua_pushlstring(L, id, 2 * ID_BYTES);
}

static void check_name(lua_State *L, int index)
{
    size_t size;
    luaL_checklstring(L, index, &size);
    luaL_argcheck(L, size <= NAME_BYTES, index, "a target has at most 1024 bytes");
}

/* comm.open(target [, data [, buffers [, metadata]]]) */
static int open_comm(lua_State *L)
{
    enum { TARGET = 1, DATA, ID = 5, COMM };
    check_name(L, TARGET);
    lua_settop(L, ID - 1);
    push_id(L);
    new_comm(L, ID, TARGET);
    send(L, COMM_OPEN, COMM, DATA);
    keep(L, COMM);
    return 1;
}

/* c:send([data [, buffers [, metadata]]]) */
static int comm_send(lua_State *L)
{
    check_open(L);
    lua_settop(L, 4);
    send(L, COMM_MSG, 1, 2);
    return 0;
}

/* c:close([data [, buffers [, metadata]]]); closing again does nothing. */
static int comm_close(lua_State *L)
{
    if (!check_comm(L)->open)
        return 0;
    lua_settop(L, 4);
    send(L, COMM_CLOSE, 1, 2);
    forget(L, 1);
    return 0;
}

static int set_function(lua_State *L, int slot)
{
    check_comm(L);
    lua_settop(L, 2);
    if (!lua_isnil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_setiuservalue(L, 1, slot);
    return 0;
}

static int comm_on_msg(lua_State *L)
{
    return set_function(L, FUNCTION_SLOT);
}

static int comm_set_on_close(lua_State *L)
{
    return set_function(L, CLOSED_SLOT);
}

/* comm.register_target(name, function or nil) */
static int register_target(lua_State *L)
{
    check_name(L, 1);
    lua_settop(L, 2);
    if (!lua_isnil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &targets_key);
    lua_insert(L, 1);
    lua_rawset(L, 1);
    return 0;
}

/* A call from the host. */
struct delivery {
    const struct hilum_comm_message *message;
    bool known; /* there is such a target */
};

static void push_string(lua_State *L, struct hilum_str text)
{
    lua_pushlstring(L, text.size ? text.data : "", text.size);
}

/* Pushes the open comm that the message is for; false, and nothing is pushed: there is none. */
static bool find(lua_State *L, const struct hilum_comm_message *message)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &open_key);
    push_string(L, message->comm_id);
    bool found = lua_rawget(L, -2) != LUA_TNIL;
    lua_remove(L, -2);
    if (!found)
        lua_pop(L, 1);
    return found;
}

/* Calls the function in a slot of the comm on the top, if there is one, with message and comm. */
static void call_slot(lua_State *L, int slot, const struct hilum_comm_message *message)
{
    if (lua_getiuservalue(L, -1, slot) != LUA_TFUNCTION)
        return;
    comm_message_push(L, message);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 0);
}

static int deliver_open(lua_State *L)
{
    struct delivery *delivery = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &targets_key);
    push_string(L, delivery->message->target_name);
    lua_pushvalue(L, -1);
    delivery->known = lua_rawget(L, 2) == LUA_TFUNCTION;
    if (!delivery->known)
        return 0;
    push_string(L, delivery->message->comm_id);
    new_comm(L, 5, 3);
    keep(L, 6);
    lua_pushvalue(L, 4);
    lua_pushvalue(L, 6);
    comm_message_push(L, delivery->message);
    lua_call(L, 2, 0);
    return 0;
}

static int deliver_message(lua_State *L)
{
    const struct delivery *delivery = lua_touserdata(L, 1);
    if (find(L, delivery->message))
        call_slot(L, FUNCTION_SLOT, delivery->message);
    return 0;
}

static int deliver_close(lua_State *L)
{
    const struct delivery *delivery = lua_touserdata(L, 1);
    if (!find(L, delivery->message))
        return 0;
    forget(L, lua_gettop(L));
    call_slot(L, CLOSED_SLOT, delivery->message);
    return 0;
}

static int drop(lua_State *L)
{
    const struct delivery *delivery = lua_touserdata(L, 1);
    if (find(L, delivery->message))
        forget(L, lua_gettop(L));
    return 0;
}

/* As a cell runs, without a value. */
static enum hilum_status deliver(struct hilum_session *session, struct delivery *delivery,
                                 lua_CFunction function)
{
    lua_State *L = session->main;
    text_cut(&session->trace, 0);
    interrupt_begin(session);
    console_begin(&session->console);
    session->cell_runs = true;
    lua_pushcfunction(L, failure_on_error);
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, delivery);
    int status = lua_pcall(L, 1, 0, 1);
    session->cell_runs = false;
    console_end(&session->console);
    bool interrupted = interrupt_end(session);
    if (!interrupted && status != LUA_OK)
        failure_report(session, NULL, status);
    lua_settop(L, 0);
    if (interrupted)
        return HILUM_INTERRUPTED;
    return status == LUA_OK ? HILUM_OK : HILUM_ERROR;
}

enum hilum_status comm_on_open(struct hilum_session *session,
                               const struct hilum_comm_message *message)
{
    struct delivery delivery = {.message = message};
    enum hilum_status status = deliver(session, &delivery, deliver_open);
    if (status != HILUM_OK)
        session_protect(session->main, drop, &delivery);
    lua_settop(session->main, 0);
    return status == HILUM_OK && !delivery.known ? HILUM_UNAVAILABLE : status;
}

enum hilum_status comm_on_message(struct hilum_session *session,
                                  const struct hilum_comm_message *message)
{
    return deliver(session, &(struct delivery){.message = message}, deliver_message);
}

enum hilum_status comm_on_close(struct hilum_session *session,
                                const struct hilum_comm_message *message)
{
    return deliver(session, &(struct delivery){.message = message}, deliver_close);
}

/* c.id, c.target, c.is_open, and the methods, which are upvalue 1. */
static int comm_index(lua_State *L)
{
    const struct comm *comm = check_comm(L);
    const char *key = luaL_checkstring(L, 2);
    if (strcmp(key, "id") == 0)
        push_slot(L, 1, ID_SLOT);
    else if (strcmp(key, "target") == 0)
        push_slot(L, 1, TARGET_SLOT);
    else if (strcmp(key, "is_open") == 0)
        lua_pushboolean(L, comm->open);
    else
        lua_getfield(L, lua_upvalueindex(1), key);
    return 1;
}

static int comm_tostring(lua_State *L)
{
    const struct comm *comm = check_comm(L);
    lua_pushfstring(L, "comm: %s to %s%s", push_slot(L, 1, ID_SLOT).data,
                    push_slot(L, 1, TARGET_SLOT).data, comm->open ? "" : " (closed)");
    return 1;
}

static void make_types(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"send", comm_send},
        {"close", comm_close},
        {"on_msg", comm_on_msg},
        {"on_close", comm_set_on_close},
        {NULL, NULL},
    };
    luaL_newmetatable(L, comm_type);
    luaL_newlib(L, methods);
    lua_pushcclosure(L, comm_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, comm_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);
}

static int open_module(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"open", open_comm},
        {"register_target", register_target},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}

void comm_open(lua_State *L)
{
    if (!HILUM_HAS(session_of(L)->host, comm_close))
        return;
    comm_message_open(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &open_key);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &targets_key);
    make_types(L);
    luaL_requiref(L, "comm", open_module, true);
    lua_pop(L, 1);
}
