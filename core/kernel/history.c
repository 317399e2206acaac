#include "kernel/history.h"
#include "base/json_scan.h"
#include "history/answer.h"
#include "kernel/state.h"
#include "telemetry/log.h"

/* A result that is larger is not worth the look for its text. */
#define RESULT_MAX ((size_t)64 << 10)

void history_init(struct kernel *kernel)
{
    struct history *history = &kernel->history;
    char *path = NULL;
    if (config_flag(kernel->config, "history.enabled")) {
        path = config_history_file(kernel->config);
        if (!path)
            log_warning("the history cannot be kept: neither \"history.file\" nor XDG_STATE_HOME "
                        "nor HOME says where");
    }
    history_keeper_init(&history->keeper, &kernel->loop, &history->list, path,
                        config_evaluator(kernel->config),
                        config_flag(kernel->config, "history.output"));
}

void history_fini(struct kernel *kernel)
{
    history_keeper_fini(&kernel->history.keeper);
    history_list_fini(&kernel->history.list);
}

void history_add(struct kernel *kernel, int64_t line, struct str code)
{
    history_list_add(&kernel->history.list, line, code);
    history_keeper_wake(&kernel->history.keeper);
}

void history_add_result(struct kernel *kernel, struct str content)
{
    struct history *history = &kernel->history;
    struct str data, text;
    if (content.size > RESULT_MAX || !json_get(content, "data", &data) ||
        !json_get(data, "text/plain", &text) || json_kind(text) != JSON_KIND_STRING)
        return;
    history_list_set_output(&history->list, kernel->execution.count, text);
    if (history->keeper.keeps_output)
        history_keeper_wake(&history->keeper);
}

static int64_t get_integer(struct str content, const char *key, int64_t fallback)
{
    struct str value;
    int64_t number;
    return json_get(content, key, &value) && json_read_integer(value, &number) ? number : fallback;
}

/* Lines `start` to `stop` - 1 of this session, the latest first. */
static void take_own(struct history *history, int64_t start, int64_t stop,
                     struct history_answer *answer)
{
    int64_t session = history_keeper_session(&history->keeper);
    bool more = history_answer_wants_more(answer);
    for (struct history_entry *entry = history->list.last; entry && more; entry = entry->previous) {
        const struct history_row row = {session, entry->line, entry->source, entry->output};
        if (entry->line >= start && entry->line < stop)
            more = history_answer_take(answer, &row);
    }
}

/* Where memory begins: what is before it is in the store only. */
static int64_t first_own_line(const struct history *history)
{
    return history->list.first ? history->list.first->line : INT64_MAX;
}

static void take_stored(struct history *history, int64_t session, int64_t start, int64_t stop,
                        struct history_answer *answer)
{
    struct error error;
    if (history->keeper.store && history_answer_wants_more(answer))
        history_keeper_note(&history->keeper,
                            history_store_read_session(history->keeper.store, session, start, stop,
                                                       history_answer_take, answer, &error),
                            &error);
}

/* All inputs: this session's, then, also if they are newer, those of the other sessions. */
static void take_all(struct history *history, struct history_answer *answer)
{
    int64_t own = history_keeper_session(&history->keeper);
    struct error error;
    take_own(history, INT64_MIN, INT64_MAX, answer);
    if (history->keeper.store && history_answer_wants_more(answer))
        history_keeper_note(&history->keeper,
                            history_store_read_all(history->keeper.store, own,
                                                   first_own_line(history), history_answer_take,
                                                   answer, &error),
                            &error);
}

/* Which session is meant: 0 is this one, below it the ones before it; 0 is returned for none. */
static int64_t resolve_session(struct history *history, int64_t wanted)
{
    int64_t own = history_keeper_session(&history->keeper), earlier = 0;
    struct error error;
    if (wanted > 0)
        return wanted;
    if (wanted == 0)
        return own;
    if (history->keeper.store && wanted > INT64_MIN)
        history_keeper_note(
            &history->keeper,
            history_store_earlier(history->keeper.store, own, -wanted, &earlier, &error), &error);
    return earlier;
}

static int64_t last_line(struct history *history, int64_t session, bool is_own)
{
    int64_t line = 0;
    struct error error;
    if (is_own)
        return history->list.last ? history->list.last->line : 0;
    if (history->keeper.store)
        history_keeper_note(&history->keeper,
                            history_store_last_line(history->keeper.store, session, &line, &error),
                            &error);
    return line;
}

/* A start or stop below 0 counts from the end, as in IPython: -1 is the last line. A stop that is
 * absent, null or 0 is the end. */
static void take_range(struct history *history, struct str content, struct history_answer *answer)
{
    int64_t session = resolve_session(history, get_integer(content, "session", 0));
    int64_t start = get_integer(content, "start", 1), stop = get_integer(content, "stop", 0);
    bool is_own = session == history_keeper_session(&history->keeper);
    int64_t last = start < 0 || stop < 0 ? last_line(history, session, is_own) : 0;
    start += start < 0 ? last + 1 : 0;
    stop += stop < 0 ? last + 1 : 0;
    stop = stop ? stop : INT64_MAX;
    if (is_own) {
        take_own(history, start, stop, answer);
        stop = stop < first_own_line(history) ? stop : first_own_line(history);
    }
    take_stored(history, session, start, stop, answer);
}

static void take_matches(struct history *history, struct str content, struct history_answer *answer)
{
    struct buffer pattern = {0};
    struct str value;
    if (json_get(content, "pattern", &value) && json_unescape(value, &pattern))
        answer->pattern = pattern.size ? buffer_str(&pattern) : STR("");
    answer->unique = json_member_is_true(content, "unique");
    take_all(history, answer);
    answer->pattern = (struct str){NULL, 0};
    buffer_fini(&pattern);
}

/* An access type that the specification does not have finds nothing. */
static void find(struct history *history, struct str content, struct history_answer *answer)
{
    struct str type = STR("\"tail\"");
    json_get(content, "hist_access_type", &type);
    history_keeper_update(&history->keeper);
    if (str_equal(type, STR("\"range\""))) {
        take_range(history, content, answer);
        return;
    }
    answer->max = get_integer(content, "n", INT64_MAX);
    if (str_equal(type, STR("\"search\"")))
        take_matches(history, content, answer);
    else if (str_equal(type, STR("\"tail\"")))
        take_all(history, answer);
}

enum handled history_handle(struct kernel *kernel, struct request *request)
{
    struct history_answer answer = {.max = INT64_MAX};
    struct buffer out = {0};
    find(&kernel->history, request->content, &answer);
    if (answer.cut)
        log_info("an answer from the history was cut: it is large, or took long to find");
    buffer_append(&out, STR("{\"status\":\"ok\",\"history\":"));
    history_answer_write(&answer, json_member_is_true(request->content, "output"), &out);
    buffer_append_byte(&out, '}');
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&out));
    buffer_fini(&out);
    history_answer_fini(&answer);
    return HANDLED;
}
