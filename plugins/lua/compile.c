#include "compile.h"

#include "token.h"

#include <lauxlib.h>

#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 64 }; /* places at which the last expression may begin that are tried */

/*
 * What stands before a cell's value. The closed variable keeps Lua from making "return f()" a tail
 * call, which would hide the calling line from tracebacks. The blank keeps it apart from a name right
 * before it, as in "f(x)" with the value at "(x)".
 */
static const char return_value[] = " local _hilum_value <close> = nil return ";
/* Where the value is no call, which costs less. */
static const char return_plain[] = "return ";

/* Code as the parser gets it: with or without `return_value` at one place. */
struct draft {
    struct hilum_str parts[3];
    size_t next;
    bool bytewise; /* hand out single bytes, to see how far the parser comes */
    size_t read;   /* bytes handed out, `return_value` included */
};

/* For code that compiles at one go. */
struct attempt {
    lua_State *L;
    struct hilum_str code;
    const char *chunk_name;
};

static const char *read_part(lua_State *L, void *context, size_t *size)
{
    struct draft *draft = context;
    (void)L;
    while (draft->next < 3 && draft->parts[draft->next].size == 0)
        draft->next++;
    if (draft->next == 3)
        return NULL;
    struct hilum_str *part = &draft->parts[draft->next];
    const char *data = part->data;
    *size = draft->bytewise ? 1 : part->size;
    draft->read += *size;
    part->data += *size;
    part->size -= *size;
    return data;
}

/* The code with `return_value` before byte `split`; SIZE_MAX: as it is. */
static struct draft draft_of(struct hilum_str code, size_t split)
{
    if (split == SIZE_MAX)
        return (struct draft){.parts = {code}};
    return (struct draft){.parts = {{code.data, split},
                                    {return_value, sizeof(return_value) - 1},
                                    {code.data + split, code.size - split}}};
}

static bool load(const struct attempt *attempt, struct draft *draft)
{
    if (lua_load(attempt->L, read_part, draft, attempt->chunk_name, "t") == LUA_OK)
        return true;
    lua_pop(attempt->L, 1);
    return false;
}

/* Leaves the function on the stack, or nothing. */
static bool try_split(const struct attempt *attempt, size_t split)
{
    struct draft draft = draft_of(attempt->code, split);
    return load(attempt, &draft);
}

/* Only a call makes a tail call, and a call takes brackets or a string. */
static bool may_be_call(struct hilum_str code)
{
    static const char signs[] = "({[\"'";
    for (size_t i = 0; i < code.size; i++)
        if (memchr(signs, code.data[i], sizeof(signs) - 1))
            return true;
    return false;
}

/* The code is one value. */
static bool try_value(const struct attempt *attempt)
{
    if (may_be_call(attempt->code))
        return try_split(attempt, 0);
    struct draft draft = {.parts = {{return_plain, sizeof(return_plain) - 1}, attempt->code}};
    return load(attempt, &draft);
}

/* Does code[from..] compile by itself, as statements or as a value? Leaves nothing. */
static bool compiles(const struct attempt *attempt, size_t from, bool as_value)
{
    struct hilum_str rest = {attempt->code.data + from, attempt->code.size - from};
    struct attempt part = {attempt->L, rest, attempt->chunk_name};
    if (!try_split(&part, as_value ? 0 : SIZE_MAX))
        return false;
    lua_pop(attempt->L, 1);
    return true;
}

static bool can_end_statement(const struct tokens *tokens, size_t i)
{
    static const char *const enders[] = {")",     "]",   "}", "end", "nil",   "true",
                                         "false", "...", ";", "::",  "break", NULL};
    if (tokens->items[i].kind < TOKEN_SYMBOL && tokens->items[i].kind != TOKEN_KEYWORD)
        return true;
    for (const char *const *ender = enders; *ender; ender++)
        if (token_is(tokens, i, *ender))
            return true;
    return false;
}

static bool can_begin_value(const struct tokens *tokens, size_t i)
{
    static const char *const beginners[] = {"(",   "{", "function", "nil", "true", "false",
                                            "not", "-", "#",        "~",   "...",  NULL};
    if (tokens->items[i].kind < TOKEN_SYMBOL && tokens->items[i].kind != TOKEN_KEYWORD)
        return true;
    for (const char *const *beginner = beginners; *beginner; beginner++)
        if (token_is(tokens, i, *beginner))
            return true;
    return false;
}

/* Is the token one that no expression holds at its outermost level, so that none began earlier? */
static bool bars_value(const struct tokens *tokens, size_t i)
{
    static const char *const bars[] = {"if",    "while",  "for",   "repeat", "do",
                                       "local", "return", "break", "goto",   "=",
                                       ";",     "::",     "until", "in",     NULL};
    for (const char *const *bar = bars; *bar; bar++)
        if (token_is(tokens, i, *bar))
            return true;
    return token_is(tokens, i, "function") && i + 1 < tokens->count &&
           tokens->items[i + 1].kind == TOKEN_NAME;
}

/* The index behind the last token that is not a closing ";". */
static size_t end_of_last(const struct tokens *tokens)
{
    size_t count = tokens->count;
    while (count > 0 && token_is(tokens, count - 1, ";"))
        count--;
    return count;
}

/* The places where the last expression may begin, from the last to the first. */
struct places {
    const struct tokens *tokens;
    size_t next; /* tokens from here on have been looked at */
};

/* Sets *token to the next place; false when there is none. */
static bool next_place(struct places *places, size_t *token)
{
    const struct tokens *tokens = places->tokens;
    while (places->next > 1) {
        size_t i = --places->next;
        if (tokens->items[i].depth > 0)
            continue;
        if (bars_value(tokens, i)) {
            places->next = 0;
            break;
        }
        if (can_begin_value(tokens, i) && can_end_statement(tokens, i - 1)) {
            *token = i;
            return true;
        }
    }
    return false;
}

static bool is_call_end(const struct tokens *tokens, size_t count)
{
    if (count == 0)
        return false;
    enum token_kind kind = tokens->items[count - 1].kind;
    return kind == TOKEN_STRING || kind == TOKEN_LONG_STRING || token_is(tokens, count - 1, ")") ||
           token_is(tokens, count - 1, "}");
}

/* The last statement is a call: its values are the result. "(f)(x)" may continue the line above. */
static bool try_last_call(const struct attempt *attempt, const struct tokens *tokens)
{
    struct places places = {tokens, end_of_last(tokens)};
    size_t token;
    if (!is_call_end(tokens, places.next))
        return false;
    for (int tried = 0; tried < ATTEMPTS && next_place(&places, &token);) {
        bool bracket = token_is(tokens, token, "(") && !token_is(tokens, token - 1, ";");
        if (bracket || (tokens->items[token].kind != TOKEN_NAME && !token_is(tokens, token, "(")))
            continue;
        size_t start = tokens->items[token].start;
        tried++;
        if (compiles(attempt, start, false) && try_split(attempt, start))
            return true;
    }
    return false;
}

/* The code is not statements only: an expression may follow them. */
static bool try_last_value(const struct attempt *attempt, const struct tokens *tokens)
{
    struct places places = {tokens, end_of_last(tokens)};
    size_t token;
    for (int tried = 0; tried < ATTEMPTS && next_place(&places, &token); tried++) {
        size_t start = tokens->items[token].start;
        if (compiles(attempt, start, true) && try_split(attempt, start))
            return true;
    }
    return false;
}

/* "cell 3:12: message": sets the line and returns the message. */
static const char *skip_place(const char *message, long *line)
{
    for (const char *colon = strchr(message, ':'); colon; colon = strchr(colon + 1, ':')) {
        char *end;
        *line = strtol(colon + 1, &end, 10);
        if (end > colon + 1 && end[0] == ':' && end[1] == ' ')
            return end + 2;
    }
    *line = 0;
    return message;
}

/* Finds the token that the message ends with ("... near 'token'") just before `read`. */
static void find_token(struct syntax_error *error, struct hilum_str code, size_t read)
{
    static const char near[] = " near '";
    struct hilum_str message = text_str(&error->message);
    const char *quote = NULL;
    error->offset = read;
    for (size_t i = 0; i + sizeof(near) < message.size; i++)
        if (memcmp(message.data + i, near, sizeof(near) - 1) == 0)
            quote = message.data + i + sizeof(near) - 1;
    if (!quote)
        return;
    char byte;
    struct hilum_str token = {quote, (size_t)(message.data + message.size - 1 - quote)};
    if (token.size > 2 && memcmp(quote, "<\\", 2) == 0) { /* '<\195>': a byte outside any token */
        byte = (char)strtol(quote + 2, NULL, 10);
        token = (struct hilum_str){&byte, 1};
    }
    /* The parser has read the byte behind the token too, unless the code ends there. */
    for (size_t behind = 0; behind <= 1 && token.size + behind <= read; behind++) {
        size_t offset = read - behind - token.size;
        if (memcmp(code.data + offset, token.data, token.size) == 0) {
            error->offset = offset;
            error->length = token.size;
        }
    }
}

/* Did the parser stop because the code did? A short string cannot go on in the next line. */
static bool ends_at_eof(const char *message, size_t size, const char *text)
{
    static const char eof[] = "near <eof>", string[] = "unfinished string";
    return size >= sizeof(eof) - 1 && strcmp(message + size - sizeof(eof) + 1, eof) == 0 &&
           strncmp(text, string, sizeof(string) - 1) != 0;
}

/* Parses again, which fails, and remembers the error if the parser came further than before. */
static void explain(const struct attempt *attempt, size_t split, struct syntax_error *error)
{
    struct draft draft = draft_of(attempt->code, split);
    struct syntax_error found = {0};
    draft.bytewise = true;
    if (lua_load(attempt->L, read_part, &draft, attempt->chunk_name, "t") != LUA_OK) {
        size_t read = draft.read, size;
        if (split != SIZE_MAX && read > split)
            read =
                read > split + sizeof(return_value) - 1 ? read - sizeof(return_value) + 1 : split;
        const char *message = luaL_tolstring(attempt->L, -1, &size);
        const char *text = skip_place(message, &found.line);
        text_add(&found.message, text, size - (size_t)(text - message));
        found.at_end = ends_at_eof(message, size, text);
        find_token(&found, attempt->code, read);
        lua_pop(attempt->L, 1);
    }
    lua_pop(attempt->L, 1);
    if (found.message.size == 0 || (error->message.size && found.offset <= error->offset)) {
        text_free(&found.message);
        return;
    }
    text_free(&error->message);
    *error = found;
}

static void explain_all(const struct attempt *attempt, const struct tokens *tokens,
                        struct syntax_error *error)
{
    struct places places = {tokens, end_of_last(tokens)};
    size_t token;
    explain(attempt, SIZE_MAX, error);
    explain(attempt, 0, error);
    for (int tried = 0; tried < ATTEMPTS && next_place(&places, &token); tried++)
        explain(attempt, tokens->items[token].start, error);
}

static bool compile_statements(const struct attempt *attempt, struct syntax_error *error)
{
    struct tokens tokens;
    bool read = tokens_read(&tokens, attempt->code);
    bool compiled = read && (try_last_call(attempt, &tokens) || try_split(attempt, SIZE_MAX) ||
                             try_last_value(attempt, &tokens));
    if (!compiled)
        explain_all(attempt, &tokens, error);
    tokens_free(&tokens);
    return compiled;
}

bool compile_code(lua_State *L, struct hilum_str code, struct hilum_str name, bool expression_only,
                  struct syntax_error *error)
{
    char chunk_name[128] = "=";
    size_t size = name.size < sizeof(chunk_name) - 2 ? name.size : sizeof(chunk_name) - 2;
    if (size > 0)
        memcpy(chunk_name + 1, name.data, size);
    struct attempt attempt = {L, code.data ? code : (struct hilum_str){"", 0}, chunk_name};
    *error = (struct syntax_error){0};
    if (try_value(&attempt))
        return true;
    if (!expression_only)
        return compile_statements(&attempt, error);
    explain(&attempt, 0, error);
    return false;
}
