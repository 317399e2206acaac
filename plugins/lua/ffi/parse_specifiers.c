#include "parser.h"

/* The words that make up a basic type, counted. */
struct words {
    int is_void, is_bool, is_char, is_short, is_int, is_long, is_signed, is_unsigned;
    int is_float, is_double, count;
};

static const struct word {
    const char *text;
    size_t place; /* of the count in struct words */
} basic_words[] = {
    {"void", offsetof(struct words, is_void)},
    {"bool", offsetof(struct words, is_bool)},
    {"_Bool", offsetof(struct words, is_bool)},
    {"char", offsetof(struct words, is_char)},
    {"short", offsetof(struct words, is_short)},
    {"int", offsetof(struct words, is_int)},
    {"long", offsetof(struct words, is_long)},
    {"signed", offsetof(struct words, is_signed)},
    {"__signed__", offsetof(struct words, is_signed)},
    {"unsigned", offsetof(struct words, is_unsigned)},
    {"float", offsetof(struct words, is_float)},
    {"double", offsetof(struct words, is_double)},
};

static const char *const unsupported_words[] = {
    "_Complex",   "complex",  "__complex__", "_Atomic", "__int128",   "_Float128",
    "__float128", "_Float16", "_Decimal64",  "typeof",  "__typeof__", NULL};

/* What may stand in front of a type and says nothing about it here. */
static const char *const storage_words[] = {
    "inline",        "__inline",     "__inline__", "register",      "auto",
    "_Thread_local", "__thread",     "_Noreturn",  "__extension__", "restrict",
    "__restrict",    "__restrict__", NULL};

static const char *const qualifier_words[] = {"const",      "__const",      "__const__", "volatile",
                                              "__volatile", "__volatile__", NULL};

static bool is_among(const struct parser *parser, const char *const *words)
{
    for (; *words; words++)
        if (parser_is(parser, *words))
            return true;
    return false;
}

static const struct word *find_basic(const struct parser *parser)
{
    for (size_t i = 0; i < sizeof(basic_words) / sizeof(basic_words[0]); i++)
        if (parser_is(parser, basic_words[i].text))
            return &basic_words[i];
    return NULL;
}

static const struct declaration *find_typedef(const struct parser *parser)
{
    if (parser->token.kind != CTOKEN_NAME)
        return NULL;
    const struct declaration *found =
        declarations_find(parser->declarations, parser->token.start, parser->token.size);
    return found && found->kind == DECLARED_TYPE ? found : NULL;
}

bool parse_starts_type(const struct parser *parser)
{
    if (parser_is(parser, "$")) {
        size_t next = parser->next_argument;
        return next < parser->request->argument_count && parser->request->arguments[next].type;
    }
    return parser_is(parser, "struct") || parser_is(parser, "union") || parser_is(parser, "enum") ||
           parser_is(parser, "static") || parser_is(parser, "extern") ||
           parser_is(parser, "typedef") || parser_is(parser, "__attribute__") ||
           find_basic(parser) || is_among(parser, qualifier_words) ||
           is_among(parser, storage_words) || is_among(parser, unsupported_words) ||
           find_typedef(parser);
}

static const struct ctype *integer_of(const struct parser *parser, const struct words *words,
                                      const char **alias)
{
    const struct ctypes *types = &parser->declarations->types;
    if (words->is_char && !words->is_signed && !words->is_unsigned)
        return types->char_type;
    if (words->is_long)
        *alias = words->is_long == 1 ? (words->is_unsigned ? "unsigned long" : "long")
                                     : (words->is_unsigned ? "unsigned long long" : "long long");
    size_t size = words->is_char        ? 1
                  : words->is_short     ? sizeof(short)
                  : words->is_long == 1 ? sizeof(long)
                  : words->is_long      ? sizeof(long long)
                                        : sizeof(int);
    return ctype_int(types, size, words->is_unsigned);
}

/* The type that the words name, or NULL when they do not go together. */
static const struct ctype *type_of_words(const struct parser *parser, const struct words *words,
                                         const char **alias)
{
    const struct ctypes *types = &parser->declarations->types;
    if (words->is_void)
        return words->count == 1 ? types->void_type : NULL;
    if (words->is_bool)
        return words->count == 1 ? types->bool_type : NULL;
    if (words->is_float)
        return words->count == 1 ? types->float_type : NULL;
    if (words->is_double)
        return words->count == 1                     ? types->double_type
               : words->count == 2 && words->is_long ? types->long_double_type
                                                     : NULL;
    if (words->is_char > 1 || words->is_short > 1 || words->is_int > 1 || words->is_long > 2 ||
        words->is_signed + words->is_unsigned > 1 ||
        (words->is_char != 0) + (words->is_short != 0) + (words->is_long != 0) > 1 ||
        (words->is_char && words->is_int))
        return NULL;
    return integer_of(parser, words, alias);
}

static void take_basic(struct parser *parser, const struct word *word, struct words *words)
{
    int *count = (int *)((char *)words + word->place);
    ++*count;
    words->count++;
    parser_advance(parser);
}

/* Takes a typedef name; "$" with a type stands for one too. */
static bool take_named(struct parser *parser, struct specifiers *specifiers)
{
    const struct declaration *found = find_typedef(parser);
    if (found) {
        specifiers->type = found->type;
        specifiers->alias = found->name;
        if (specifiers->attributes.align < found->align)
            specifiers->attributes.align = found->align;
    } else if (parser_is(parser, "$") && parse_starts_type(parser)) {
        specifiers->type = parser_argument(parser)->type;
    } else {
        return false;
    }
    parser_advance(parser);
    return true;
}

/* Takes a struct, union or enum. */
static bool take_tagged(struct parser *parser, struct specifiers *specifiers)
{
    if (parser_accept(parser, "struct"))
        specifiers->type = parse_record(parser, false);
    else if (parser_accept(parser, "union"))
        specifiers->type = parse_record(parser, true);
    else if (parser_accept(parser, "enum"))
        specifiers->type = parse_enum(parser);
    else
        return false;
    return true;
}

static bool take_modifier(struct parser *parser, struct specifiers *specifiers,
                          unsigned *qualifiers)
{
    if (is_among(parser, qualifier_words)) {
        bool is_const = parser->token.start[parser->token.start[0] == '_' ? 2 : 0] == 'c';
        *qualifiers |= is_const ? CTYPE_CONST : CTYPE_VOLATILE;
    } else if (parser_is(parser, "typedef")) {
        specifiers->is_typedef = true;
    } else if (parser_is(parser, "static")) {
        specifiers->is_static = true;
    } else if (parser_is(parser, "extern")) {
        specifiers->is_extern = true;
    } else if (!is_among(parser, storage_words)) {
        return false;
    }
    parser_advance(parser);
    return true;
}

static void fail_without_type(struct parser *parser)
{
    const struct ctoken *token = &parser->token;
    if (token->kind == CTOKEN_END)
        parser_fail(parser, "expected a type before the end");
    else if (token->kind == CTOKEN_NAME)
        parser_fail(parser, "`%.*s` is no type that is known here", parser_text_size(token),
                    token->start);
    else
        parser_fail(parser, "expected a type before `%.*s`", parser_text_size(token), token->start);
}

void parse_specifiers(struct parser *parser, struct specifiers *specifiers)
{
    struct words words = {0};
    unsigned qualifiers = 0;
    struct ctoken at = parser->token;
    *specifiers = (struct specifiers){0};
    while (!parser->has_failed) {
        const struct word *word = specifiers->type ? NULL : find_basic(parser);
        if (is_among(parser, unsupported_words)) {
            parser_fail(parser, "`%.*s` is not supported", parser_text_size(&parser->token),
                        parser->token.start);
        } else if (word) {
            take_basic(parser, word, &words);
        } else if (!take_modifier(parser, specifiers, &qualifiers) &&
                   !parse_attributes(parser, &specifiers->attributes)) {
            bool named = !specifiers->type && words.count == 0 &&
                         (take_tagged(parser, specifiers) || take_named(parser, specifiers));
            if (!named)
                break;
        }
    }
    if (parser->has_failed)
        return;
    if (words.count > 0) {
        specifiers->type = type_of_words(parser, &words, &specifiers->alias);
        if (!specifiers->type)
            parser_fail_at(parser, &at, "these words make no type together");
    } else if (!specifiers->type) {
        fail_without_type(parser);
    }
    if (!parser->has_failed) {
        specifiers->type =
            ctype_qualified(&parser->declarations->types, specifiers->type, qualifiers);
        if (!specifiers->type)
            parser_no_memory(parser);
    }
}
