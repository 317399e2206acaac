/* The functions of an evaluator's table, as requests to the program. */
#include "exchange.h"
#include "forward.h"
#include "program.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Candidates of one completion: more than a user could ever read. */
#define MATCHES_MAX 100000

static const char *kind_of(const struct hilum_source *source)
{
    return source->kind == HILUM_SOURCE_EXPRESSION ? "expression" : "cell";
}

/* Does the program go on to run what it has compiled, without another message? */
static bool runs_at_once(const struct hilum_session *session, const struct hilum_source *source)
{
    unsigned both = PROGRAM_COMPILE | PROGRAM_COMPILE_AND_RUN;
    return (session->capabilities & both) == both && HILUM_HAS(source, runs) && source->runs;
}

/* The core asks no cell for input that may not ask: whether one may is known when it asks. */
static json_t *run_content(const struct hilum_source *source)
{
    return json_pack("{s:b}", "allow_stdin", source->kind == HILUM_SOURCE_CELL);
}

static json_t *compile_content(const struct hilum_source *source)
{
    return json_pack("{s:s%, s:s%, s:I, s:s}", "code", source->code.size ? source->code.data : "",
                     source->code.size, "name", source->name.data, source->name.size,
                     "execution_count", (json_int_t)source->execution_count, "kind",
                     kind_of(source));
}

static json_t *ask_to_compile(struct hilum_session *session, const struct hilum_source *source,
                              bool begins)
{
    json_t *content = compile_content(source);
    if (!begins)
        return exchange_ask(session, "compile_request", "compile_reply", content);
    json_object_set_new(content, "run", run_content(source));
    return exchange_open(session, "compile_request", "compile_reply", content);
}

/* A program without "compile" gets the code when it is run. */
enum hilum_status program_compile(struct hilum_session *session, const struct hilum_source *source,
                                  struct hilum_unit **unit)
{
    enum hilum_status status = HILUM_OK;
    bool begins = runs_at_once(session, source);
    exchange_begin(session, source->kind == HILUM_SOURCE_CELL);
    if (session->capabilities & PROGRAM_COMPILE) {
        json_t *answer = ask_to_compile(session, source, begins);
        status = exchange_status(session, answer);
        json_decref(answer);
    }
    if (status != HILUM_OK)
        return status;
    session->unit = (struct hilum_unit){.source = source, .begun = begins};
    *unit = &session->unit;
    return HILUM_OK;
}

static json_t *execute_content(const struct hilum_source *source)
{
    bool is_cell = source->kind == HILUM_SOURCE_CELL;
    return json_pack("{s:s%, s:b, s:b, s:{}, s:b, s:b, s:s, s:s%, s:I}", "code",
                     source->code.size ? source->code.data : "", source->code.size, "silent", 0,
                     "store_history", is_cell, "user_expressions", "allow_stdin", is_cell,
                     "stop_on_error", 1, "kind", kind_of(source), "name", source->name.data,
                     source->name.size, "execution_count", (json_int_t)source->execution_count);
}

static json_t *ask_to_run(struct hilum_session *session, const struct hilum_unit *unit)
{
    if (unit->begun)
        return exchange_finish(session, "run_reply");
    if (session->capabilities & PROGRAM_COMPILE)
        return exchange_ask(session, "run_request", "run_reply", run_content(unit->source));
    return exchange_ask(session, "execute_request", "execute_reply", execute_content(unit->source));
}

enum hilum_status program_run(struct hilum_session *session, struct hilum_unit *unit)
{
    unit->ran = true;
    json_t *answer = ask_to_run(session, unit);
    enum hilum_status status = exchange_status(session, answer);
    if (json_is_true(json_object_get(answer, "unchanged")))
        session->host->unchanged(session->host);
    json_decref(answer);
    return status;
}

/* What runs already is not run because of an interrupt: waiting for its end passes that on. */
void program_discard(struct hilum_session *session, struct hilum_unit *unit)
{
    if (!unit->ran && unit->begun)
        json_decref(exchange_finish(session, "run_reply"));
    else if (!unit->ran && session->capabilities & PROGRAM_COMPILE)
        exchange_send(session, "discard_request", session->request, NULL);
    *unit = (struct hilum_unit){.ran = false};
}

/* ---- Questions about code ---- */

static json_t *ask_about(struct hilum_session *session, const char *type, const char *reply,
                         struct hilum_str code, size_t cursor, json_t *content)
{
    exchange_begin(session, true);
    json_object_set_new(content, "code", json_stringn(code.size ? code.data : "", code.size));
    json_object_set_new(content, "cursor_pos", json_integer((json_int_t)text_count(code, cursor)));
    return exchange_ask(session, type, reply, content);
}

static struct hilum_str text_of(const json_t *value)
{
    return (struct hilum_str){json_string_value(value), json_string_length(value)};
}

static size_t offset_at(const json_t *answer, const char *key, struct hilum_str code, size_t cursor)
{
    const json_t *value = json_object_get(answer, key);
    json_int_t position = json_integer_value(value);
    if (!json_is_integer(value))
        return cursor;
    return position < 0 ? 0 : text_offset(code, (size_t)position);
}

static void pass_matches(struct hilum_session *session, const json_t *answer, struct hilum_str code,
                         size_t cursor)
{
    const json_t *matches = json_object_get(answer, "matches");
    const json_t *types =
        json_object_get(json_object_get(answer, "metadata"), "_jupyter_types_experimental");
    size_t count = json_array_size(matches);
    size_t start = offset_at(answer, "cursor_start", code, cursor);
    size_t end = offset_at(answer, "cursor_end", code, cursor);
    struct hilum_completion *items =
        count && count <= MATCHES_MAX ? calloc(count, sizeof *items) : NULL;
    for (size_t i = 0; items && i < count; i++) {
        items[i].text = text_of(json_array_get(matches, i));
        items[i].type = text_of(json_object_get(json_array_get(types, i), "type"));
    }
    if (items && start <= end)
        session->host->completions(session->host, start, end, items, count);
    free(items);
}

enum hilum_status program_complete(struct hilum_session *session, struct hilum_str code,
                                   size_t cursor)
{
    if (!(session->capabilities & PROGRAM_COMPLETE))
        return HILUM_OK;
    json_t *answer =
        ask_about(session, "complete_request", "complete_reply", code, cursor, json_object());
    enum hilum_status status = exchange_status(session, answer);
    if (status == HILUM_OK)
        pass_matches(session, answer, code, cursor);
    json_decref(answer);
    return status;
}

enum hilum_status program_inspect(struct hilum_session *session, struct hilum_str code,
                                  size_t cursor, int detail_level)
{
    if (!(session->capabilities & PROGRAM_INSPECT))
        return HILUM_OK;
    json_t *answer = ask_about(session, "inspect_request", "inspect_reply", code, cursor,
                               json_pack("{s:i}", "detail_level", detail_level));
    enum hilum_status status = exchange_status(session, answer);
    if (status == HILUM_OK && json_is_true(json_object_get(answer, "found")))
        forward_bundle(session, answer, session->host->inspection);
    json_decref(answer);
    return status;
}

static enum hilum_completeness completeness_of(const json_t *answer)
{
    static const char *const names[] = {"complete", "incomplete", "invalid"};
    const char *status = json_string_value(json_object_get(answer, "status"));
    for (unsigned i = 0; status && i < 3; i++)
        if (strcmp(status, names[i]) == 0)
            return (enum hilum_completeness)i;
    return HILUM_UNKNOWN;
}

enum hilum_completeness program_is_complete(struct hilum_session *session, struct hilum_str code,
                                            struct hilum_str *indent)
{
    if (!(session->capabilities & PROGRAM_IS_COMPLETE))
        return HILUM_UNKNOWN;
    json_t *answer = ask_about(session, "is_complete_request", "is_complete_reply", code, code.size,
                               json_object());
    enum hilum_completeness completeness = completeness_of(answer);
    const char *text = json_string_value(json_object_get(answer, "indent"));
    free(session->indent);
    session->indent = text ? strdup(text) : NULL;
    if (completeness == HILUM_INCOMPLETE && session->indent)
        *indent = (struct hilum_str){session->indent, strlen(session->indent)};
    json_decref(answer);
    return completeness;
}
