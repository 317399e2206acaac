#include "mark.h"

#include "token.h"

#include <string.h>

static struct hilum_str slice(struct hilum_str text, size_t from, size_t to)
{
    return (struct hilum_str){text.data + from, to - from};
}

static bool is_call(const struct tokens *tokens, size_t i)
{
    if (i + 1 >= tokens->count)
        return false;
    enum token_kind next = tokens->items[i + 1].kind;
    bool declared = i > 0 && token_is(tokens, i - 1, "function");
    return !declared && (next == TOKEN_STRING || next == TOKEN_LONG_STRING ||
                         token_is(tokens, i + 1, "(") || token_is(tokens, i + 1, "{"));
}

static bool is_index(const struct tokens *tokens, size_t i)
{
    return token_is(tokens, i + 1, ".") || token_is(tokens, i + 1, "[") ||
           token_is(tokens, i + 1, ":");
}

static bool fits(const struct tokens *tokens, size_t i, struct hilum_str name, enum mark_use use)
{
    return tokens->items[i].kind == TOKEN_NAME && str_equal(token_text(tokens, i), name) &&
           (use == MARK_ANY || (use == MARK_CALL ? is_call(tokens, i) : is_index(tokens, i)));
}

static struct hilum_span span_of(struct hilum_str code, long line, const struct token *token)
{
    return (struct hilum_span){
        .line = (uint32_t)line,
        .column = (uint32_t)str_code_points(slice(code, 0, token->start)) + 1,
        .length = (uint32_t)str_code_points(slice(code, token->start, token->end)),
    };
}

struct hilum_span mark_name(struct hilum_str code_line, long line, struct hilum_str name,
                            enum mark_use use)
{
    struct tokens tokens;
    struct hilum_span span = {0};
    size_t found = 0;
    if (name.size == 0 || code_line.size == 0)
        return span;
    if (tokens_read(&tokens, code_line))
        for (size_t i = 0; i < tokens.count; i++)
            if (fits(&tokens, i, name, use) && found++ == 0)
                span = span_of(code_line, line, &tokens.items[i]);
    tokens_free(&tokens);
    return found == 1 ? span : (struct hilum_span){0};
}

static bool has_prefix(struct hilum_str text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

/* What stands between the last two single quotes; empty when they are not there. */
static struct hilum_str last_quoted(struct hilum_str text)
{
    size_t end = text.size;
    while (end > 0 && text.data[end - 1] != '\'')
        end--;
    size_t start = end ? end - 1 : 0;
    while (start > 0 && text.data[start - 1] != '\'')
        start--;
    return start > 0 ? slice(text, start, end - 1) : (struct hilum_str){0};
}

struct hilum_span mark_message(struct hilum_str code_line, long line, struct hilum_str message)
{
    enum mark_use use = has_prefix(message, "attempt to call")    ? MARK_CALL
                        : has_prefix(message, "attempt to index") ? MARK_INDEX
                                                                  : MARK_ANY;
    bool names = message.size > 2 && memcmp(message.data + message.size - 2, "')", 2) == 0;
    if (!has_prefix(message, "attempt to ") || !names)
        return (struct hilum_span){0};
    struct hilum_str name = last_quoted(message);
    struct hilum_span span = mark_name(code_line, line, name, MARK_ANY);
    return span.line || use == MARK_ANY ? span : mark_name(code_line, line, name, use);
}

struct hilum_span mark_callee(struct hilum_str code_line, long line, struct hilum_str call)
{
    struct hilum_str name = last_quoted(call);
    for (size_t i = name.size; i > 0; i--) {
        if (name.data[i - 1] == '.' || name.data[i - 1] == ':') {
            name = slice(name, i, name.size);
            break;
        }
    }
    return mark_name(code_line, line, name, MARK_CALL);
}
