#include "history/answer.h"
#include "base/glob.h"
#include "base/json_write.h"
#include "base/loop.h"

#include <stdlib.h>

struct answer_row {
    int64_t session, line;
    size_t at; /* of the source in the text; the output follows it */
    size_t source_size, output_size;
    bool has_output;
};

void history_answer_fini(struct history_answer *answer)
{
    buffer_fini(&answer->rows);
    buffer_fini(&answer->text);
    free(answer->seen);
    answer->seen = NULL;
}

static size_t row_count(const struct history_answer *answer)
{
    return answer->rows.size / sizeof(struct answer_row);
}

static struct answer_row get_row(const struct history_answer *answer, size_t index)
{
    struct answer_row row;
    memcpy(&row, answer->rows.data + index * sizeof row, sizeof row);
    return row;
}

static struct str source_of(const struct history_answer *answer, const struct answer_row *row)
{
    return str_slice(buffer_str(&answer->text), row->at, row->at + row->source_size);
}

/* FNV-1a. */
static uint64_t hash(struct str text)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.size; i++)
        value = (value ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    return value;
}

/* The place in the table of the row with this source, or the free one where it belongs. */
static size_t *find_seen(const struct history_answer *answer, struct str source)
{
    size_t mask = answer->seen_size - 1;
    for (size_t i = hash(source) & mask;; i = (i + 1) & mask) {
        size_t *at = &answer->seen[i];
        if (!*at)
            return at;
        struct answer_row row = get_row(answer, *at - 1);
        if (str_equal(source_of(answer, &row), source))
            return at;
    }
}

/* Keeps at least half of the table free. */
static bool grow_seen(struct history_answer *answer)
{
    size_t rows = row_count(answer);
    if (rows * 2 < answer->seen_size)
        return true;
    size_t *table = calloc(answer->seen_size ? answer->seen_size * 2 : 64, sizeof *table);
    if (!table)
        return false;
    free(answer->seen);
    answer->seen = table;
    answer->seen_size = answer->seen_size ? answer->seen_size * 2 : 64;
    for (size_t i = 0; i < rows; i++) {
        struct answer_row row = get_row(answer, i);
        *find_seen(answer, source_of(answer, &row)) = i + 1;
    }
    return true;
}

bool history_answer_wants_more(const struct history_answer *answer)
{
    return !answer->cut && answer->max > 0 && row_count(answer) < (uint64_t)answer->max;
}

static bool has_time(struct history_answer *answer)
{
    int64_t now = loop_now();
    if (!answer->deadline)
        answer->deadline = now + HISTORY_ANSWER_MS;
    return now < answer->deadline;
}

static bool has_room(const struct history_answer *answer, const struct history_row *row)
{
    return row_count(answer) < HISTORY_ANSWER_ROWS_MAX &&
           row->source.size + row->output.size <= HISTORY_ANSWER_BYTES_MAX - answer->text.size;
}

static void keep(struct history_answer *answer, const struct history_row *row)
{
    const struct answer_row kept = {
        .session = row->session,
        .line = row->line,
        .at = answer->text.size,
        .source_size = row->source.size,
        .output_size = row->output.size,
        .has_output = row->output.data,
    };
    char *at = buffer_reserve(&answer->rows, sizeof kept);
    buffer_append(&answer->text, row->source);
    buffer_append(&answer->text, row->output);
    if (!at || answer->text.failed) {
        answer->cut = true;
        return;
    }
    memcpy(at, &kept, sizeof kept);
    buffer_commit(&answer->rows, sizeof kept);
}

bool history_answer_take(void *context, const struct history_row *row)
{
    struct history_answer *answer = context;
    if (!history_answer_wants_more(answer))
        return false;
    if (!has_time(answer)) {
        answer->cut = true;
        return false;
    }
    if (answer->pattern.data && !glob_matches(answer->pattern, row->source))
        return true;
    size_t *seen = NULL;
    if (answer->unique && grow_seen(answer) && *(seen = find_seen(answer, row->source)))
        return true;
    answer->cut |= !has_room(answer, row);
    if (!answer->cut)
        keep(answer, row);
    if (seen && !answer->cut)
        *seen = row_count(answer);
    return history_answer_wants_more(answer);
}

void history_answer_write(const struct history_answer *answer, bool output, struct buffer *out)
{
    buffer_append_byte(out, '[');
    for (size_t i = row_count(answer); i-- > 0;) {
        struct answer_row row = get_row(answer, i);
        size_t end = row.at + row.source_size;
        buffer_append_format(out, "[%lld,%lld,%s", (long long)row.session, (long long)row.line,
                             output ? "[" : "");
        json_write_string(out, source_of(answer, &row));
        if (output && row.has_output) {
            buffer_append_byte(out, ',');
            json_write_string(out,
                              str_slice(buffer_str(&answer->text), end, end + row.output_size));
        } else if (output) {
            buffer_append_cstr(out, ",null");
        }
        buffer_append_cstr(out, output ? "]]" : "]");
        buffer_append_cstr(out, i ? "," : "");
    }
    buffer_append_byte(out, ']');
}
