#include "kernel/magic.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "guard/limit_line.h"
#include "kernel/guard_limits.h"
#include "kernel/magic_line.h"
#include "kernel/state.h"
#include "kernel/status.h"

/* No session has more cells than anybody can run. */
#define UNDO_DIGITS 9

static bool set_limits(struct kernel *kernel, struct str arguments, struct magic_wish *wish,
                       struct error *error)
{
    (void)wish;
    struct limits cell = kernel->guard.cell;
    if (!limit_line_parse(arguments, &kernel->guard.session, &cell, error))
        return false;
    guard_set_cell(kernel, &cell);
    return true;
}

static bool show_status(struct kernel *kernel, struct str arguments, struct magic_wish *wish,
                        struct error *error)
{
    (void)wish;
    if (arguments.size)
        return error_set(error, "%%status takes no arguments, got \"%.*s\"",
                         STR_FORMAT(str_slice(arguments, 0, 60)));
    status_show(kernel);
    return true;
}

static bool read_count(struct str text, int64_t *count)
{
    *count = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *count = *count * 10 + (text.data[i] - '0');
    }
    return *count > 0;
}

static bool undo(struct kernel *kernel, struct str arguments, struct magic_wish *wish,
                 struct error *error)
{
    int64_t count = 1;
    (void)kernel;
    if (arguments.size > UNDO_DIGITS || (arguments.size && !read_count(arguments, &count)))
        return error_set(error, "%%undo is told \"%.*s\"; expected how many cells to go back",
                         STR_FORMAT(str_slice(arguments, 0, 60)));
    wish->go_back += count;
    return true;
}

static bool time_cell(struct kernel *kernel, struct str arguments, struct magic_wish *wish,
                      struct error *error)
{
    (void)kernel;
    if (arguments.size)
        return error_set(error,
                         "%%%%time takes no arguments, got \"%.*s\"; the code to time begins "
                         "on the next line",
                         STR_FORMAT(str_slice(arguments, 0, 60)));
    wish->timed = true;
    return true;
}

/* What the lines do, in the order in which they stand in the cell. A handler that fails says why;
 * one that has to wait for something leaves a wish. */
static const struct magic {
    struct magic_entry entry;
    bool (*run)(struct kernel *kernel, struct str arguments, struct magic_wish *wish,
                struct error *error);
} magics[] = {
    {{STR("%time"), "%%time",
      "Adds to the cell's output what the cell took: time, memory, output."},
     time_cell},
    {{STR("limit"), "%limit NAME=VALUE ...",
      "Limits this cell: wall=5s, cpu=5s, memory=200MB, processes=4, files=50, output=1MB.\n"
      "Times have the units ms, s, min and h; sizes B, kB, MB, GB, KiB, MiB and GiB."},
     set_limits},
    {{STR("status"), "%status",
      "Shows the session's processes, each limit with what is used of it, and how many requests "
      "wait."},
     show_status},
    {{STR("undo"), "%undo [COUNT]",
      "Goes back to the state of so many cells ago (1 without a number), and then runs the rest of "
      "the cell."},
     undo},
};

enum { MAGICS = sizeof magics / sizeof *magics };

const struct magic_entry *magic_entry(size_t index)
{
    return index < MAGICS ? &magics[index].entry : NULL;
}

static const struct magic *find(struct str name)
{
    for (size_t i = 0; i < MAGICS; i++)
        if (str_equal(magics[i].entry.name, name))
            return &magics[i];
    return NULL;
}

const struct magic_entry *magic_find(struct str name)
{
    const struct magic *magic = find(name);
    return magic ? &magic->entry : NULL;
}

/* The next line whose name is known. */
static const struct magic *next_magic(struct str code, size_t *at, struct magic_line *line)
{
    size_t after = *at;
    const struct magic *magic = magic_line_next(code, &after, line) ? find(line->name) : NULL;
    if (magic)
        *at = after;
    return magic;
}

bool magic_is_possible(struct str code)
{
    /* A quote, and then '%' or what may be white space, escaped or not. */
    return code.size > 2 && strchr("% \\", code.data[1]);
}

/* Appends the code without its lines for the kernel; returns how many bytes of it they take. */
static size_t append_rest(struct str code, bool keep_columns, struct buffer *out)
{
    struct magic_line line;
    size_t at = 0, done = 0;
    while (next_magic(code, &at, &line)) {
        buffer_append(out, str_slice(code, done, line.start));
        if (keep_columns)
            magic_line_append_spaces(str_slice(code, line.start, line.end), out);
        done = line.end;
    }
    buffer_append(out, str_slice(code, done, code.size));
    return done;
}

/* Our members come last: of several with the same key it is the last that counts. */
static void write_content(const struct request *request, struct str code,
                          const struct limits *limits, struct buffer *out)
{
    struct json_walk walk = json_walk(request->content);
    struct json_member member;
    buffer_clear(out, 4096);
    buffer_append_byte(out, '{');
    while (json_next(&walk, &member)) {
        if (str_equal(member.key, STR("code")) || str_equal(member.key, STR("limits")))
            continue;
        buffer_append_byte(out, '"');
        buffer_append(out, member.key);
        buffer_append(out, STR("\":"));
        buffer_append(out, member.value);
        buffer_append_byte(out, ',');
    }
    if (limits && guard_limits_write_cell(limits, out))
        buffer_append_byte(out, ',');
    buffer_append(out, STR("\"code\":"));
    json_write_string(out, code);
    buffer_append_byte(out, '}');
}

static enum magic_outcome run_lines(struct kernel *kernel, struct str code, struct magic_wish *wish,
                                    struct error *error)
{
    struct magic_line line;
    const struct magic *magic;
    size_t at = 0;
    enum magic_outcome outcome = MAGIC_NONE;
    while ((magic = next_magic(code, &at, &line))) {
        if (!magic->run(kernel, line.arguments, wish, error))
            return MAGIC_FAILED;
        outcome = magic_line_is_blank(str_slice(code, at, code.size)) ? MAGIC_ALL : MAGIC_DONE;
    }
    return outcome;
}

enum magic_outcome magic_apply(struct kernel *kernel, const struct request *request,
                               struct str code, struct buffer *content, struct magic_wish *wish,
                               struct error *error)
{
    struct buffer text = {0}, rest = {0};
    json_unescape(code, &text);
    enum magic_outcome outcome = run_lines(kernel, buffer_str(&text), wish, error);
    if (outcome == MAGIC_DONE) {
        append_rest(buffer_str(&text), false, &rest);
        write_content(request, buffer_str(&rest), &kernel->guard.cell, content);
        if (text.failed || rest.failed || content->failed) {
            error_set(error, "there is not enough memory for the cell");
            outcome = MAGIC_FAILED;
        }
    }
    buffer_fini(&text);
    buffer_fini(&rest);
    return outcome;
}

bool magic_hide(const struct request *request, struct str code, struct buffer *content)
{
    struct buffer text = {0}, rest = {0};
    if (!magic_is_possible(code))
        return false;
    json_unescape(code, &text);
    bool found = append_rest(buffer_str(&text), true, &rest) > 0 && !text.failed && !rest.failed;
    if (found)
        write_content(request, buffer_str(&rest), NULL, content);
    buffer_fini(&text);
    buffer_fini(&rest);
    return found && !content->failed;
}
