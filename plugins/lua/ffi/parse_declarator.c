#include "parser.h"

static const struct ctype *parse_suffix(struct parser *parser, const struct ctype *type,
                                        const char *alias);

static const struct ctype *checked(struct parser *parser, const struct ctype *type)
{
    if (!type)
        parser_no_memory(parser);
    return type;
}

/* "* const" in front of the name, each with its qualifiers. */
static const struct ctype *parse_pointers(struct parser *parser, const struct ctype *type)
{
    struct attributes ignored = {0};
    while (!parser->has_failed && parser_accept(parser, "*")) {
        type = checked(parser, ctype_pointer(&parser->declarations->types, type));
        for (bool more = true; more && !parser->has_failed;) {
            unsigned qualifiers = 0;
            if (parser_accept(parser, "const") || parser_accept(parser, "__const"))
                qualifiers = CTYPE_CONST;
            else if (parser_accept(parser, "volatile"))
                qualifiers = CTYPE_VOLATILE;
            else
                more = parser_accept(parser, "restrict") || parser_accept(parser, "__restrict__") ||
                       parse_attributes(parser, &ignored);
            if (qualifiers)
                type = checked(parser,
                               ctype_qualified(&parser->declarations->types, type, qualifiers));
        }
    }
    return type;
}

static const struct ctype *make_array(struct parser *parser, const struct ctoken *at,
                                      const struct ctype *element, size_t count,
                                      enum ctype_extent extent)
{
    if (parser->has_failed)
        return NULL;
    if (element->kind == CTYPE_VOID || element->kind == CTYPE_FUNCTION ||
        element->plain->extent != CTYPE_FIXED) {
        parser_fail_at(parser, at, "an array cannot have elements of this type");
        return NULL;
    }
    size_t each = ctype_size(element);
    if (each && count > CTYPE_MOST_BYTES / each) {
        parser_fail_at(parser, at, "this array is too large");
        return NULL;
    }
    return checked(parser, ctype_array(&parser->declarations->types, element, count, extent));
}

static const struct ctype *parse_array(struct parser *parser, const struct ctype *element)
{
    struct ctoken at = parser->token;
    enum ctype_extent extent = CTYPE_FIXED;
    size_t count = 0;
    parser_advance(parser);
    while (parser_accept(parser, "static") || parser_accept(parser, "const") ||
           parser_accept(parser, "restrict") || parser_accept(parser, "__restrict"))
        continue;
    if (parser_is(parser, "]")) {
        extent = CTYPE_UNKNOWN;
    } else if (parser_is(parser, "?")) {
        extent = CTYPE_VARIABLE;
        parser_advance(parser);
    } else {
        count = parse_count(parser);
    }
    parser_expect(parser, "]");
    if (parser_enter(parser))
        element = parse_suffix(parser, element, NULL);
    parser_leave(parser);
    return make_array(parser, &at, element, count, extent);
}

/* Arrays and functions are handed over as pointers. */
static const struct ctype *decay(struct parser *parser, const struct ctype *type)
{
    if (parser->has_failed)
        return NULL;
    if (type->kind == CTYPE_ARRAY)
        return checked(parser, ctype_pointer(&parser->declarations->types, type->inner));
    if (type->kind == CTYPE_FUNCTION)
        return checked(parser, ctype_pointer(&parser->declarations->types, type));
    return type;
}

static struct cfield *parse_parameter(struct parser *parser)
{
    struct specifiers specifiers;
    struct declarator declarator;
    struct ctoken at = parser->token;
    parse_specifiers(parser, &specifiers);
    if (!parser->has_failed)
        parse_declarator(parser, &specifiers, &declarator);
    if (parser->has_failed)
        return NULL;
    struct cfield *field = arena_take(&parser->declarations->types.arena, sizeof(*field));
    if (!field) {
        parser_no_memory(parser);
        return NULL;
    }
    field->name = declarator.name;
    field->type = decay(parser, declarator.type);
    field->alias = field->type == declarator.type ? declarator.alias : NULL;
    if (field->type && field->type->kind == CTYPE_VOID)
        parser_fail_at(parser, &at, "a parameter cannot be void");
    return field;
}

static void parse_parameters(struct parser *parser, struct ctype *function)
{
    struct cfield **last = &function->fields;
    struct ctokens tokens = parser->tokens;
    struct ctoken token = parser->token;
    if (parser_accept(parser, "void")) {
        if (parser_accept(parser, ")"))
            return;
        if (!parser->has_failed) {
            parser->tokens = tokens;
            parser->token = token;
        }
    }
    if (parser_accept(parser, ")"))
        return;
    do {
        if (parser_accept(parser, "...")) {
            function->is_variadic = true;
            break;
        }
        *last = parse_parameter(parser);
        if (!*last)
            return;
        last = &(*last)->next;
        function->field_count++;
    } while (parser_accept(parser, ","));
    parser_expect(parser, ")");
}

static const struct ctype *parse_function(struct parser *parser, const struct ctype *result,
                                          const char *alias)
{
    struct ctoken at = parser->token;
    struct ctype *function = ctype_new(&parser->declarations->types, CTYPE_FUNCTION);
    parser_advance(parser);
    if (!function) {
        parser_no_memory(parser);
        return NULL;
    }
    if (parser_enter(parser))
        parse_parameters(parser, function);
    parser_leave(parser);
    const struct ctype *inner = parse_suffix(parser, result, NULL);
    if (parser->has_failed)
        return NULL;
    if (inner->kind == CTYPE_ARRAY || inner->kind == CTYPE_FUNCTION)
        parser_fail_at(parser, &at, "a function cannot return an array or a function");
    function->inner = inner;
    function->alias = inner == result ? alias : NULL;
    function->extent = CTYPE_UNKNOWN;
    return function;
}

/* "[3][4]" or "(int, char)" behind the name. */
static const struct ctype *parse_suffix(struct parser *parser, const struct ctype *type,
                                        const char *alias)
{
    if (parser->has_failed)
        return NULL;
    if (parser_is(parser, "["))
        return parse_array(parser, type);
    if (parser_is(parser, "("))
        return parse_function(parser, type, alias);
    return type;
}

/* Is the bracket at the token one around a declarator, and not a list of parameters? */
static bool is_nested(struct parser *parser)
{
    struct ctokens tokens = parser->tokens;
    struct ctoken token = parser->token;
    if (!parser_accept(parser, "("))
        return false;
    bool nested = parser_is(parser, "*") || parser_is(parser, "(") || parser_is(parser, "[") ||
                  parser_is(parser, "__attribute__") ||
                  (parser->token.kind == CTOKEN_NAME && !parse_starts_type(parser));
    if (!parser->has_failed) {
        parser->tokens = tokens;
        parser->token = token;
    }
    return nested;
}

static const struct ctype *parse_direct(struct parser *parser, const struct ctype *type,
                                        struct declarator *declarator);

/* What stands in the brackets applies to what the suffix behind them makes: so that is read first.
 */
static const struct ctype *parse_nested(struct parser *parser, const struct ctype *type,
                                        struct declarator *declarator)
{
    struct ctokens inner = parser->tokens;
    parser_skip_brackets(parser);
    type = parse_suffix(parser, type, declarator->alias);
    if (parser->has_failed)
        return NULL;
    struct ctokens behind = parser->tokens;
    struct ctoken token = parser->token;
    parser->tokens = inner;
    parser_advance(parser);
    type = parse_direct(parser, type, declarator);
    parser_expect(parser, ")");
    if (!parser->has_failed) {
        parser->tokens = behind;
        parser->token = token;
    }
    return type;
}

static const struct ctype *parse_direct(struct parser *parser, const struct ctype *type,
                                        struct declarator *declarator)
{
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return NULL;
    }
    parse_attributes(parser, &declarator->attributes);
    const struct ctype *target = type;
    type = parse_pointers(parser, type);
    if (type != target)
        declarator->alias = NULL;
    parse_attributes(parser, &declarator->attributes);
    if (is_nested(parser)) {
        type = parse_nested(parser, type, declarator);
    } else if (!parser->has_failed) {
        declarator->at = parser->token;
        if (parser->token.kind == CTOKEN_NAME && !parser_is(parser, "__asm__"))
            declarator->name = parser_name(parser);
        else if (parser_is(parser, "$"))
            declarator->name = parser_name(parser);
        type = parse_suffix(parser, type, declarator->alias);
    }
    parser_leave(parser);
    return type;
}

void parse_declarator(struct parser *parser, const struct specifiers *specifiers,
                      struct declarator *declarator)
{
    *declarator = (struct declarator){.type = specifiers->type,
                                      .alias = specifiers->alias,
                                      .at = parser->token,
                                      .attributes = specifiers->attributes};
    declarator->type = parse_direct(parser, specifiers->type, declarator);
    if (!parser->has_failed) {
        parse_attributes(parser, &declarator->attributes);
        declarator->symbol = parse_symbol(parser);
        parse_attributes(parser, &declarator->attributes);
    }
    if (declarator->type != specifiers->type)
        declarator->alias = NULL;
}

const struct ctype *parse_type_name(struct parser *parser)
{
    struct specifiers specifiers;
    struct declarator declarator = {0};
    struct ctoken at = parser->token;
    parse_specifiers(parser, &specifiers);
    if (parser->has_failed)
        return NULL;
    parse_declarator(parser, &specifiers, &declarator);
    if (declarator.name || specifiers.is_typedef || specifiers.is_static || specifiers.is_extern)
        parser_fail_at(parser, declarator.name ? &declarator.at : &at,
                       "expected a type without a name");
    return parser->has_failed ? NULL : declarator.type;
}
