/*
 * Lua code cut into tokens: enough to find where statements and blocks begin, not a parser. Broken
 * code is fine, since completion looks at code that is being typed.
 */
#ifndef LUA_TOKEN_H
#define LUA_TOKEN_H

#include <hilum/evaluator.h>

enum token_kind {
    TOKEN_NAME,
    TOKEN_KEYWORD,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_LONG_STRING,
    TOKEN_SYMBOL,
};

struct token {
    enum token_kind kind;
    size_t start; /* byte offsets into the code */
    size_t end;
    int depth;       /* open brackets and blocks around it; a pair of brackets is outside itself */
    bool unfinished; /* a string without its end */
};

struct tokens {
    struct hilum_str code; /* borrowed */
    struct token *items;
    size_t count;
    size_t room;
    int depth;       /* brackets and blocks that are open at the end */
    bool in_comment; /* the code ends inside a comment */
};

/* Reads all tokens. False when there is no memory. tokens_free is needed in both cases. */
bool tokens_read(struct tokens *tokens, struct hilum_str code);
void tokens_free(struct tokens *tokens);

/* The token's text. */
struct hilum_str token_text(const struct tokens *tokens, size_t index);

/* Is token `index` there, no string, and spelled like this? An index past either end is not. */
bool token_is(const struct tokens *tokens, size_t index, const char *text);

/* Lua's keywords in alphabetical order, ended by NULL. */
extern const char *const token_keywords[];

/* Is the text a name that may follow a dot: an identifier and no keyword? */
bool token_is_name(struct hilum_str text);

#endif
