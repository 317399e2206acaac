/* Lua's tokens: in order, inside the code, with nothing but blanks and comments between them. */
#include "../../plugins/lua/token.h"
#include "fuzz.h"

static void check_token(const struct tokens *tokens, size_t index)
{
    const struct token *token = &tokens->items[index];
    size_t before = index ? tokens->items[index - 1].end : 0;
    FUZZ_REQUIRE(token->start >= before && token->start < token->end);
    FUZZ_REQUIRE(token->end <= tokens->code.size);
    FUZZ_REQUIRE(token->depth >= 0);
    struct hilum_str text = token_text(tokens, index);
    FUZZ_REQUIRE(token->kind != TOKEN_KEYWORD || !token_is_name(text));
    FUZZ_REQUIRE(!token->unfinished || token->kind == TOKEN_STRING ||
                 token->kind == TOKEN_LONG_STRING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tokens tokens;
    FUZZ_REQUIRE(tokens_read(&tokens, (struct hilum_str){(const char *)data, size}));
    for (size_t i = 0; i < tokens.count; i++)
        check_token(&tokens, i);
    FUZZ_REQUIRE(!token_is(&tokens, tokens.count, "end"));
    tokens_free(&tokens);
    return 0;
}
