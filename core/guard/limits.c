#include "guard/limits.h"

#define KILO INT64_C(1000)
#define MEGA INT64_C(1000000)
#define GIGA INT64_C(1000000000)

/* clang-format off */
const struct limit_description limits_table[LIMIT_KINDS] = {
    [LIMIT_WALL] = {
        LIMIT_WALL, LIMIT_UNIT_TIME, false, "wall time", "wall",
        "limits.cell_wall_seconds", "limits.cell_wall_seconds_hard", KILO,
        "guard.wall", "TimeLimitExceeded", "this cell", "ran for", ""},
    [LIMIT_CPU] = {
        LIMIT_CPU, LIMIT_UNIT_TIME, false, "CPU time", "cpu",
        "limits.cell_cpu_seconds", "limits.cell_cpu_seconds_hard", KILO,
        "guard.cpu", "CpuLimitExceeded", "this cell", "used", " of CPU time"},
    [LIMIT_MEMORY] = {
        LIMIT_MEMORY, LIMIT_UNIT_BYTES, true, "memory", "memory",
        "limits.session_memory_mb", "limits.session_memory_mb_hard", MEGA,
        "guard.memory", "MemoryLimitExceeded", "the session", "held", " of memory"},
    [LIMIT_PROCESSES] = {
        LIMIT_PROCESSES, LIMIT_UNIT_COUNT, true, "processes", "processes",
        "limits.session_processes", "limits.session_processes_hard", 1,
        "guard.processes", "ProcessLimitExceeded", "the session", "had", " processes"},
    [LIMIT_OPEN_FILES] = {
        LIMIT_OPEN_FILES, LIMIT_UNIT_COUNT, true, "open files", "files",
        "limits.session_open_files", "limits.session_open_files_hard", 1,
        "guard.open-files", "OpenFilesLimitExceeded", "the session", "had",
        " open files in one process"},
    [LIMIT_OUTPUT] = {
        LIMIT_OUTPUT, LIMIT_UNIT_BYTES, false, "output", "output",
        "limits.cell_output_mb", NULL, MEGA,
        "guard.output", "OutputLimitExceeded", "this cell", "wrote", " of output"},
};
/* clang-format on */

int64_t limit_lowest(const struct limit *limit)
{
    if (!limit->soft || !limit->hard)
        return limit->soft ? limit->soft : limit->hard;
    return limit->soft < limit->hard ? limit->soft : limit->hard;
}

static bool find(const struct limits *limits, const struct limit_use *use,
                 const struct limit_use *forgiven, bool hard, struct breach *breach)
{
    for (int kind = 0; kind < LIMIT_KINDS; kind++) {
        const struct limit *limit = &limits->of[kind];
        int64_t most = hard ? limit->hard : limit->soft;
        int64_t amount = use->of[kind];
        if (kind == LIMIT_OUTPUT || !most || amount <= most ||
            (!hard && limits_table[kind].of_session && amount <= forgiven->of[kind]))
            continue;
        *breach =
            (struct breach){(enum limit_kind)kind, hard, !hard && limit->by_cell, most, amount};
        return true;
    }
    return false;
}

bool limits_exceeded(const struct limits *limits, const struct limit_use *use,
                     const struct limit_use *forgiven, bool hard_only, struct breach *breach)
{
    return find(limits, use, forgiven, true, breach) ||
           (!hard_only && find(limits, use, forgiven, false, breach));
}

/* Up to three digits after the point, without zeros at the end. */
static void write_decimal(int64_t amount, int64_t unit, const char *name, struct buffer *out)
{
    int64_t thousandths = amount / unit * 1000 + amount % unit * 1000 / unit;
    int digits = 3;
    while (digits && thousandths % 10 == 0) {
        thousandths /= 10;
        digits--;
    }
    int64_t scale = digits == 3 ? 1000 : digits == 2 ? 100 : digits == 1 ? 10 : 1;
    buffer_append_integer(out, thousandths / scale);
    if (digits)
        buffer_append_format(out, ".%0*lld", digits, (long long)(thousandths % scale));
    buffer_append_format(out, " %s", name);
}

void limit_write_amount(enum limit_kind kind, int64_t amount, struct buffer *out)
{
    switch (limits_table[kind].unit) {
    case LIMIT_UNIT_TIME:
        if (amount < KILO)
            buffer_append_format(out, "%lld ms", (long long)amount);
        else
            write_decimal(amount, KILO, "s", out);
        break;
    case LIMIT_UNIT_BYTES:
        if (amount < KILO)
            buffer_append_format(out, "%lld bytes", (long long)amount);
        else if (amount < MEGA)
            write_decimal(amount, KILO, "kB", out);
        else
            write_decimal(amount, amount < GIGA ? MEGA : GIGA, amount < GIGA ? "MB" : "GB", out);
        break;
    case LIMIT_UNIT_COUNT:
        buffer_append_integer(out, amount);
        break;
    }
}

void breach_write_setting(const struct breach *breach, struct buffer *out)
{
    const struct limit_description *row = &limits_table[breach->kind];
    if (breach->by_cell)
        buffer_append_format(out, "%%limit %s", row->word);
    else
        buffer_append_cstr(out, breach->hard ? row->hard_setting : row->setting);
}

void breach_write(const struct breach *breach, struct buffer *out)
{
    const struct limit_description *row = &limits_table[breach->kind];
    buffer_append_format(out, "%s ", row->verb);
    limit_write_amount(breach->kind, breach->use, out);
    buffer_append_format(out, "%s, more than the %slimit of ", row->object,
                         breach->hard ? "hard " : "");
    limit_write_amount(breach->kind, breach->limit, out);
    buffer_append(out, STR(" ("));
    breach_write_setting(breach, out);
    buffer_append_byte(out, ')');
}
