#include "token.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

const char *const token_keywords[] = {"and",   "break", "do",       "else",  "elseif", "end",
                                      "false", "for",   "function", "goto",  "if",     "in",
                                      "local", "nil",   "not",      "or",    "repeat", "return",
                                      "then",  "true",  "until",    "while", NULL};

/* Symbols of more than one byte, longer ones first. */
static const char *const long_symbols[] = {
    "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", NULL};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Lua itself takes ASCII letters only; a byte past ASCII is kept with the word around it. */
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
           (unsigned char)c >= 0x80;
}

static bool is_keyword(struct hilum_str text)
{
    for (const char *const *keyword = token_keywords; *keyword; keyword++)
        if (str_equal(text, str_of(*keyword)))
            return true;
    return false;
}

bool token_is_name(struct hilum_str text)
{
    if (text.size == 0 || is_digit(text.data[0]) || is_keyword(text))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!is_word(text.data[i]) || (unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

static char at(struct hilum_str code, size_t offset)
{
    return offset < code.size ? code.data[offset] : '\0';
}

/* The level of the long bracket that opens at `offset`; -1 when none does. */
static int long_bracket(struct hilum_str code, size_t offset)
{
    if (at(code, offset) != '[')
        return -1;
    size_t next = offset + 1;
    while (at(code, next) == '=')
        next++;
    return at(code, next) == '[' ? (int)(next - offset - 1) : -1;
}

/* The offset behind the long bracket of `level` that opens at `offset`. */
static size_t skip_long(struct hilum_str code, size_t offset, int level, bool *unfinished)
{
    for (size_t i = offset + (size_t)level + 2; i < code.size; i++) {
        if (code.data[i] != ']')
            continue;
        size_t next = i + 1;
        while (at(code, next) == '=')
            next++;
        if ((int)(next - i - 1) == level && at(code, next) == ']')
            return next + 1;
        i = next - 1;
    }
    *unfinished = true;
    return code.size;
}

/* The offset behind the quoted string that opens at `offset`. */
static size_t skip_quoted(struct hilum_str code, size_t offset, bool *unfinished)
{
    char quote = code.data[offset];
    for (size_t i = offset + 1; i < code.size; i++) {
        if (code.data[i] == quote)
            return i + 1;
        if (code.data[i] == '\n') {
            *unfinished = true;
            return i;
        }
        if (code.data[i] != '\\')
            continue;
        i++;
        if (at(code, i) == 'z') /* \z skips line ends and blanks */
            while (strchr(" \t\r\n\f\v", at(code, i + 1)) && i + 1 < code.size)
                i++;
    }
    *unfinished = true;
    return code.size;
}

static size_t skip_number(struct hilum_str code, size_t offset)
{
    bool hex = at(code, offset) == '0' && strchr("xX", at(code, offset + 1)) &&
               at(code, offset + 1) != '\0';
    size_t i = offset;
    while (i < code.size && (is_word(code.data[i]) || code.data[i] == '.')) {
        char c = code.data[i++];
        bool exponent = hex ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
        if (exponent && (at(code, i) == '+' || at(code, i) == '-'))
            i++;
    }
    return i;
}

static size_t skip_comment(struct tokens *tokens, size_t offset)
{
    struct hilum_str code = tokens->code;
    int level = long_bracket(code, offset + 2);
    if (level >= 0)
        return skip_long(code, offset + 2, level, &tokens->in_comment);
    const char *end = memchr(code.data + offset, '\n', code.size - offset);
    tokens->in_comment = !end;
    return end ? (size_t)(end - code.data) : code.size;
}

static size_t symbol_size(struct hilum_str code, size_t offset)
{
    for (const char *const *symbol = long_symbols; *symbol; symbol++) {
        size_t size = strlen(*symbol);
        if (size <= code.size - offset && memcmp(code.data + offset, *symbol, size) == 0)
            return size;
    }
    return 1;
}

static size_t skip_word(struct hilum_str code, size_t offset)
{
    while (offset < code.size && is_word(code.data[offset]))
        offset++;
    return offset;
}

/* Sets kind and end of the token that begins at token->start. */
static void scan(struct hilum_str code, struct token *token)
{
    char c = code.data[token->start];
    int level = long_bracket(code, token->start);
    if (is_digit(c) || (c == '.' && is_digit(at(code, token->start + 1)))) {
        token->kind = TOKEN_NUMBER;
        token->end = skip_number(code, token->start);
    } else if (is_word(c)) {
        token->end = skip_word(code, token->start);
        struct hilum_str word = {code.data + token->start, token->end - token->start};
        token->kind = is_keyword(word) ? TOKEN_KEYWORD : TOKEN_NAME;
    } else if (c == '"' || c == '\'') {
        token->kind = TOKEN_STRING;
        token->end = skip_quoted(code, token->start, &token->unfinished);
    } else if (level >= 0) {
        token->kind = TOKEN_LONG_STRING;
        token->end = skip_long(code, token->start, level, &token->unfinished);
    } else {
        token->kind = TOKEN_SYMBOL;
        token->end = token->start + symbol_size(code, token->start);
    }
}

static bool is_one_of(struct hilum_str text, const char *const *list)
{
    for (; *list; list++)
        if (str_equal(text, str_of(*list)))
            return true;
    return false;
}

/* Sets the token's depth and counts the brackets and blocks that it opens or closes. */
static void nest(struct tokens *tokens, struct token *token)
{
    static const char *const openers[] = {"(", "[", "{", "function", "if", "do", "repeat", NULL};
    static const char *const closers[] = {")", "]", "}", "end", "until", NULL};
    struct hilum_str text = {tokens->code.data + token->start, token->end - token->start};
    bool can_nest = token->kind == TOKEN_SYMBOL || token->kind == TOKEN_KEYWORD;
    if (can_nest && is_one_of(text, closers) && tokens->depth > 0)
        tokens->depth--;
    token->depth = tokens->depth;
    if (can_nest && is_one_of(text, openers))
        tokens->depth++;
}

static bool append(struct tokens *tokens, const struct token *token)
{
    if (tokens->count == tokens->room) {
        size_t room = tokens->room ? tokens->room * 2 : 16;
        struct token *items = realloc(tokens->items, room * sizeof(*items));
        if (!items)
            return false;
        tokens->items = items;
        tokens->room = room;
    }
    tokens->items[tokens->count++] = *token;
    return true;
}

bool tokens_read(struct tokens *tokens, struct hilum_str code)
{
    *tokens = (struct tokens){.code = code};
    for (size_t i = 0; i < code.size;) {
        if (strchr(" \t\r\n\f\v", code.data[i])) { /* strchr finds NUL as well: a blank, then */
            i++;
        } else if (code.data[i] == '-' && at(code, i + 1) == '-') {
            i = skip_comment(tokens, i);
        } else {
            struct token token = {.start = i};
            scan(code, &token);
            nest(tokens, &token);
            if (!append(tokens, &token))
                return false;
            i = token.end;
        }
    }
    return true;
}

void tokens_free(struct tokens *tokens)
{
    free(tokens->items);
    *tokens = (struct tokens){0};
}

struct hilum_str token_text(const struct tokens *tokens, size_t index)
{
    const struct token *token = &tokens->items[index];
    return (struct hilum_str){tokens->code.data + token->start, token->end - token->start};
}

bool token_is(const struct tokens *tokens, size_t index, const char *text)
{
    return index < tokens->count && tokens->items[index].kind != TOKEN_STRING &&
           tokens->items[index].kind != TOKEN_LONG_STRING &&
           str_equal(token_text(tokens, index), str_of(text));
}
