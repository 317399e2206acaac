#include "is_complete.h"

#include "compile.h"
#include "interrupt.h"
#include "token.h"

struct check {
    struct hilum_str code;
    enum hilum_completeness answer;
    struct syntax_error error;
};

static int check_protected(lua_State *L)
{
    struct check *check = lua_touserdata(L, 1);
    bool compiled = compile_code(L, check->code, str_of("input"), false, &check->error);
    check->answer = compiled              ? HILUM_COMPLETE
                    : check->error.at_end ? HILUM_INCOMPLETE
                                          : HILUM_INVALID;
    return 0;
}

/* Two blanks per open bracket or block; none inside a long string, where they would count. */
static struct hilum_str indent_of(struct hilum_str code)
{
    static const char blanks[] = "                                ";
    struct hilum_str indent = {blanks, 0};
    struct tokens tokens;
    if (tokens_read(&tokens, code)) {
        bool in_string = tokens.count > 0 && tokens.items[tokens.count - 1].unfinished;
        if (tokens.depth > 0 && !in_string && !tokens.in_comment)
            indent.size = 2 * (size_t)tokens.depth;
        if (indent.size > sizeof(blanks) - 1)
            indent.size = sizeof(blanks) - 1;
    }
    tokens_free(&tokens);
    return indent;
}

enum hilum_completeness is_complete_code(struct hilum_session *session, struct hilum_str code,
                                         struct hilum_str *indent)
{
    struct check check = {.code = code, .answer = HILUM_UNKNOWN};
    interrupt_begin(session);
    (void)session_protect(session->main, check_protected, &check);
    interrupt_end(session);
    lua_settop(session->main, 0);
    text_free(&check.error.message);
    if (check.answer == HILUM_INCOMPLETE)
        *indent = indent_of(code);
    return check.answer;
}
