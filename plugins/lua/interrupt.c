#include "interrupt.h"

enum {
    EVERY_EVENT = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT,
    POLL_INSTRUCTIONS = 10000,
};

/* The address is the registry key of the object that interrupts raise. */
static const char raised_key;

static int raised_tostring(lua_State *L)
{
    lua_pushliteral(L, "interrupted");
    return 1;
}

void interrupt_open(lua_State *L)
{
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, raised_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "Interrupted");
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &raised_key);
}

int interrupt_raise(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &raised_key);
    return lua_error(L);
}

/* A hook may outlive its request in a thread that the request left behind: then it retires. */
static void on_event(lua_State *L, lua_Debug *event)
{
    (void)event;
    if (session_of(L)->interrupted)
        interrupt_raise(L);
    else
        lua_sethook(L, NULL, 0, 0);
}

static void on_poll(lua_State *L, lua_Debug *event)
{
    (void)event;
    const struct hilum_host *host = session_of(L)->host;
    if (!host->cancelled(host))
        return;
    session_of(L)->interrupted = 1;
    interrupt_raise(L);
}

void interrupt_now(struct hilum_session *session)
{
    session->interrupted = 1;
    lua_sethook(session->running, on_event, EVERY_EVENT, 1);
}

void interrupt_begin(struct hilum_session *session)
{
    session->interrupted = 0;
    session->running = session->main;
    /* It may have come since the host called us, and have been forgotten by the first line. */
    if (session->host->cancelled(session->host))
        interrupt_now(session);
}

bool interrupt_end(struct hilum_session *session)
{
    bool interrupted = session->interrupted;
    session->interrupted = 0;
    if (interrupted)
        lua_sethook(session->main, NULL, 0, 0);
    return interrupted;
}

void interrupt_poll(struct hilum_session *session)
{
    lua_sethook(session->main, on_poll, LUA_MASKCOUNT, POLL_INSTRUCTIONS);
}

/* The order matters: a signal before the assignment is seen in the flag, one after it strikes the
 * right thread by itself. */
static void switch_to(struct hilum_session *session, lua_State *thread)
{
    session->running = thread;
    if (session->interrupted)
        lua_sethook(thread, on_event, EVERY_EVENT, 1);
}

int interrupt_resume(lua_State *L, lua_State *thread, int arguments, int *results)
{
    struct hilum_session *session = session_of(L);
    lua_State *before = session->running;
    switch_to(session, thread);
    int status = lua_resume(thread, L, arguments, results);
    switch_to(session, before);
    return status;
}

int interrupt_reset(lua_State *L, lua_State *thread)
{
    struct hilum_session *session = session_of(L);
    lua_State *before = session->running;
    switch_to(session, thread);
    int status = lua_resetthread(thread);
    switch_to(session, before);
    return status;
}
