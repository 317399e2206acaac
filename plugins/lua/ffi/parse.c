#include "parser.h"

#include <string.h>

static void add(struct parser *parser, const struct ctoken *at, const struct declaration *made)
{
    switch (declarations_add(parser->declarations, made)) {
    case DECLARING_OK:
        break;
    case DECLARING_CONFLICT:
        parser_fail_at(parser, at, "`%s` is declared as something else already", made->name);
        break;
    case DECLARING_NO_MEMORY:
        parser_no_memory(parser);
    }
}

/* Functions know their names, for messages; one that comes from a typedef is copied for that. */
static const struct ctype *named_function(struct parser *parser,
                                          const struct declarator *declarator)
{
    struct ctype *function = ctype_new(&parser->declarations->types, CTYPE_FUNCTION);
    if (!function) {
        parser_no_memory(parser);
        return declarator->type;
    }
    *function = *declarator->type;
    function->plain = function;
    function->pointer = function->arrays = NULL;
    function->name = declarator->name;
    function->metatable = 0;
    function->plan = NULL;
    return function;
}

/* A record or enum without a tag is known by its first typedef, in texts. */
static void name_by_typedef(const struct declarator *declarator)
{
    struct ctype *plain = (struct ctype *)declarator->type->plain;
    if ((plain->kind == CTYPE_RECORD || plain->kind == CTYPE_ENUM) && !plain->name && !plain->alias)
        plain->alias = declarator->name;
}

static void declare(struct parser *parser, const struct specifiers *specifiers,
                    const struct declarator *declarator)
{
    struct declaration made = {.name = declarator->name,
                               .symbol = declarator->symbol,
                               .type = declarator->type,
                               .alias = declarator->alias};
    if (specifiers->is_typedef) {
        made.kind = DECLARED_TYPE;
        made.align = declarator->attributes.align;
        name_by_typedef(declarator);
    } else if (declarator->type->kind == CTYPE_FUNCTION) {
        made.kind = DECLARED_FUNCTION;
        made.type = named_function(parser, declarator);
        if (parser_is(parser, "{"))
            parser_fail(parser, "functions can be declared here, not defined");
    } else if (specifiers->is_static || parser_is(parser, "=")) {
        made.kind = DECLARED_CONSTANT;
        if (!parse_constant(parser, declarator, &made.value))
            return;
    } else {
        made.kind = DECLARED_VARIABLE;
        if (declarator->type->kind == CTYPE_VOID)
            parser_fail_at(parser, &declarator->at, "a variable cannot be void");
    }
    if (!parser->has_failed)
        add(parser, &declarator->at, &made);
}

static void parse_declaration(struct parser *parser)
{
    struct specifiers specifiers;
    parse_specifiers(parser, &specifiers);
    if (parser->has_failed)
        return;
    if (!parser_is(parser, ";")) {
        do {
            struct declarator declarator;
            parse_declarator(parser, &specifiers, &declarator);
            if (parser->has_failed)
                return;
            if (!declarator.name)
                parser_fail(parser, "expected a name");
            else
                declare(parser, &specifiers, &declarator);
        } while (parser_accept(parser, ","));
    }
    parser_expect(parser, ";");
}

/* extern "C" { ... }, as in headers that are for C++ too. */
static bool skip_linkage(struct parser *parser, int *open)
{
    struct ctokens tokens = parser->tokens;
    struct ctoken token = parser->token;
    if (*open > 0 && parser_accept(parser, "}")) {
        --*open;
        return true;
    }
    if (!parser_accept(parser, "extern"))
        return false;
    if (parser->token.kind == CTOKEN_STRING) {
        parser_advance(parser);
        if (parser_accept(parser, "{"))
            ++*open;
        return true;
    }
    if (!parser->has_failed) {
        parser->tokens = tokens;
        parser->token = token;
    }
    return false;
}

bool parse_declarations(struct declarations *declarations, const struct parse_request *request,
                        struct parse_error *error)
{
    struct parser parser = {.declarations = declarations, .request = request, .error = error};
    int open = 0;
    parser_start(&parser);
    while (parser.token.kind != CTOKEN_END) {
        if (!parser_accept(&parser, ";") && !skip_linkage(&parser, &open))
            parse_declaration(&parser);
    }
    if (open > 0)
        parser_expect(&parser, "}");
    if (parser.next_argument < request->argument_count)
        parser_fail(&parser, "there are more values than `$`");
    return !parser.has_failed;
}

const struct ctype *parse_type(struct declarations *declarations,
                               const struct parse_request *request, bool *is_new,
                               struct parse_error *error)
{
    struct parser parser = {.declarations = declarations, .request = request, .error = error};
    parser_start(&parser);
    const struct ctype *type = parse_type_name(&parser);
    if (parser.token.kind != CTOKEN_END)
        parser_fail(&parser, "expected the end of the type before `%.*s`",
                    parser_text_size(&parser.token), parser.token.start);
    if (parser.next_argument < request->argument_count)
        parser_fail(&parser, "there are more values than `$`");
    *is_new = parser.is_new;
    return parser.has_failed ? NULL : type;
}
