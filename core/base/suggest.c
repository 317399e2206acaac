#include "base/suggest.h"

/* Longer words are not compared: whoever wrote one did not mistype a key. */
#define WORD_MAX 40

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, one row at a time. */
static size_t distance(struct str a, struct str b)
{
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t above = row[j];
            bool same = a.data[i - 1] == b.data[j - 1];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + !same);
            diagonal = above;
        }
    }
    return row[b.size];
}

void suggestion_offer(struct suggestion *suggestion, struct str candidate)
{
    struct buffer *list = &suggestion->list;
    buffer_append_format(list, "%s\"%.*s\"", list->size ? ", " : "", STR_FORMAT(candidate));
    struct str word = suggestion->unknown;
    if (word.size == 0 || word.size > WORD_MAX || candidate.size > WORD_MAX)
        return;
    size_t far = distance(word, candidate);
    if (far > candidate.size / 3 + 1 || far >= candidate.size)
        return;
    if (suggestion->nearest.size && far >= suggestion->distance)
        return;
    suggestion->nearest = candidate;
    suggestion->distance = far;
}

void suggestion_write(const struct suggestion *suggestion, struct buffer *out)
{
    if (suggestion->nearest.size) {
        buffer_append_format(out, "; did you mean \"%.*s\"?", STR_FORMAT(suggestion->nearest));
    } else if (suggestion->list.size) {
        buffer_append_cstr(out, "; expected one of ");
        buffer_append(out, buffer_str(&suggestion->list));
    }
}

void suggestion_fini(struct suggestion *suggestion)
{
    buffer_fini(&suggestion->list);
}
