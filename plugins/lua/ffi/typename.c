#include "typename.h"

enum { NAME_BYTES = 4096 };

static void declare(struct text *out, const struct ctype *type, const char *alias,
                    struct text *declarator);

static void qualifiers(struct text *out, unsigned set)
{
    text_puts(out, set & CTYPE_CONST ? "const " : "");
    text_puts(out, set & CTYPE_VOLATILE ? "volatile " : "");
}

static void base_name(struct text *out, const struct ctype *type, const char *alias)
{
    const char *keyword = type->kind == CTYPE_ENUM     ? "enum "
                          : type->kind != CTYPE_RECORD ? ""
                          : type->is_union             ? "union "
                                                       : "struct ";
    qualifiers(out, type->qualifiers);
    if (!alias && !type->name)
        alias = type->plain->alias;
    if (alias) {
        text_puts(out, alias);
        return;
    }
    text_puts(out, keyword);
    text_puts(out, type->name ? type->name : "<anonymous>");
}

/* Puts `before` and `after` around the declarator that is there. */
static void wrap(struct text *declarator, const char *before, const char *after)
{
    struct text made = {.limit = NAME_BYTES};
    text_puts(&made, before);
    text_add(&made, declarator->data, declarator->size);
    text_puts(&made, after);
    text_free(declarator);
    *declarator = made;
}

static void declare_pointer(struct text *out, const struct ctype *type, struct text *declarator)
{
    const struct ctype *target = type->inner;
    bool brackets = target->kind == CTYPE_ARRAY || target->kind == CTYPE_FUNCTION;
    struct text stars = {.limit = NAME_BYTES};
    text_puts(&stars, brackets ? "(*" : "*");
    qualifiers(&stars, type->qualifiers);
    if (declarator->size == 0 && type->qualifiers)
        text_cut(&stars, stars.size - 1);
    text_add(&stars, "", 1);
    wrap(declarator, stars.data ? stars.data : "*", brackets ? ")" : "");
    text_free(&stars);
    declare(out, target, NULL, declarator);
}

static void declare_array(struct text *out, const struct ctype *type, struct text *declarator)
{
    if (type->extent == CTYPE_VARIABLE) {
        wrap(declarator, "", "[?]");
    } else if (type->extent == CTYPE_UNKNOWN) {
        wrap(declarator, "", "[]");
    } else {
        text_printf(declarator, "[%zu]", type->count);
    }
    declare(out, type->inner, NULL, declarator);
}

static void declare_function(struct text *out, const struct ctype *type, struct text *declarator)
{
    text_puts(declarator, "(");
    for (const struct cfield *field = type->fields; field; field = field->next) {
        if (field != type->fields)
            text_puts(declarator, ", ");
        typename_field(declarator, field);
    }
    if (type->is_variadic)
        text_puts(declarator, type->fields ? ", ..." : "...");
    else if (!type->fields && declarator->size > 1)
        text_puts(declarator, "void");
    text_puts(declarator, ")");
    declare(out, type->inner, type->alias, declarator);
}

static void declare(struct text *out, const struct ctype *type, const char *alias,
                    struct text *declarator)
{
    if (!alias && type->kind == CTYPE_POINTER) {
        declare_pointer(out, type, declarator);
    } else if (!alias && type->kind == CTYPE_ARRAY) {
        declare_array(out, type, declarator);
    } else if (!alias && type->kind == CTYPE_FUNCTION) {
        declare_function(out, type, declarator);
    } else {
        base_name(out, type, alias);
        text_puts(out, declarator->size ? " " : "");
        text_add(out, declarator->data, declarator->size);
    }
}

static void start(struct text *out, const struct ctype *type, const char *alias, const char *name)
{
    struct text declarator = {.limit = NAME_BYTES};
    text_puts(&declarator, name ? name : "");
    declare(out, type, alias, &declarator);
    text_free(&declarator);
}

void typename_declare(struct text *out, const struct ctype *type, const char *name)
{
    start(out, type, NULL, name);
}

void typename_field(struct text *out, const struct cfield *field)
{
    start(out, field->type, field->alias, field->name);
    if (field->is_bit_field)
        text_printf(out, ": %u", field->bits);
}

void typename_function(struct text *out, const struct ctype *function, const char *name)
{
    start(out, function, NULL, name);
}
