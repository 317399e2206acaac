#include "grid.h"

#include <string.h>

static bool is_right(const struct grid_column *column)
{
    return column->has_numbers && !column->has_others;
}

static struct hilum_str cell_at(const struct grid *grid, size_t row, size_t column)
{
    return grid->cells[row * grid->column_count + column];
}

/* Adds the text with its special bytes replaced: pairs of a byte and what it becomes. */
struct replacement {
    char byte;
    const char *by;
};

static void add_replaced(struct text *out, struct hilum_str string,
                         const struct replacement *replacements)
{
    size_t start = 0;
    for (size_t i = 0; i < string.size; i++) {
        const struct replacement *found = replacements;
        while (found->by && found->byte != string.data[i])
            found++;
        if (!found->by)
            continue;
        text_add(out, string.data + start, i - start);
        text_puts(out, found->by);
        start = i + 1;
    }
    text_add(out, string.data + start, string.size - start);
}

static void add_more_rows(const struct grid *grid, struct text *out)
{
    text_printf(out, "... %zu more row%s", grid->more_rows, grid->more_rows == 1 ? "" : "s");
}

static void add_html(struct text *out, struct hilum_str string)
{
    static const struct replacement replacements[] = {
        {'&', "&amp;"},  {'<', "&lt;"},    {'>', "&gt;"}, {'"', "&quot;"},
        {'\'', "&#39;"}, {'\n', "<br>\n"}, {0, NULL},
    };
    add_replaced(out, string, replacements);
}

/* Notebook clients align cells to the right unless told otherwise. */
static void add_html_cell(struct text *out, const char *tag, const struct grid_column *column,
                          struct hilum_str string)
{
    text_printf(out, "<%s style=\"text-align: %s\">", tag, is_right(column) ? "right" : "left");
    add_html(out, string);
    text_printf(out, "</%s>", tag);
}

void grid_html(const struct grid *grid, struct text *out)
{
    text_puts(out, "<table>\n");
    if (grid->caption.data) {
        text_puts(out, "<caption>");
        add_html(out, grid->caption);
        text_puts(out, "</caption>\n");
    }
    if (grid->has_header) {
        text_puts(out, "<thead>\n<tr>");
        for (size_t i = 0; i < grid->column_count; i++)
            add_html_cell(out, "th", &grid->columns[i], grid->columns[i].label);
        text_puts(out, "</tr>\n</thead>\n");
    }
    text_puts(out, "<tbody>\n");
    for (size_t row = 0; row < grid->row_count; row++) {
        text_puts(out, "<tr>");
        for (size_t i = 0; i < grid->column_count; i++)
            add_html_cell(out, "td", &grid->columns[i], cell_at(grid, row, i));
        text_puts(out, "</tr>\n");
    }
    text_puts(out, "</tbody>\n</table>");
    if (grid->more_rows) {
        text_puts(out, "\n<p>");
        add_more_rows(grid, out);
        text_puts(out, "</p>");
    }
}

static void add_markdown(struct text *out, struct hilum_str string)
{
    static const struct replacement replacements[] = {
        {'|', "\\|"}, {'\\', "\\\\"}, {'`', "\\`"},   {'*', "\\*"},   {'_', "\\_"}, {'[', "\\["},
        {'$', "\\$"}, {'<', "&lt;"},  {'&', "&amp;"}, {'\n', "<br>"}, {'\r', ""},   {0, NULL},
    };
    add_replaced(out, string, replacements);
}

void grid_markdown(const struct grid *grid, struct text *out)
{
    if (grid->caption.data) {
        text_puts(out, "**");
        add_markdown(out, grid->caption);
        text_puts(out, "**\n\n");
    }
    for (size_t i = 0; i < grid->column_count; i++) { /* the header is not optional */
        text_puts(out, "| ");
        add_markdown(out, grid->has_header ? grid->columns[i].label : (struct hilum_str){0});
        text_puts(out, " ");
    }
    text_puts(out, "|\n");
    for (size_t i = 0; i < grid->column_count; i++)
        text_puts(out, is_right(&grid->columns[i]) ? "| ---: " : "| --- ");
    text_puts(out, "|\n");
    for (size_t row = 0; row < grid->row_count; row++) {
        for (size_t i = 0; i < grid->column_count; i++) {
            text_puts(out, "| ");
            add_markdown(out, cell_at(grid, row, i));
            text_puts(out, " ");
        }
        text_puts(out, "|\n");
    }
    if (grid->more_rows) {
        text_puts(out, "\n");
        add_more_rows(grid, out);
    }
}

/* Adds one line of a column: a text, or a rule when `string` is NULL. */
static void add_plain_cell(struct text *out, const struct grid_column *column,
                           const struct hilum_str *string, bool is_last)
{
    static const struct replacement replacements[] = {
        {'\n', " "}, {'\r', " "}, {'\t', " "}, {0, NULL}};
    size_t size = string ? str_code_points(*string) : 0;
    size_t pad = size < column->width ? column->width - size : 0;
    if (!string) {
        for (size_t i = 0; i < column->width; i++)
            text_puts(out, "-");
    } else {
        if (is_right(column))
            text_pad(out, pad);
        add_replaced(out, *string, replacements);
        if (!is_right(column) && !is_last)
            text_pad(out, pad);
    }
    text_puts(out, is_last ? "\n" : "  ");
}

void grid_plain(const struct grid *grid, struct text *out)
{
    size_t start = out->size, last = grid->column_count - 1;
    if (grid->caption.data) {
        text_add(out, grid->caption.data, grid->caption.size);
        text_puts(out, "\n");
    }
    for (size_t i = 0; grid->has_header && i < grid->column_count; i++)
        add_plain_cell(out, &grid->columns[i], &grid->columns[i].label, i == last);
    for (size_t i = 0; grid->has_header && i < grid->column_count; i++)
        add_plain_cell(out, &grid->columns[i], NULL, i == last);
    for (size_t row = 0; row < grid->row_count; row++) {
        for (size_t i = 0; i < grid->column_count; i++) {
            struct hilum_str cell = cell_at(grid, row, i);
            add_plain_cell(out, &grid->columns[i], &cell, i == last);
        }
    }
    if (grid->more_rows)
        add_more_rows(grid, out);
    else if (out->size > start && out->data[out->size - 1] == '\n')
        text_cut(out, out->size - 1);
}
