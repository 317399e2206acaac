#include "diagnostics/excerpt.h"
#include "base/utf8.h"
#include "base/width.h"
#include "diagnostics/plain.h"

#define TAB_COLUMNS 4
/* Columns shown before the mark of a line that is cut. */
#define LEAD_COLUMNS 40
#define CUT          STR("\xE2\x80\xA6") /* an ellipsis */

/* Code points [from, to) of a line, counted from 0; from > to: no mark. */
struct mark {
    size_t from;
    size_t to;
};

static const struct mark no_mark = {1, 0};

static bool is_mark(struct mark mark)
{
    return mark.from <= mark.to;
}

/* Columns that a code point takes when the line has `column` columns before it. */
static size_t columns_of(uint32_t c, size_t column)
{
    if (c == '\t')
        return TAB_COLUMNS - column % TAB_COLUMNS;
    return (size_t)width_of(plain_code_point(c));
}

/* What a mark begins and ends with are whole characters: combining ones belong to what they are on. */
static struct mark whole_characters(struct str line, struct mark mark)
{
    size_t index = 0, base = 0;
    struct mark whole = mark;
    while (line.size) {
        uint32_t c = utf8_next(&line);
        bool combines = index > 0 && columns_of(c, 0) == 0;
        if (!combines)
            base = index;
        if (index == mark.from)
            whole.from = base;
        if (combines && index == whole.to && whole.to > whole.from)
            whole.to++;
        index++;
    }
    if (whole.from > index)
        whole.from = index;
    if (whole.to > index)
        whole.to = index;
    return whole;
}

/* Columns of the line and where in them the mark begins. */
static size_t measure(struct str line, struct mark mark, size_t *mark_column)
{
    size_t column = 0;
    for (size_t index = 0; line.size; index++) {
        if (index == mark.from)
            *mark_column = column;
        column += columns_of(utf8_next(&line), column);
    }
    if (is_mark(mark) && *mark_column == SIZE_MAX)
        *mark_column = column;
    return column;
}

static size_t window_start(size_t columns, size_t mark_column)
{
    size_t start =
        mark_column == SIZE_MAX || mark_column < LEAD_COLUMNS ? 0 : mark_column - LEAD_COLUMNS;
    if (columns <= EXCERPT_COLUMNS)
        return 0;
    return start > columns - EXCERPT_COLUMNS ? columns - EXCERPT_COLUMNS : start;
}

struct layout {
    struct buffer parts[3]; /* before, marked, after */
    size_t columns[2];      /* of before and marked */
};

static void add(struct layout *layout, int part, uint32_t c, size_t width)
{
    for (size_t i = 0; c == '\t' && i < width; i++)
        buffer_append_byte(&layout->parts[part], ' ');
    if (c != '\t')
        utf8_append_code_point(&layout->parts[part], plain_code_point(c));
    if (part < 2)
        layout->columns[part] += width;
}

static void lay_out(struct layout *layout, struct str line, struct mark mark)
{
    size_t mark_column = SIZE_MAX, column = 0;
    size_t columns = measure(line, mark, &mark_column);
    size_t start = window_start(columns, mark_column);
    if (start) {
        buffer_append(&layout->parts[0], CUT);
        layout->columns[0] = 1;
    }
    for (size_t index = 0; line.size; index++) {
        uint32_t c = utf8_next(&line);
        size_t width = columns_of(c, column);
        int part = !is_mark(mark) || index < mark.from ? 0 : index < mark.to ? 1 : 2;
        /* A combining character shares the fate of the one before it. */
        bool is_shown = width ? column >= start : column > start || start == 0;
        if (is_shown && column + width > start + EXCERPT_COLUMNS && width) {
            buffer_append(&layout->parts[is_mark(mark) && index > mark.from ? 2 : 0], CUT);
            break;
        }
        if (is_shown)
            add(layout, part, c, width);
        column += width;
    }
}

static void show_line(struct str line, struct mark mark, struct excerpt_row *row,
                      excerpt_sink *sink, void *context)
{
    struct layout layout = {0};
    if (is_mark(mark))
        mark = whole_characters(line, mark);
    lay_out(&layout, line, mark);
    row->before = buffer_str(&layout.parts[0]);
    row->marked = buffer_str(&layout.parts[1]);
    row->after = buffer_str(&layout.parts[2]);
    row->column = layout.columns[0];
    row->width = !is_mark(mark) ? 0 : layout.columns[1] ? layout.columns[1] : 1;
    sink(context, row);
    for (int i = 0; i < 3; i++)
        buffer_fini(&layout.parts[i]);
}

static size_t leading_blanks(struct str line)
{
    size_t i = 0;
    while (i < line.size && (line.data[i] == ' ' || line.data[i] == '\t'))
        i++;
    return i;
}

/* The part of the place that is on this line. */
static struct mark mark_on(const struct excerpt *excerpt, uint32_t number, struct str line)
{
    const struct hilum_span *span = &excerpt->span;
    const struct hilum_position *end = &excerpt->end;
    bool is_first = number == span->line;
    bool has_more = end->line > number;
    struct mark mark = {is_first ? (size_t)span->column - 1 : leading_blanks(line), SIZE_MAX};
    if (span->column == 0 || (!is_first && mark.from == line.size))
        return no_mark;
    if (end->line == number)
        mark.to = end->column ? (size_t)end->column - 1 : 0;
    else if (!has_more)
        mark.to = mark.from + span->length;
    if (mark.to < mark.from)
        mark.to = mark.from;
    return mark;
}

/* The last line of the place; what ends before the first column of a line ends on the one before. */
static uint32_t last_line(const struct excerpt *excerpt)
{
    const struct hilum_position *end = &excerpt->end;
    uint32_t first = excerpt->span.line;
    if (end->line <= first || excerpt->span.column == 0 || end->line == UINT32_MAX)
        return first;
    return end->column > 1 || end->line == first + 1 ? end->line : end->line - 1;
}

static unsigned digits_of(uint32_t number)
{
    unsigned digits = 1;
    while (number /= 10)
        digits++;
    return digits;
}

/* What has a line end at its end has one more line, which is empty. */
static bool has_line(const struct excerpt *excerpt)
{
    struct str rest = excerpt->text;
    uint32_t number = excerpt->first_line ? excerpt->first_line : 1;
    while (number < excerpt->span.line && rest.size) {
        const char *end = memchr(rest.data, '\n', rest.size);
        if (!end)
            return false;
        rest = str_slice(rest, (size_t)(end - rest.data) + 1, rest.size);
        number++;
    }
    return number == excerpt->span.line && excerpt->text.size;
}

/* Is the line one of those in the middle that are left out? */
static bool is_middle(uint32_t number, uint32_t first, uint32_t last)
{
    return last - first >= EXCERPT_LINES && number - first >= EXCERPT_LINES / 2 &&
           number < last - (EXCERPT_LINES / 2 - 2);
}

bool excerpt_show(const struct excerpt *excerpt, excerpt_sink *sink, void *context)
{
    struct str rest = excerpt->text;
    uint32_t first = excerpt->span.line, last = last_line(excerpt);
    uint32_t from = first > excerpt->context ? first - excerpt->context : 1;
    uint32_t to = last < UINT32_MAX - excerpt->context ? last + excerpt->context : UINT32_MAX - 1;
    uint32_t number = excerpt->first_line ? excerpt->first_line : 1;
    struct excerpt_row row = {.digits = digits_of(to)};
    if (!has_line(excerpt))
        return false;
    for (; number <= to && (rest.size || number == first); number++) {
        struct str line = plain_next_line(&rest);
        row.number = number;
        row.is_inside = number >= first && number <= last;
        if (number < from)
            continue;
        if (!row.is_inside)
            show_line(line, no_mark, &row, sink, context);
        else if (!is_middle(number, first, last))
            show_line(line, mark_on(excerpt, number, line), &row, sink, context);
        else if (!is_middle(number - 1, first, last) || number - 1 < first)
            sink(context, &(struct excerpt_row){.is_gap = true, .digits = row.digits});
    }
    return true;
}
