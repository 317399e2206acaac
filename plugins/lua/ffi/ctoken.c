#include "ctoken.h"

#include <string.h>

struct ctokens ctokens_of(const char *text, size_t size)
{
    return (struct ctokens){text, text, text + size};
}

bool ctoken_is(const struct ctoken *token, const char *text)
{
    return (token->kind == CTOKEN_NAME || token->kind == CTOKEN_SIGN) &&
           strlen(text) == token->size && memcmp(token->start, text, token->size) == 0;
}

/* The character `ahead` of the place, or NUL behind the end. */
static char peek(const struct ctokens *tokens, size_t ahead)
{
    return (size_t)(tokens->end - tokens->at) > ahead ? tokens->at[ahead] : '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c);
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static void skip_line(struct ctokens *tokens)
{
    const char *line_end = memchr(tokens->at, '\n', (size_t)(tokens->end - tokens->at));
    tokens->at = line_end ? line_end : tokens->end;
}

/* Returns false for a comment without end. */
static bool skip_comment(struct ctokens *tokens)
{
    const char *at = tokens->at + 2;
    while (at + 1 < tokens->end && !(at[0] == '*' && at[1] == '/'))
        at++;
    if (at + 1 >= tokens->end)
        return false;
    tokens->at = at + 2;
    return true;
}

/* "# 12 "file.h" 1" and "#line 12" */
static bool is_line_mark(const struct ctokens *tokens)
{
    size_t i = 1;
    while (peek(tokens, i) == ' ' || peek(tokens, i) == '\t')
        i++;
    return is_digit(peek(tokens, i)) ||
           ((size_t)(tokens->end - tokens->at) >= i + 4 && memcmp(tokens->at + i, "line", 4) == 0);
}

/* Returns false, at its start, for a comment without end. */
static bool skip_blanks(struct ctokens *tokens)
{
    while (tokens->at < tokens->end) {
        char c = *tokens->at;
        if (is_blank(c))
            tokens->at++;
        else if (c == '\\' && peek(tokens, 1) == '\n')
            tokens->at += 2;
        else if (c == '/' && peek(tokens, 1) == '/')
            skip_line(tokens);
        else if (c == '#' && is_line_mark(tokens))
            skip_line(tokens);
        else if (c != '/' || peek(tokens, 1) != '*')
            return true;
        else if (!skip_comment(tokens))
            return false;
    }
    return true;
}

static void fail(struct ctoken *token, const char *problem)
{
    token->kind = CTOKEN_BAD;
    token->problem = problem;
}

static void read_suffix(struct ctokens *tokens, struct ctoken *token)
{
    for (; is_name_part(peek(tokens, 0)) || peek(tokens, 0) == '.'; tokens->at++) {
        char c = (char)(*tokens->at | 0x20);
        if (c == 'u')
            token->is_unsigned = true;
        else if (c == 'l')
            token->is_wide = true;
        else
            fail(token, "this is no whole number");
    }
}

static void read_number(struct ctokens *tokens, struct ctoken *token)
{
    int base = 10;
    if (peek(tokens, 0) == '0' && (peek(tokens, 1) | 0x20) == 'x') {
        base = 16;
        tokens->at += 2;
    } else if (peek(tokens, 0) == '0' && (peek(tokens, 1) | 0x20) == 'b') {
        base = 2;
        tokens->at += 2;
    } else if (peek(tokens, 0) == '0') {
        base = 8;
    }
    token->kind = CTOKEN_INTEGER;
    const char *digits = tokens->at;
    for (; digit_value(peek(tokens, 0)) < base; tokens->at++) {
        uint64_t digit = (uint64_t)digit_value(*tokens->at);
        if (token->value > (UINT64_MAX - digit) / (uint64_t)base)
            fail(token, "this number has more than 64 bits");
        token->value = token->value * (uint64_t)base + digit;
    }
    if (tokens->at == digits)
        fail(token, "this is no whole number");
    read_suffix(tokens, token);
    /* C's types of constants: those without u become unsigned only in octal and hexadecimal. */
    if (token->value > INT32_MAX && (base == 10 || token->value > UINT32_MAX))
        token->is_wide = true;
    if ((base != 10 && !token->is_wide && token->value > INT32_MAX) || token->value > INT64_MAX)
        token->is_unsigned = true;
}

static int read_escape(struct ctokens *tokens)
{
    static const char named[] = "a\ab\bf\fn\nr\rt\tv\ve\033";
    char c = *tokens->at++;
    int value = 0;
    if (c == 'x') {
        while (digit_value(peek(tokens, 0)) < 16)
            value = (value << 4 | digit_value(*tokens->at++)) & 0xFF;
        return value;
    }
    if (digit_value(c) < 8) {
        value = c - '0';
        for (int i = 0; i < 2 && digit_value(peek(tokens, 0)) < 8; i++)
            value = value << 3 | digit_value(*tokens->at++);
        return value & 0xFF;
    }
    for (const char *pair = named; *pair; pair += 2)
        if (pair[0] == c)
            return pair[1];
    return (unsigned char)c;
}

static void read_quoted(struct ctokens *tokens, struct ctoken *token, char quote)
{
    int count = 0;
    token->kind = quote == '"' ? CTOKEN_STRING : CTOKEN_INTEGER;
    for (tokens->at++; tokens->at < tokens->end && *tokens->at != quote; count++) {
        char c = *tokens->at++;
        if (c == '\n') {
            tokens->at = tokens->end;
        } else if (c == '\\' && tokens->at < tokens->end) {
            token->value = (uint64_t)(int64_t)(signed char)read_escape(tokens);
        } else {
            token->value = (uint64_t)(int64_t)(signed char)c;
        }
    }
    if (tokens->at >= tokens->end)
        fail(token, "this quotation has no end");
    else
        tokens->at++;
    if (token->kind == CTOKEN_INTEGER && count != 1)
        fail(token, "a character constant must hold one character");
}

static void read_sign(struct ctokens *tokens, struct ctoken *token)
{
    static const char *const long_signs[] = {
        "...", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "::", NULL};
    token->kind = CTOKEN_SIGN;
    for (const char *const *sign = long_signs; *sign; sign++) {
        size_t size = strlen(*sign);
        if ((size_t)(tokens->end - tokens->at) >= size && memcmp(tokens->at, *sign, size) == 0) {
            tokens->at += size;
            return;
        }
    }
    char c = *tokens->at++;
    if (c == '#')
        fail(token, "preprocessor directives cannot be used here; run the text through `cpp -P`");
    else if (c == '\0' || !strchr("()[]{}*,;:=?$+-/%&|^!~<>.@", c))
        fail(token, "this character has no place in C declarations");
}

struct ctoken ctoken_next(struct ctokens *tokens)
{
    struct ctoken token = {.kind = CTOKEN_END};
    bool closed = skip_blanks(tokens);
    token.start = tokens->at;
    if (!closed) {
        fail(&token, "this comment has no end");
        tokens->at = tokens->end;
    } else if (tokens->at < tokens->end) {
        char c = *tokens->at;
        if (is_name_start(c)) {
            token.kind = CTOKEN_NAME;
            while (is_name_part(peek(tokens, 0)))
                tokens->at++;
        } else if (is_digit(c)) {
            read_number(tokens, &token);
        } else if (c == '"' || c == '\'') {
            read_quoted(tokens, &token, c);
        } else if (c == '#' && tokens->end - tokens->at >= 7 &&
                   memcmp(tokens->at, "#pragma", 7) == 0) {
            token.kind = CTOKEN_PRAGMA;
            skip_line(tokens);
        } else {
            read_sign(tokens, &token);
        }
    }
    token.size = (size_t)(tokens->at - token.start);
    return token;
}
