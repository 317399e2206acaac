#include "parser.h"

static struct constant parse_unary(struct parser *parser);

static struct constant signed_value(int64_t value)
{
    return (struct constant){value, false};
}

static struct constant parse_size_of(struct parser *parser, bool align)
{
    struct constant size = {0, true};
    bool bracket = parser_accept(parser, "(");
    if (bracket && parse_starts_type(parser)) {
        const struct ctype *type = parse_type_name(parser);
        if (type && type->extent != CTYPE_FIXED && type->plain->extent != CTYPE_FIXED)
            parser_fail(parser, "the size of this type is not known");
        else if (type)
            size.value = (int64_t)(align ? type->plain->align : ctype_size(type));
    } else {
        parser_fail(parser, "expected a type in parentheses");
    }
    parser_expect(parser, ")");
    return size;
}

static struct constant parse_named(struct parser *parser)
{
    const struct ctoken *token = &parser->token;
    const struct declaration *found =
        declarations_find(parser->declarations, token->start, token->size);
    if (!found || found->kind != DECLARED_CONSTANT) {
        parser_fail(parser, "`%.*s` is no constant", parser_text_size(token), token->start);
        return signed_value(0);
    }
    parser_advance(parser);
    return (struct constant){found->value, found->type && found->type->is_unsigned &&
                                               ctype_size(found->type) == 8};
}

static struct constant parse_argument_number(struct parser *parser)
{
    const struct parse_argument *argument = parser_argument(parser);
    if (argument && (argument->type || argument->name))
        parser_fail(parser, "the value for this `$` must be a number");
    parser_advance(parser);
    return signed_value(argument ? argument->number : 0);
}

/* Cuts the value to an integer type. */
static struct constant convert(struct constant value, const struct ctype *type)
{
    unsigned bits = (unsigned)ctype_size(type) * 8;
    if (type->kind == CTYPE_BOOL)
        return signed_value(value.value != 0);
    uint64_t raw = (uint64_t)value.value;
    if (bits < 64) {
        raw &= (UINT64_C(1) << bits) - 1;
        if (!type->is_unsigned && raw >> (bits - 1))
            raw |= ~UINT64_C(0) << bits;
    }
    return (struct constant){(int64_t)raw, type->is_unsigned && bits == 64};
}

static struct constant parse_bracket(struct parser *parser)
{
    struct constant value = {0};
    parser_advance(parser);
    if (!parser_enter(parser))
        return value;
    if (parse_starts_type(parser)) {
        const struct ctype *type = parse_type_name(parser);
        parser_expect(parser, ")");
        value = parse_unary(parser);
        if (type && !ctype_is_integer(type))
            parser_fail(parser, "a constant can only be cast to an integer type");
        else if (type)
            value = convert(value, type);
    } else {
        value = parse_expression(parser);
        parser_expect(parser, ")");
    }
    parser_leave(parser);
    return value;
}

static struct constant parse_primary(struct parser *parser)
{
    struct constant value = {0};
    const struct ctoken *token = &parser->token;
    if (token->kind == CTOKEN_INTEGER) {
        value = (struct constant){(int64_t)token->value, token->is_unsigned};
        parser_advance(parser);
    } else if (parser_is(parser, "$")) {
        value = parse_argument_number(parser);
    } else if (parser_is(parser, "(")) {
        value = parse_bracket(parser);
    } else if (parser_accept(parser, "sizeof")) {
        value = parse_size_of(parser, false);
    } else if (parser_accept(parser, "_Alignof") || parser_accept(parser, "alignof") ||
               parser_accept(parser, "__alignof__")) {
        value = parse_size_of(parser, true);
    } else if (token->kind == CTOKEN_NAME) {
        value = parse_named(parser);
    } else if (token->kind == CTOKEN_END) {
        parser_fail(parser, "expected a constant before the end");
    } else {
        parser_fail(parser, "expected a constant before `%.*s`", parser_text_size(token),
                    token->start);
    }
    return value;
}

static struct constant parse_unary(struct parser *parser)
{
    struct constant value = {0};
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return value;
    }
    if (parser_accept(parser, "-")) {
        value = parse_unary(parser);
        value.value = (int64_t)(0 - (uint64_t)value.value);
    } else if (parser_accept(parser, "+")) {
        value = parse_unary(parser);
    } else if (parser_accept(parser, "~")) {
        value = parse_unary(parser);
        value.value = ~value.value;
    } else if (parser_accept(parser, "!")) {
        value = signed_value(!parse_unary(parser).value);
    } else {
        value = parse_primary(parser);
    }
    parser_leave(parser);
    return value;
}

/* From the loosest to the tightest. */
static const struct binary {
    const char *sign;
    int level;
} binaries[] = {
    {"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6}, {"!=", 6},
    {"<", 7},  {">", 7},  {"<=", 7}, {">=", 7}, {"<<", 8}, {">>", 8}, {"+", 9},
    {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}, {NULL, 0},
};

static int64_t divide(struct parser *parser, char sign, struct constant a, struct constant b)
{
    if (b.value == 0) {
        parser_fail(parser, "this divides by zero");
        return 0;
    }
    if (a.is_unsigned || b.is_unsigned) {
        uint64_t left = (uint64_t)a.value, right = (uint64_t)b.value;
        return (int64_t)(sign == '/' ? left / right : left % right);
    }
    if (b.value == -1)
        return sign == '/' ? (int64_t)(0 - (uint64_t)a.value) : 0;
    return sign == '/' ? a.value / b.value : a.value % b.value;
}

static int64_t shift(const char *sign, struct constant a, struct constant b)
{
    unsigned count = (unsigned)b.value & 63;
    if (sign[0] == '<')
        return (int64_t)((uint64_t)a.value << count);
    return a.is_unsigned ? (int64_t)((uint64_t)a.value >> count) : a.value >> count;
}

static int64_t compare(const char *sign, struct constant a, struct constant b)
{
    bool is_unsigned = a.is_unsigned || b.is_unsigned;
    bool less = is_unsigned ? (uint64_t)a.value < (uint64_t)b.value : a.value < b.value;
    bool equal = a.value == b.value;
    switch (sign[0]) {
    case '<':
        return less || (sign[1] && equal);
    case '>':
        return (!less && !equal) || (sign[1] && equal);
    case '=':
        return equal;
    default:
        return !equal;
    }
}

static struct constant apply(struct parser *parser, const struct binary *binary, struct constant a,
                             struct constant b)
{
    struct constant result = {0, a.is_unsigned || b.is_unsigned};
    uint64_t left = (uint64_t)a.value, right = (uint64_t)b.value;
    switch (binary->level) {
    case 1:
        return signed_value(a.value || b.value);
    case 2:
        return signed_value(a.value && b.value);
    case 3:
        result.value = a.value | b.value;
        break;
    case 4:
        result.value = a.value ^ b.value;
        break;
    case 5:
        result.value = a.value & b.value;
        break;
    case 6:
    case 7:
        return signed_value(compare(binary->sign, a, b));
    case 8:
        return (struct constant){shift(binary->sign, a, b), a.is_unsigned};
    case 9:
        result.value = (int64_t)(binary->sign[0] == '+' ? left + right : left - right);
        break;
    default:
        result.value = binary->sign[0] == '*' ? (int64_t)(left * right)
                                              : divide(parser, binary->sign[0], a, b);
    }
    return result;
}

static const struct binary *find_operator(const struct parser *parser, int level)
{
    for (const struct binary *binary = binaries; binary->sign; binary++)
        if (binary->level >= level && parser_is(parser, binary->sign))
            return binary;
    return NULL;
}

static struct constant parse_binary(struct parser *parser, int level)
{
    struct constant left = parse_unary(parser);
    const struct binary *binary;
    while ((binary = find_operator(parser, level))) {
        parser_advance(parser);
        left = apply(parser, binary, left, parse_binary(parser, binary->level + 1));
    }
    return left;
}

struct constant parse_expression(struct parser *parser)
{
    struct constant value = {0};
    if (parser_enter(parser)) {
        value = parse_binary(parser, 1);
        if (parser_accept(parser, "?")) {
            struct constant then = parse_expression(parser);
            parser_expect(parser, ":");
            struct constant otherwise = parse_expression(parser);
            value = value.value ? then : otherwise;
        }
    }
    parser_leave(parser);
    return value;
}

size_t parse_count(struct parser *parser)
{
    struct ctoken at = parser->token;
    struct constant count = parse_expression(parser);
    if (count.value < 0 || (uint64_t)count.value > CTYPE_MOST_BYTES) {
        parser_fail_at(parser, &at,
                       count.value < 0 && !count.is_unsigned ? "this must not be negative"
                                                             : "this is too large");
        return 0;
    }
    return (size_t)count.value;
}
