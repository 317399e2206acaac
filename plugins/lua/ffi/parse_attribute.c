#include "parser.h"

#include <stdalign.h>
#include <string.h>

/* "packed" and "__packed__" are the same. */
static bool is_word(const struct ctoken *token, const char *word)
{
    size_t size = strlen(word);
    if (token->kind != CTOKEN_NAME)
        return false;
    if (token->size == size)
        return memcmp(token->start, word, size) == 0;
    return token->size == size + 4 && memcmp(token->start, "__", 2) == 0 &&
           memcmp(token->start + 2, word, size) == 0 &&
           memcmp(token->start + 2 + size, "__", 2) == 0;
}

static void check_align(struct parser *parser, const struct ctoken *at, size_t align,
                        struct attributes *attributes)
{
    if (align == 0 || (align & (align - 1)) != 0 || align > 4096)
        parser_fail_at(parser, at, "an alignment must be a power of two up to 4096");
    else if (attributes->align < align)
        attributes->align = align;
}

static void parse_aligned(struct parser *parser, struct attributes *attributes)
{
    struct ctoken at = parser->token;
    size_t align = alignof(max_align_t);
    parser_advance(parser);
    if (parser_accept(parser, "(")) {
        align = parse_count(parser);
        parser_expect(parser, ")");
    }
    if (!parser->has_failed)
        check_align(parser, &at, align, attributes);
}

static void parse_attribute(struct parser *parser, struct attributes *attributes)
{
    struct ctoken *token = &parser->token;
    if (is_word(token, "packed")) {
        attributes->is_packed = true;
    } else if (is_word(token, "aligned")) {
        parse_aligned(parser, attributes);
        return;
    } else if (is_word(token, "vector_size") || is_word(token, "mode") ||
               is_word(token, "scalar_storage_order") || is_word(token, "ms_struct")) {
        parser_fail(parser, "attribute `%.*s` changes how data lie in memory and is not supported",
                    parser_text_size(token), token->start);
    } else if (token->kind != CTOKEN_NAME) {
        parser_fail(parser, "expected the name of an attribute");
    }
    parser_advance(parser);
    if (parser_is(parser, "("))
        parser_skip_brackets(parser);
}

/* "__attribute__((packed, aligned(8)))", already behind the word. */
static void parse_list(struct parser *parser, struct attributes *attributes)
{
    parser_expect(parser, "(");
    parser_expect(parser, "(");
    while (!parser_is(parser, ")") && !parser->has_failed) {
        if (!parser_accept(parser, ","))
            parse_attribute(parser, attributes);
    }
    parser_expect(parser, ")");
    parser_expect(parser, ")");
}

static void parse_alignas(struct parser *parser, struct attributes *attributes)
{
    struct ctoken at = parser->token;
    size_t align;
    parser_expect(parser, "(");
    if (parse_starts_type(parser)) {
        const struct ctype *type = parse_type_name(parser);
        align = type ? type->plain->align : 1;
    } else {
        align = parse_count(parser);
    }
    parser_expect(parser, ")");
    if (!parser->has_failed && align > 0)
        check_align(parser, &at, align, attributes);
}

bool parse_attributes(struct parser *parser, struct attributes *attributes)
{
    bool found = false;
    for (;; found = true) {
        if (parser_accept(parser, "__attribute__") || parser_accept(parser, "__attribute")) {
            parse_list(parser, attributes);
        } else if (parser_accept(parser, "_Alignas") || parser_accept(parser, "alignas")) {
            parse_alignas(parser, attributes);
        } else if (parser_accept(parser, "__declspec") || parser_accept(parser, "_Pragma")) {
            if (parser_is(parser, "("))
                parser_skip_brackets(parser);
        } else if (!parser_accept(parser, "__extension__") && !parser_accept(parser, "_Noreturn") &&
                   !parser_accept(parser, "__restrict") && !parser_accept(parser, "__cdecl")) {
            return found;
        }
    }
}

/* __asm__("name") behind a declarator; adjacent strings are one. NULL: there is none. */
const char *parse_symbol(struct parser *parser)
{
    char symbol[256];
    size_t size = 0;
    if (!parser_accept(parser, "__asm__") && !parser_accept(parser, "__asm") &&
        !parser_accept(parser, "asm"))
        return NULL;
    parser_expect(parser, "(");
    if (parser->token.kind != CTOKEN_STRING)
        parser_fail(parser, "expected the symbol as a string");
    for (; parser->token.kind == CTOKEN_STRING; parser_advance(parser)) {
        size_t length = parser->token.size - 2;
        if (length >= sizeof(symbol) - size) {
            parser_fail(parser, "this symbol is too long");
            return NULL;
        }
        memcpy(symbol + size, parser->token.start + 1, length);
        size += length;
    }
    parser_expect(parser, ")");
    const char *copy = arena_copy(&parser->declarations->types.arena, symbol, size);
    if (!copy)
        parser_no_memory(parser);
    return copy;
}

static void set_pack(struct parser *parser, uint64_t align)
{
    if (align > 16 || (align & (align - 1)) != 0)
        parser_fail(parser, "#pragma pack takes 1, 2, 4, 8 or 16");
    else
        parser->pack[parser->pack_depth] = (size_t)align;
}

/* "#pragma pack(push, 1)", "pack(pop)", "pack(4)", "pack()"; other pragmas mean nothing here. */
void parse_pragma(struct parser *parser)
{
    const struct ctoken *line = &parser->token;
    struct ctokens tokens = ctokens_of(line->start + 7, line->size - 7);
    struct ctoken token = ctoken_next(&tokens);
    if (!ctoken_is(&token, "pack"))
        return;
    bool has_number = false;
    for (token = ctoken_next(&tokens); token.kind != CTOKEN_END; token = ctoken_next(&tokens)) {
        if (ctoken_is(&token, "push")) {
            if (parser->pack_depth + 1 == sizeof(parser->pack) / sizeof(parser->pack[0])) {
                parser_fail(parser, "#pragma pack is nested too deeply");
                return;
            }
            parser->pack_depth++;
            parser->pack[parser->pack_depth] = parser->pack[parser->pack_depth - 1];
            has_number = true;
        } else if (ctoken_is(&token, "pop")) {
            parser->pack_depth -= parser->pack_depth > 0;
            has_number = true;
        } else if (token.kind == CTOKEN_INTEGER) {
            set_pack(parser, token.value);
            has_number = true;
        } else if (token.kind == CTOKEN_BAD || parser->has_failed) {
            return;
        }
    }
    if (!has_number)
        parser->pack[parser->pack_depth] = 0;
}
