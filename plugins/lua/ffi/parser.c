#include "parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_TOKEN = 40, SHOWN_LINE = 120 };

int parser_text_size(const struct ctoken *token)
{
    return token->size > SHOWN_TOKEN ? SHOWN_TOKEN : (int)token->size;
}

/* Adds the line of the place, without what is far from it, and a mark below. */
static void show_line(const struct parser *parser, const char *place, size_t used)
{
    struct parse_error *error = parser->error;
    const char *text = parser->request->text, *end = text + parser->request->size;
    const char *start = place, *stop = place;
    while (start > text && start[-1] != '\n' && place - start < SHOWN_LINE)
        start--;
    while (stop < end && *stop != '\n' && *stop != '\0' && stop - place < SHOWN_LINE)
        stop++;
    char mark[SHOWN_LINE + 1];
    size_t width = (size_t)(place - start);
    for (size_t i = 0; i < width; i++)
        mark[i] = start[i] == '\t' ? '\t' : ' ';
    mark[width] = '\0';
    snprintf(error->message + used, sizeof(error->message) - used, "\n    %.*s\n    %s^",
             (int)(stop - start), start, mark);
}

static void fail_at(struct parser *parser, const char *place, const char *format, va_list arguments)
{
    struct parse_error *error = parser->error;
    if (parser->has_failed)
        return;
    parser->has_failed = true;
    parser->token = (struct ctoken){.kind = CTOKEN_END, .start = parser->tokens.end};
    parser->tokens.at = parser->tokens.end;
    error->line = error->column = 1;
    for (const char *at = parser->request->text; at < place; at++) {
        error->column++;
        if (*at == '\n') {
            error->line++;
            error->column = 1;
        }
    }
    int used = snprintf(error->message, sizeof(error->message) / 2,
                        "line %zu, column %zu: ", error->line, error->column);
    used += vsnprintf(error->message + used, sizeof(error->message) / 2 - (size_t)used, format,
                      arguments);
    if (used >= PARSE_MESSAGE_BYTES / 2)
        used = PARSE_MESSAGE_BYTES / 2 - 1;
    show_line(parser, place, (size_t)used);
}

void parser_fail(struct parser *parser, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_at(parser, parser->token.start, format, arguments);
    va_end(arguments);
}

void parser_fail_at(struct parser *parser, const struct ctoken *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_at(parser, at->start, format, arguments);
    va_end(arguments);
}

void parser_no_memory(struct parser *parser)
{
    parser_fail(parser, "there is not enough memory");
}

void parser_start(struct parser *parser)
{
    parser->tokens = ctokens_of(parser->request->text, parser->request->size);
    parser_advance(parser);
}

void parser_advance(struct parser *parser)
{
    if (parser->has_failed)
        return;
    parser->token = ctoken_next(&parser->tokens);
    while (parser->token.kind == CTOKEN_PRAGMA && !parser->has_failed) {
        parse_pragma(parser);
        if (!parser->has_failed)
            parser->token = ctoken_next(&parser->tokens);
    }
    if (parser->token.kind == CTOKEN_BAD)
        parser_fail(parser, "%s", parser->token.problem);
}

bool parser_is(const struct parser *parser, const char *text)
{
    return ctoken_is(&parser->token, text);
}

bool parser_accept(struct parser *parser, const char *text)
{
    if (!parser_is(parser, text))
        return false;
    parser_advance(parser);
    return true;
}

void parser_expect(struct parser *parser, const char *text)
{
    if (parser_accept(parser, text))
        return;
    if (parser->token.kind == CTOKEN_END)
        parser_fail(parser, "expected `%s` before the end", text);
    else
        parser_fail(parser, "expected `%s` before `%.*s`", text, parser_text_size(&parser->token),
                    parser->token.start);
}

const struct parse_argument *parser_argument(struct parser *parser)
{
    if (parser->next_argument < parser->request->argument_count)
        return &parser->request->arguments[parser->next_argument++];
    parser_fail(parser, "there is no value for this `$`");
    return NULL;
}

const char *parser_name(struct parser *parser)
{
    const char *name = NULL;
    if (parser_is(parser, "$")) {
        const struct parse_argument *argument = parser_argument(parser);
        if (argument && argument->name)
            name = arena_copy(&parser->declarations->types.arena, argument->name,
                              strlen(argument->name));
        else
            parser_fail(parser, "the value for this `$` must be a name");
    } else {
        name =
            arena_copy(&parser->declarations->types.arena, parser->token.start, parser->token.size);
    }
    if (!name)
        parser_no_memory(parser);
    parser_advance(parser);
    return name;
}

bool parser_enter(struct parser *parser)
{
    if (++parser->depth > PARSER_MOST_DEPTH)
        parser_fail(parser, "this is nested too deeply");
    return !parser->has_failed;
}

void parser_leave(struct parser *parser)
{
    parser->depth--;
}

void parser_skip_brackets(struct parser *parser)
{
    int open = 0;
    do {
        if (parser_is(parser, "(") || parser_is(parser, "[") || parser_is(parser, "{"))
            open++;
        else if (parser_is(parser, ")") || parser_is(parser, "]") || parser_is(parser, "}"))
            open--;
        else if (parser->token.kind == CTOKEN_END)
            parser_expect(parser, ")");
        parser_advance(parser);
    } while (open > 0 && !parser->has_failed);
}
