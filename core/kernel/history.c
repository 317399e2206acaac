#include "kernel/history.h"
#include "base/json_scan.h"
#include "kernel/state.h"

#include <fnmatch.h>
#include <stdlib.h>

/* The number by which this session's lines are known; 0 in requests means the same. */
#define SESSION 1

struct history_entry {
    struct history_entry *next;
    int64_t line;
    struct str code; /* a JSON string, in `bytes` */
    bool wanted;     /* by the request being answered */
    char bytes[];
};

void history_init(struct kernel *kernel)
{
    kernel->history = (struct history){.count = 0};
    kernel->history.end = &kernel->history.first;
}

static void forget_first(struct history *history)
{
    struct history_entry *entry = history->first;
    history->first = entry->next;
    if (!history->first)
        history->end = &history->first;
    history->count--;
    history->bytes -= entry->code.size;
    free(entry);
}

void history_fini(struct kernel *kernel)
{
    while (kernel->history.first)
        forget_first(&kernel->history);
}

void history_add(struct kernel *kernel, int64_t line, struct str code)
{
    struct history *history = &kernel->history;
    struct history_entry *entry = malloc(sizeof *entry + code.size);
    if (!entry)
        return; /* costs a line of history, nothing else */
    *entry = (struct history_entry){.line = line, .code = {entry->bytes, code.size}};
    memcpy(entry->bytes, code.data, code.size);
    *history->end = entry;
    history->end = &entry->next;
    history->count++;
    history->bytes += code.size;
    while (history->count > HISTORY_ENTRIES_MAX ||
           (history->bytes > HISTORY_BYTES_MAX && history->count > 1))
        forget_first(history);
}

static int64_t get_integer(struct str content, const char *key, int64_t fallback)
{
    struct str value;
    int64_t number;
    return json_get(content, key, &value) && json_read_integer(value, &number) ? number : fallback;
}

/* Keeps the wanted mark on the last n wanted entries only. */
static void want_last(struct history *history, int64_t n)
{
    int64_t wanted = 0;
    for (struct history_entry *entry = history->first; entry; entry = entry->next)
        wanted += entry->wanted;
    for (struct history_entry *entry = history->first; entry && wanted > n; entry = entry->next) {
        wanted -= entry->wanted;
        entry->wanted = false;
    }
}

static void want_tail(struct history *history, struct str content)
{
    for (struct history_entry *entry = history->first; entry; entry = entry->next)
        entry->wanted = true;
    want_last(history, get_integer(content, "n", HISTORY_ENTRIES_MAX));
}

/* Lines start to stop - 1 of a session; sessions below 1 count back from this one. */
static void want_range(struct history *history, struct str content)
{
    int64_t session = get_integer(content, "session", 0);
    int64_t start = get_integer(content, "start", 1);
    int64_t stop = get_integer(content, "stop", INT64_MAX);
    for (struct history_entry *entry = history->first; entry; entry = entry->next)
        entry->wanted =
            (session == 0 || session == SESSION) && entry->line >= start && entry->line < stop;
}

static bool has_later_twin(const struct history_entry *entry)
{
    for (const struct history_entry *later = entry->next; later; later = later->next)
        if (later->wanted && str_equal(later->code, entry->code))
            return true;
    return false;
}

static void want_matches(struct history *history, struct str content)
{
    struct buffer pattern = {0}, code = {0};
    struct str value;
    bool unique = json_get(content, "unique", &value) && json_kind(value) == JSON_KIND_TRUE;
    if (!json_get(content, "pattern", &value) || !json_unescape(value, &pattern))
        buffer_append_byte(&pattern, '*');
    buffer_append_byte(&pattern, '\0');
    for (struct history_entry *entry = history->first; entry; entry = entry->next) {
        buffer_clear(&code, 1 << 16);
        json_unescape(entry->code, &code);
        buffer_append_byte(&code, '\0');
        entry->wanted = !pattern.failed && !code.failed && fnmatch(pattern.data, code.data, 0) == 0;
    }
    for (struct history_entry *entry = history->first; unique && entry; entry = entry->next)
        entry->wanted = entry->wanted && !has_later_twin(entry);
    want_last(history, get_integer(content, "n", HISTORY_ENTRIES_MAX));
    buffer_fini(&pattern);
    buffer_fini(&code);
}

/* Entries are [session, line, input], or with `output` [session, line, [input, null]]. */
static void write_wanted(const struct history *history, bool output, struct buffer *out)
{
    bool first = true;
    for (struct history_entry *entry = history->first; entry; entry = entry->next) {
        if (!entry->wanted)
            continue;
        buffer_append_format(out, "%s[%d,%lld,%s", first ? "" : ",", SESSION,
                             (long long)entry->line, output ? "[" : "");
        buffer_append(out, entry->code);
        buffer_append_cstr(out, output ? ",null]]" : "]");
        first = false;
    }
}

enum handled history_handle(struct kernel *kernel, struct request *request)
{
    struct history *history = &kernel->history;
    struct str content = request->content, type = STR("\"tail\""), value;
    struct buffer out = {0};
    json_get(content, "hist_access_type", &type);
    if (str_equal(type, STR("\"range\"")))
        want_range(history, content);
    else if (str_equal(type, STR("\"search\"")))
        want_matches(history, content);
    else
        want_tail(history, content);
    bool output = json_get(content, "output", &value) && json_kind(value) == JSON_KIND_TRUE;
    buffer_append(&out, STR("{\"status\":\"ok\",\"history\":["));
    write_wanted(history, output, &out);
    buffer_append(&out, STR("]}"));
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&out));
    buffer_fini(&out);
    return HANDLED;
}
