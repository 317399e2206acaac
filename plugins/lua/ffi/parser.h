/* What the files of the parser share. An error is sticky: after the first one there are no more
 * tokens, so that every loop comes to its end. */
#ifndef FFI_PARSER_H
#define FFI_PARSER_H

#include "ctoken.h"
#include "parse.h"

enum { PARSER_MOST_DEPTH = 60 };

struct parser {
    struct declarations *declarations;
    const struct parse_request *request;
    struct parse_error *error;
    struct ctokens tokens;
    struct ctoken token; /* the one to be looked at */
    size_t next_argument;
    size_t pack[16]; /* #pragma pack */
    size_t pack_depth;
    int depth;
    bool has_failed;
    bool is_new; /* a record or enum was defined */
};

struct attributes {
    bool is_packed;
    size_t align; /* 0: not asked for */
};

/* "unsigned const int", "struct point { ... }": what a declaration starts with. */
struct specifiers {
    const struct ctype *type;
    const char *alias;
    struct attributes attributes;
    bool is_typedef;
    bool is_static;
    bool is_extern;
};

/* "*name[3]": the rest. */
struct declarator {
    const struct ctype *type;
    const char *name; /* NULL: there is none */
    const char *alias;
    const char *symbol;
    struct ctoken at;
    struct attributes attributes;
};

/* parser.c */
void parser_start(struct parser *parser);
void parser_advance(struct parser *parser);
bool parser_is(const struct parser *parser, const char *text);
bool parser_accept(struct parser *parser, const char *text);
void parser_expect(struct parser *parser, const char *text);
const char *parser_name(struct parser *parser);
const struct parse_argument *parser_argument(struct parser *parser);
void parser_fail(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void parser_fail_at(struct parser *parser, const struct ctoken *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void parser_no_memory(struct parser *parser);
bool parser_enter(struct parser *parser);
void parser_leave(struct parser *parser);
/* Skips to behind the bracket that closes the one at the token. */
void parser_skip_brackets(struct parser *parser);
int parser_text_size(const struct ctoken *token);

/* parse_attribute.c */
bool parse_attributes(struct parser *parser, struct attributes *attributes);
const char *parse_symbol(struct parser *parser);
void parse_pragma(struct parser *parser);

/* parse_specifiers.c */
bool parse_starts_type(const struct parser *parser);
void parse_specifiers(struct parser *parser, struct specifiers *specifiers);

/* parse_declarator.c */
void parse_declarator(struct parser *parser, const struct specifiers *specifiers,
                      struct declarator *declarator);
const struct ctype *parse_type_name(struct parser *parser);

/* parse_record.c */
const struct ctype *parse_record(struct parser *parser, bool is_union);
const struct ctype *parse_enum(struct parser *parser);
/* "= 3" behind a `static const int`. */
bool parse_constant(struct parser *parser, const struct declarator *declarator, int64_t *value);

/* parse_expression.c */
struct constant {
    int64_t value;
    bool is_unsigned;
};

struct constant parse_expression(struct parser *parser);
/* A size: not negative, and not more than what fits into memory. */
size_t parse_count(struct parser *parser);

#endif
