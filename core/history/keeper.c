#include "history/keeper.h"
#include "telemetry/log.h"

#include <stdlib.h>
#include <time.h>

/* A locked file is tried again after 500 ms, 1 s, 2 s ... this. */
#define RETRY_MAX_MS 16000
/* One that has been locked for about this many tries is worth a warning: 3.5 s. */
#define FAILURES_WARN 3
/* Between two transactions when there is a lot to write. */
#define MORE_MS 20
/* How often the end of the session tries a locked file. */
#define LAST_TRIES 5

static void on_timer(void *context);

void history_keeper_init(struct history_keeper *keeper, struct loop *loop,
                         struct history_list *list, char *path, const char *evaluator,
                         bool keeps_output)
{
    *keeper = (struct history_keeper){
        .loop = loop,
        .list = list,
        .path = path,
        .evaluator = evaluator,
        .keeps_output = keeps_output,
        .started = time(NULL),
        .timer = {.fire = on_timer, .context = keeper},
    };
}

static void give_up(struct history_keeper *keeper)
{
    loop_stop_timer(keeper->loop, &keeper->timer);
    history_store_close(keeper->store);
    keeper->store = NULL;
    free(keeper->path);
    keeper->path = NULL;
}

static void warn_locked(struct history_keeper *keeper, const struct error *error)
{
    if (!keeper->warned)
        log_warning("the history has to wait: %s; inputs are kept in memory until they can be "
                    "written",
                    error->sentence);
    keeper->warned = true;
}

void history_keeper_note(struct history_keeper *keeper, enum store_result result,
                         const struct error *error)
{
    switch (result) {
    case STORE_DONE:
        return;
    case STORE_BUSY:
        if (++keeper->failures > FAILURES_WARN)
            warn_locked(keeper, error);
        return;
    case STORE_FAILED:
        log_warning("the history cannot be kept: %s; inputs of this session are kept in memory "
                    "only (\"history\" in hilum.json names the file)",
                    error->sentence);
        give_up(keeper);
        return;
    }
}

static enum store_result open_store(struct history_keeper *keeper, struct error *error)
{
    if (keeper->store)
        return STORE_DONE;
    return history_store_open(&keeper->store, keeper->path, keeper->evaluator, keeper->started,
                              error);
}

/* Writes the next rows in one transaction. */
static enum store_result save_some(struct history_keeper *keeper, struct error *error)
{
    struct history_row rows[HISTORY_ROWS_MAX];
    struct history_entry *entry = keeper->list->unsaved;
    size_t count = 0;
    for (; entry && count < HISTORY_ROWS_MAX; entry = entry->next)
        rows[count++] = (struct history_row){
            .line = entry->line,
            .source = entry->source,
            .output = keeper->keeps_output ? entry->output : (struct str){NULL, 0},
        };
    enum store_result result = history_store_add(keeper->store, rows, count, error);
    if (result == STORE_DONE)
        keeper->list->unsaved = entry;
    return result;
}

static enum store_result open_and_save(struct history_keeper *keeper, bool all)
{
    struct error error;
    enum store_result result = open_store(keeper, &error);
    if (result == STORE_DONE && keeper->list->unsaved)
        do
            result = save_some(keeper, &error);
        while (all && result == STORE_DONE && keeper->list->unsaved);
    if (result == STORE_DONE) {
        keeper->failures = 0;
        keeper->warned = false;
    }
    history_keeper_note(keeper, result, &error);
    return result;
}

static int64_t retry_delay(const struct history_keeper *keeper)
{
    int64_t delay = HISTORY_QUIET_MS;
    for (unsigned i = 1; i < keeper->failures && delay < RETRY_MAX_MS; i++)
        delay *= 2;
    return delay;
}

static void on_timer(void *context)
{
    struct history_keeper *keeper = context;
    keeper->due = 0;
    enum store_result result = open_and_save(keeper, false);
    if (keeper->path && keeper->list->unsaved)
        loop_start_timer(keeper->loop, &keeper->timer,
                         result == STORE_DONE ? MORE_MS : retry_delay(keeper));
}

void history_keeper_wake(struct history_keeper *keeper)
{
    if (!keeper->path)
        return;
    int64_t now = loop_now();
    bool waits = loop_timer_is_set(&keeper->timer);
    if (!keeper->due)
        keeper->due = now + HISTORY_LATEST_MS;
    if (!waits || (!keeper->failures && now + HISTORY_QUIET_MS < keeper->due))
        loop_start_timer(keeper->loop, &keeper->timer, HISTORY_QUIET_MS);
}

void history_keeper_fini(struct history_keeper *keeper)
{
    enum store_result result = STORE_DONE;
    for (int i = 0; i < LAST_TRIES && keeper->path && keeper->list->unsaved; i++)
        result = open_and_save(keeper, true);
    if (result == STORE_BUSY)
        log_warning("the history file %s is locked: the last inputs were not written",
                    keeper->path);
    give_up(keeper);
}

void history_keeper_update(struct history_keeper *keeper)
{
    if (keeper->path)
        open_and_save(keeper, true);
}

int64_t history_keeper_session(struct history_keeper *keeper)
{
    struct error error;
    int64_t session = 0;
    if (keeper->store) {
        enum store_result result = history_store_number(keeper->store, &session, &error);
        if (result == STORE_DONE)
            keeper->session = session;
        history_keeper_note(keeper, result, &error);
    }
    return keeper->session ? keeper->session : 1;
}
