#include "unchanged.h"

#include "interrupt.h"
#include "text.h"
#include "token.h"

/* Longer cells do more than look at something. */
enum { LIKELY_BYTES = 1000 };

static bool is_harmless(const struct tokens *tokens, size_t index)
{
    static const char *const keywords[] = {"and", "false", "nil", "not", "or", "return", "true"};
    if (tokens->items[index].kind != TOKEN_KEYWORD)
        return !token_is(tokens, index, "=");
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (token_is(tokens, index, keywords[i]))
            return true;
    return false;
}

bool unchanged_is_likely(struct hilum_str code)
{
    struct tokens tokens;
    if (code.size > LIKELY_BYTES)
        return false;
    bool likely = tokens_read(&tokens, code);
    for (size_t i = 0; likely && i < tokens.count; i++)
        likely = is_harmless(&tokens, i);
    tokens_free(&tokens);
    return likely;
}

static void on_call(lua_State *L, lua_Debug *event)
{
    struct hilum_session *session = session_of(L);
    (void)event;
    session->calls++;
    /* The interrupt's own hook may have come and gone between a check and our lua_sethook. */
    if (session->interrupted)
        interrupt_raise(L);
}

void unchanged_watch(struct hilum_session *session)
{
    session->calls = 0;
    if (!session->interrupted)
        lua_sethook(session->main, on_call, LUA_MASKCALL, 0);
}

bool unchanged_holds(struct hilum_session *session)
{
    if (lua_gethook(session->main) == on_call)
        lua_sethook(session->main, NULL, 0, 0);
    return session->calls == 1;
}
