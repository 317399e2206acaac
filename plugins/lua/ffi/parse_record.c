#include "parser.h"

#include "layout.h"

#include <string.h>

/* The type of this tag, made when it is new. Without a tag at the token: a type without name. */
static struct ctype *parse_tag(struct parser *parser, enum ctype_kind kind, bool is_union)
{
    struct declarations *declarations = parser->declarations;
    const char *name = NULL;
    if (parser->token.kind == CTOKEN_NAME) {
        const struct ctoken *token = &parser->token;
        struct ctype *known = names_find(&declarations->tags, token->start, token->size);
        if (known && (known->kind != kind || known->is_union != is_union)) {
            parser_fail(parser, "`%.*s` is another kind of tag already", parser_text_size(token),
                        token->start);
            return NULL;
        }
        name = parser_name(parser);
        if (known)
            return known;
    } else if (!parser_is(parser, "{")) {
        parser_fail(parser, "expected a name or `{`");
        return NULL;
    }
    struct ctype *made = ctype_new(&declarations->types, kind);
    if (!made || (name && !names_set(&declarations->tags, name, made))) {
        parser_no_memory(parser);
        return NULL;
    }
    made->name = name;
    made->is_union = is_union;
    made->extent = CTYPE_UNKNOWN;
    return made;
}

static struct cfield *new_field(struct parser *parser, struct cfield ***last)
{
    struct cfield *field = arena_take(&parser->declarations->types.arena, sizeof(*field));
    if (!field) {
        parser_no_memory(parser);
        return NULL;
    }
    **last = field;
    *last = &field->next;
    return field;
}

struct members {
    struct layout layout;
    struct cfield **last;
    const struct cfield *open; /* a flexible array, which must be the last member */
};

static void check_width(struct parser *parser, const struct ctoken *at, struct cfield *field,
                        int64_t width)
{
    const struct ctype *type = field->type;
    int64_t most = type->kind == CTYPE_BOOL ? 1 : (int64_t)ctype_size(type) * 8;
    if (!ctype_is_integer(type))
        parser_fail_at(parser, at, "a bit-field must have an integer type");
    else if (width < 0 || width > most)
        parser_fail_at(parser, at, "a bit-field of this type has 1 to %d bits", (int)most);
    else if (width == 0 && field->name)
        parser_fail_at(parser, at, "only a bit-field without name can have 0 bits");
    field->is_bit_field = true;
    field->bits = (unsigned)width;
}

static void check_member(struct parser *parser, const struct members *members,
                         const struct ctoken *at, const struct cfield *field)
{
    const struct ctype *type = field->type;
    size_t offset;
    if (members->open)
        parser_fail_at(parser, at, "nothing can follow the array `%s` without a fixed size",
                       members->open->name);
    else if (type->kind == CTYPE_VOID || type->kind == CTYPE_FUNCTION)
        parser_fail_at(parser, at, "a member cannot be void or a function");
    else if (type->kind == CTYPE_RECORD && type->plain->extent != CTYPE_FIXED)
        parser_fail_at(parser, at, "the size of this type is not known yet");
    else if (type->kind == CTYPE_ARRAY && type->extent == CTYPE_VARIABLE &&
             members->layout.record->is_union)
        parser_fail_at(parser, at, "a union cannot hold an array of variable size");
    else if (field->name &&
             ctype_field(members->layout.record, field->name, strlen(field->name), &offset))
        parser_fail_at(parser, at, "there is a member `%s` already", field->name);
}

static void add_member(struct parser *parser, struct members *members,
                       const struct declarator *declarator)
{
    struct cfield made = {
        .name = declarator->name, .type = declarator->type, .alias = declarator->alias};
    struct ctype *record = members->layout.record;
    struct ctoken at = parser->token;
    if (parser_accept(parser, ":")) {
        struct attributes attributes = declarator->attributes;
        check_width(parser, &at, &made, parse_expression(parser).value);
        parse_attributes(parser, &attributes);
    }
    if (!parser->has_failed)
        check_member(parser, members, &declarator->at, &made);
    struct cfield *field = parser->has_failed ? NULL : new_field(parser, &members->last);
    if (!field)
        return;
    *field = made;
    record->field_count++;
    bool was_packed = record->is_packed;
    record->is_packed |= declarator->attributes.is_packed;
    bool fits = layout_add(&members->layout, field, declarator->attributes.align);
    record->is_packed = was_packed;
    if (!fits)
        parser_fail_at(parser, &declarator->at, "the type gets too large with this member");
    if (field->type->kind == CTYPE_ARRAY && field->type->extent != CTYPE_FIXED) {
        members->open = field;
        record->repeat = field->type->extent == CTYPE_VARIABLE ? field : NULL;
    }
}

static void add_constant(struct parser *parser, struct members *members,
                         const struct declarator *declarator)
{
    int64_t value;
    if (!parse_constant(parser, declarator, &value))
        return;
    struct cfield *field = new_field(parser, &members->last);
    if (field)
        *field = (struct cfield){.name = declarator->name,
                                 .type = declarator->type,
                                 .alias = declarator->alias,
                                 .is_constant = true,
                                 .value = value};
}

/* A declaration without declarator: an anonymous struct or union, whose members are the record's
 * own. Other declarations say nothing about the record. */
static void add_anonymous(struct parser *parser, struct members *members,
                          const struct specifiers *specifiers, const struct ctoken *at)
{
    if (specifiers->type->kind != CTYPE_RECORD || specifiers->type->name)
        return;
    for (const struct cfield *field = specifiers->type->plain->fields; field; field = field->next) {
        size_t offset;
        if (field->name &&
            ctype_field(members->layout.record, field->name, strlen(field->name), &offset))
            parser_fail_at(parser, at, "there is a member `%s` already", field->name);
    }
    add_member(parser, members,
               &(struct declarator){
                   .type = specifiers->type, .at = *at, .attributes = specifiers->attributes});
}

static void parse_member(struct parser *parser, struct members *members)
{
    struct specifiers specifiers;
    struct ctoken at = parser->token;
    parse_specifiers(parser, &specifiers);
    if (parser->has_failed)
        return;
    if (specifiers.is_typedef || specifiers.is_extern) {
        parser_fail_at(parser, &at, "expected a member");
    } else if (parser_is(parser, ";")) {
        add_anonymous(parser, members, &specifiers, &at);
    } else {
        do {
            struct declarator declarator;
            parse_declarator(parser, &specifiers, &declarator);
            if (parser->has_failed)
                return;
            if (!declarator.name && !parser_is(parser, ":"))
                parser_fail(parser, "expected the name of a member");
            else if (specifiers.is_static)
                add_constant(parser, members, &declarator);
            else
                add_member(parser, members, &declarator);
        } while (parser_accept(parser, ","));
    }
    parser_expect(parser, ";");
}

/* The definition is built apart from the type, which gets it when it is complete. */
static void parse_body(struct parser *parser, struct ctype *type, struct attributes *attributes)
{
    struct ctype made = {.kind = CTYPE_RECORD, .is_union = type->is_union, .align = 1};
    made.plain = &made;
    made.is_packed = attributes->is_packed;
    struct members members = {.layout = {.record = &made, .align = 1}, .last = &made.fields};
    members.layout.most_align = parser->pack[parser->pack_depth];

    /* Attributes behind the brace count for all members, so they are looked up first. */
    struct ctokens tokens = parser->tokens;
    struct ctoken token = parser->token;
    struct parser before = *parser;
    parser_skip_brackets(parser);
    parse_attributes(parser, attributes);
    memcpy(parser->pack, before.pack, sizeof(parser->pack));
    parser->pack_depth = before.pack_depth;
    made.is_packed |= attributes->is_packed;
    if (parser->has_failed)
        return;
    struct ctokens behind = parser->tokens;
    struct ctoken next = parser->token;
    parser->tokens = tokens;
    parser->token = token;

    parser_advance(parser);
    while (!parser_is(parser, "}") && !parser->has_failed) {
        if (!parser_accept(parser, ";"))
            parse_member(parser, &members);
    }
    if (parser->has_failed)
        return;
    parser->tokens = behind;
    parser->token = next;
    if (!layout_end(&members.layout, attributes->align)) {
        parser_fail(parser, "this type is too large");
        return;
    }
    made.extent = made.repeat ? CTYPE_VARIABLE : CTYPE_FIXED;
    if (type->extent != CTYPE_UNKNOWN) {
        if (!ctype_same_body(type, &made))
            parser_fail_at(parser, &token, "`%s %s` is defined differently already",
                           type->is_union ? "union" : "struct", type->name);
        return;
    }
    type->fields = made.fields;
    type->field_count = made.field_count;
    type->size = made.size;
    type->align = made.align;
    type->extent = made.extent;
    type->is_packed = made.is_packed;
    type->repeat = made.repeat;
}

const struct ctype *parse_record(struct parser *parser, bool is_union)
{
    struct attributes attributes = {0};
    parse_attributes(parser, &attributes);
    struct ctype *type = parse_tag(parser, CTYPE_RECORD, is_union);
    if (!type)
        return NULL;
    parse_attributes(parser, &attributes);
    if (parser_is(parser, "{") && parser_enter(parser)) {
        parser->is_new = true;
        parse_body(parser, type, &attributes);
        parser_leave(parser);
    }
    return type;
}

/* Adds a constant of `type` to `made`, the list that is being read. */
static void add_enumerator(struct parser *parser, const struct ctype *type, struct ctype *made,
                           struct cfield ***last, int64_t *value)
{
    struct ctoken at = parser->token;
    if (parser->token.kind != CTOKEN_NAME) {
        parser_fail(parser, "expected the name of a constant");
        return;
    }
    const char *name = parser_name(parser);
    struct attributes ignored = {0};
    parse_attributes(parser, &ignored);
    if (parser_accept(parser, "="))
        *value = parse_expression(parser).value;
    struct cfield *field = parser->has_failed ? NULL : new_field(parser, last);
    if (!field)
        return;
    *field = (struct cfield){.name = name, .is_constant = true, .value = *value};
    made->field_count++;
    struct declaration constant = {
        .kind = DECLARED_CONSTANT, .name = name, .type = type, .value = *value};
    switch (declarations_add(parser->declarations, &constant)) {
    case DECLARING_OK:
        break;
    case DECLARING_CONFLICT:
        parser_fail_at(parser, &at, "`%s` is declared as something else already", name);
        break;
    case DECLARING_NO_MEMORY:
        parser_no_memory(parser);
    }
}

/* As GCC does it: unsigned int unless a constant is negative or too large for it. */
static const struct ctype *integer_behind(const struct ctypes *types, const struct ctype *type)
{
    bool negative = false;
    bool wide = false;
    for (const struct cfield *field = type->fields; field; field = field->next)
        negative |= field->value < 0;
    for (const struct cfield *field = type->fields; field; field = field->next)
        wide |= negative ? field->value < INT32_MIN || field->value > INT32_MAX
                         : field->value > UINT32_MAX;
    return ctype_int(types, wide ? 8 : 4, !negative);
}

static void parse_constants(struct parser *parser, struct ctype *type)
{
    const struct ctypes *types = &parser->declarations->types;
    struct ctype made = {.kind = CTYPE_ENUM};
    struct cfield **last = &made.fields;
    int64_t value = 0;
    struct ctoken at = parser->token;
    /* The constants know their type, and the type has a size from now on. */
    bool known = type->extent == CTYPE_FIXED;
    if (!known) {
        type->inner = ctype_int(types, 4, true);
        type->size = type->align = 4;
        type->is_unsigned = true;
    }
    parser_advance(parser);
    while (!parser_is(parser, "}") && !parser->has_failed) {
        add_enumerator(parser, type, &made, &last, &value);
        value = (int64_t)((uint64_t)value + 1);
        if (!parser_accept(parser, ","))
            break;
    }
    parser_expect(parser, "}");
    if (parser->has_failed)
        return;
    made.inner = integer_behind(types, &made);
    made.size = made.align = ctype_size(made.inner);
    made.is_unsigned = made.inner->is_unsigned;
    made.extent = CTYPE_FIXED;
    if (known && !ctype_same_body(type, &made)) {
        parser_fail_at(parser, &at, "`enum %s` is defined differently already", type->name);
    } else if (!known) {
        type->fields = made.fields;
        type->field_count = made.field_count;
        type->inner = made.inner;
        type->size = made.size;
        type->align = made.align;
        type->is_unsigned = made.is_unsigned;
        type->extent = CTYPE_FIXED;
    }
}

const struct ctype *parse_enum(struct parser *parser)
{
    struct attributes ignored = {0};
    parse_attributes(parser, &ignored);
    struct ctype *type = parse_tag(parser, CTYPE_ENUM, false);
    if (!type)
        return NULL;
    if (type->extent == CTYPE_UNKNOWN && !type->inner) {
        type->inner = ctype_int(&parser->declarations->types, 4, true);
        type->size = type->align = 4;
        type->is_unsigned = true;
    }
    if (parser_is(parser, "{")) {
        parser->is_new = true;
        parse_constants(parser, type);
        parse_attributes(parser, &ignored);
    }
    return type;
}

bool parse_constant(struct parser *parser, const struct declarator *declarator, int64_t *value)
{
    const struct ctype *type = declarator->type;
    if (!(type->qualifiers & CTYPE_CONST) || !ctype_is_integer(type)) {
        parser_fail_at(parser, &declarator->at,
                       "only `static const` integers can be given a value here");
        return false;
    }
    parser_expect(parser, "=");
    *value = parse_expression(parser).value;
    return !parser->has_failed;
}
