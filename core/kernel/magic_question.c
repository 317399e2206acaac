#include "kernel/magic_question.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/question.h"
#include "base/utf8.h"
#include "guard/limits.h"
#include "kernel/cell.h"
#include "kernel/magic.h"
#include "kernel/magic_line.h"
#include "kernel/router.h"

/* The line that the cursor stands in. */
struct question {
    struct str code;
    size_t cursor;   /* a byte of the code */
    size_t start;    /* of the line */
    struct str head; /* of the line, up to the cursor */
};

/* The line at `start`, if it is one of the kernel's. */
static const struct magic_entry *entry_at(struct str code, size_t start, struct magic_line *line)
{
    return magic_line_next(code, &start, line) ? magic_find(line->name) : NULL;
}

/* Does the cursor stand in the first line that is not blank and not the kernel's, or before it? */
static bool find_line(struct question *question)
{
    struct str code = question->code;
    for (size_t start = 0; start <= question->cursor;) {
        const char *newline = memchr(code.data + start, '\n', code.size - start);
        size_t end = newline ? (size_t)(newline - code.data) : code.size;
        struct magic_line line;
        if (question->cursor <= end) {
            question->start = start;
            question->head = str_slice(code, start, question->cursor);
            return question->head.size && question->head.data[0] == '%';
        }
        if (!magic_line_is_blank(str_slice(code, start, end)) && !entry_at(code, start, &line))
            return false;
        start = end + 1;
    }
    return false;
}

/* "%", "%%", and letters */
static bool is_name(struct str text)
{
    size_t i = text.size > 1 && text.data[1] == '%' ? 2 : 1;
    while (i < text.size && text.data[i] >= 'a' && text.data[i] <= 'z')
        i++;
    return i == text.size;
}

/* Does the name go on what was typed? One '%' may become two. */
static bool continues(struct str name, struct str typed)
{
    return str_has_prefix(name, typed) ||
           (name.data[0] == '%' && str_has_prefix(str_slice(name, 1, name.size), typed));
}

static void add_match(struct completions *matches, struct str before, struct str text,
                      struct str after)
{
    struct buffer whole = {0};
    buffer_append(&whole, before);
    buffer_append(&whole, text);
    buffer_append(&whole, after);
    completions_add(matches, buffer_str(&whole), STR("magic"));
    matches->texts.failed |= whole.failed;
    buffer_fini(&whole);
}

static void match_names(struct str typed, struct completions *matches)
{
    const struct magic_entry *entry;
    for (size_t i = 0; (entry = magic_entry(i)); i++)
        if (continues(entry->name, str_slice(typed, 1, typed.size)))
            add_match(matches, STR("%"), entry->name, STR(""));
}

static void match_limits(struct str typed, struct completions *matches)
{
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        if (str_has_prefix(str_of(limits_table[kind].word), typed))
            add_match(matches, STR(""), str_of(limits_table[kind].word), STR("="));
}

/* What is behind the last blank. */
static struct str last_word(struct str text)
{
    size_t start = text.size;
    while (start > 0 && text.data[start - 1] != ' ' && text.data[start - 1] != '\t')
        start--;
    return str_slice(text, start, text.size);
}

static bool complete(const struct question *question, struct buffer *reply)
{
    struct completions matches = {.start = 0};
    struct magic_line line;
    const struct magic_entry *entry = entry_at(question->code, question->start, &line);
    bool name = is_name(question->head);
    struct str typed = name ? question->head : last_word(question->head);
    matches.end = utf8_count(str_slice(question->code, 0, question->cursor));
    matches.start = matches.end - utf8_count(typed);
    if (name)
        match_names(typed, &matches);
    else if (entry && str_equal(entry->name, STR("limit")))
        match_limits(typed, &matches);
    bool found = matches.texts.size > 0;
    if (found)
        completions_write(&matches, reply);
    completions_fini(&matches);
    return found;
}

static bool inspect(const struct question *question, struct buffer *reply)
{
    struct magic_line line;
    const struct magic_entry *entry = entry_at(question->code, question->start, &line);
    if (!entry)
        return false;
    struct buffer text = {0};
    buffer_append_format(&text, "%s\n\n%s", entry->usage, entry->meaning);
    buffer_append(reply, STR("{\"status\":\"ok\",\"found\":true,\"data\":{\"text/plain\":"));
    json_write_string(reply, buffer_str(&text));
    buffer_append(reply, STR("},\"metadata\":{}}"));
    reply->failed |= text.failed;
    buffer_fini(&text);
    return true;
}

static bool answer(const struct request *request, struct str code, struct buffer *reply)
{
    struct question question = {.code = code, .cursor = question_cursor(request->content, code)};
    if (!find_line(&question))
        return false;
    if (str_equal(request->type->name, STR("complete_request")))
        return complete(&question, reply);
    return str_equal(request->type->name, STR("inspect_request")) && inspect(&question, reply);
}

bool magic_question_answer(const struct request *request, struct buffer *reply)
{
    struct buffer code = {0};
    struct cell cell;
    if (!cell_read(request, &cell) || !magic_is_possible(cell.code))
        return false;
    json_unescape(cell.code, &code);
    bool answered = code.size && !code.failed && answer(request, buffer_str(&code), reply);
    buffer_fini(&code);
    return answered && !reply->failed;
}
