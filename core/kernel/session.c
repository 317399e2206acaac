#include "kernel/session.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "config/config.h"
#include "config/paths.h"
#include "kernel/guard_limits.h"
#include "telemetry/log.h"

#include <stdio.h>
#include <stdlib.h>

/* How long an evaluator may take until hello: loading a shared object. */
#define HELLO_MS 10000
/* How long it may take to unload. */
#define UNLOAD_MS 500
/* How long a checkpoint that is just being made may take until it is there. */
#define BIRTH_MS 5000

static void set_failure(struct session *session, const char *code, const char *name,
                        const char *sentence)
{
    report_say(&session->failure, NULL, code, name, sentence);
    log_error("%s", sentence);
}

static void set_state(struct session *session, enum session_state state)
{
    session->state = state;
    session->events.changed(session->context);
}

static void send_load(struct session *session)
{
    struct buffer content = {0};
    buffer_append(&content, STR("{\"settings\":"));
    buffer_append(&content, config_settings(session->config));
    buffer_append_byte(&content, ',');
    guard_limits_write(session->config, &content);
    buffer_append_cstr(&content, session->has_checkpoints ? ",\"checkpoints\":true}" : "}");
    worker_send(session->worker, &(struct link_message){.type = STR("load_request"),
                                                        .part_count = 1,
                                                        .parts = {buffer_str(&content)}});
    buffer_fini(&content);
}

/* The worker could not open the plugin; `value` is its sentence as a JSON string. */
static void take_refusal(struct session *session, struct str value)
{
    struct buffer text = {0};
    json_unescape(value, &text);
    buffer_append_byte(&text, '\0');
    set_failure(session, "evaluator.refused", "EvaluatorError",
                text.failed ? "out of memory" : text.data);
    worker_kill(session->worker, "could not load the evaluator");
    buffer_fini(&text);
}

/* The file's options against those that the evaluator says it has: this error names the place. */
static bool options_fit(struct session *session, struct str hello)
{
    struct str known;
    struct error error;
    if (!json_get(hello, "options", &known) || config_check_options(session->config, known, &error))
        return true;
    report_error(&session->failure, "ConfigError", &error, config_file_text(session->config));
    log_error("%s", error.sentence);
    return false;
}

static void on_hello(struct session *session, struct str content)
{
    struct str value;
    if (session->state != SESSION_STARTING)
        return;
    loop_stop_timer(session->loop, &session->patience);
    if (json_get(content, "error", &value)) {
        take_refusal(session, value);
        return;
    }
    buffer_clear(&session->hello, 4096);
    buffer_append(&session->hello, content);
    if (options_fit(session, content)) {
        session->has_checkpoints = config_flag(session->config, "checkpoints.enabled");
        buffer_clear(&session->checkpointless, 256);
        send_load(session);
        set_state(session, SESSION_LOADING);
    } else {
        worker_kill(session->worker, "has options that it does not know");
    }
}

/* What the error members of a reply are, for session_failure. */
static void keep_error(struct session *session, struct str content)
{
    static const char *const keys[] = {"ename", "evalue", "traceback"};
    struct buffer *out = &session->failure.members;
    struct str metadata = {NULL, 0};
    report_clear(&session->failure);
    if (json_get(content, "metadata", &metadata) && json_kind(metadata) == JSON_KIND_OBJECT)
        buffer_append(&session->failure.metadata, metadata);
    for (size_t i = 0; i < 3; i++) {
        struct str value = i < 2 ? STR("\"\"") : STR("[]");
        json_get(content, keys[i], &value);
        buffer_append_cstr(out, i ? "," : "");
        json_write_key(out, keys[i]);
        buffer_append(out, value);
    }
}

/* What only the evaluator's program knows, kept beside hello for kernel_info. */
static void on_facts(struct session *session, struct str content)
{
    if (session->state < SESSION_LOADING)
        return;
    buffer_clear(&session->facts, 4096);
    buffer_append(&session->facts, content);
    session->events.changed(session->context);
}

/* A line in the log with what the error members of a reply say. */
static void log_why(const struct session *session, struct str content)
{
    struct buffer text = {0};
    struct str value;
    if (json_get(content, "ename", &value) && json_unescape(value, &text))
        buffer_append(&text, STR(": "));
    if (json_get(content, "evalue", &value))
        json_unescape(value, &text);
    log_error("evaluator \"%s\" did not load: %.*s", config_evaluator(session->config),
              STR_FORMAT(buffer_str(&text)));
    buffer_fini(&text);
}

static void on_load_reply(struct session *session, struct str content)
{
    struct str status;
    if (session->state != SESSION_LOADING)
        return;
    if (json_get(content, "status", &status) && str_equal(status, STR("\"ok\""))) {
        log_info("the session is there: process %ld", (long)worker_pid(session->worker));
        set_state(session, SESSION_READY);
        return;
    }
    keep_error(session, content);
    log_why(session, content);
    worker_kill(session->worker, "could not load the evaluator");
}

static void count_step(struct session *session, bool unchanged)
{
    session->step++;
    if (unchanged && session->fresh_step == session->step - 1)
        session->fresh_step++;
    else if (unchanged)
        sleepers_extend(&session->sleepers, session->step);
}

/* {"pids": [...]}; what is no process number is left out: it could be a group's. */
static void on_own_processes(struct session *session, struct str content)
{
    pid_t pids[WORKER_OWN_MAX];
    size_t count = 0;
    struct str list;
    struct json_member element;
    int64_t pid;
    if (!json_get(content, "pids", &list))
        return;
    struct json_walk walk = json_walk(list);
    while (count < WORKER_OWN_MAX && json_next(&walk, &element))
        if (json_read_integer(element.value, &pid) && pid > 1 && pid <= INT32_MAX)
            pids[count++] = (pid_t)pid;
    worker_owns(session->worker, pids, count);
}

/* The worker is about to end, and says why. */
static void on_lost(struct session *session, struct str content)
{
    struct str value;
    struct buffer cause = {0};
    if (json_get(content, "cause", &value) && json_unescape(value, &cause))
        worker_explains(session->worker, buffer_str(&cause),
                        json_member_is_true(content, "untouched"));
    buffer_fini(&cause);
}

static void on_checkpoints_off(struct session *session, struct str content)
{
    struct str value;
    session->has_checkpoints = false;
    buffer_clear(&session->checkpointless, 256);
    if (json_get(content, "reason", &value))
        json_unescape(value, &session->checkpointless);
}

static const struct {
    struct str type;
    void (*take)(struct session *session, struct str content);
} takers[] = {
    {STR("hello"), on_hello}, {STR("load_reply"), on_load_reply},
    {STR("facts"), on_facts}, {STR("own_processes"), on_own_processes},
    {STR("lost"), on_lost},   {STR("checkpoints_off"), on_checkpoints_off},
};

/* False: it is no business of the session's. */
static bool take(struct session *session, struct str type, struct str content)
{
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        if (str_equal(type, takers[i].type)) {
            takers[i].take(session, content);
            return true;
        }
    }
    return false;
}

static void on_message(void *context, const struct link_message *message)
{
    struct session *session = context;
    struct str content = link_content(message);
    struct json_problem problem;
    session->events.comes_after(session->context, &message->at);
    if (str_equal(message->type, STR("execute_reply")) ||
        str_equal(message->type, STR("comm_reply")))
        count_step(session, message->unchanged);
    if (content.size && !json_check_object(content, &problem))
        log_warning("a %.*s from the worker was dropped: %s at byte %zu of its content",
                    STR_FORMAT(message->type), problem.what, problem.offset);
    else if (!take(session, message->type, content))
        session->events.message(session->context, message);
}

static void on_arrived(void *context)
{
    struct session *session = context;
    session->events.arrived(session->context);
}

static void on_checkpoint(void *context, int fd)
{
    struct session *session = context;
    session->checkpoints_taken++;
    sleepers_add(&session->sleepers, fd, session->step);
}

static void tell_loss(struct session *session, int64_t steps, bool restored)
{
    const struct session_loss loss = {
        .pid = session->group,
        .cause = session->going_back ? NULL : session->cause,
        .end = session->end,
        .had_session = session->had_session,
        .left_unread = session->left_unread,
        .untouched = session->untouched,
        .restored = restored,
        .steps = session->going_back ? 0 : steps,
    };
    session->going_back = false;
    session->events.lost(session->context, &loss);
}

static void start_afresh(struct session *session)
{
    int64_t steps = session->step - session->fresh_step;
    session->step = 0;
    session->fresh_step = 0;
    session->state = SESSION_NONE;
    tell_loss(session, steps, false);
    session_start(session);
}

static const struct worker_events events;

static void resume(struct session *session, const struct woken *woken)
{
    int64_t steps = session->step - woken->step;
    session->worker =
        worker_adopt(session->loop, woken->pid, woken->fd, &woken->reader, &events, session);
    if (!session->worker) {
        start_afresh(session);
        return;
    }
    worker_send(session->worker, &(struct link_message){.type = STR("resume_request")});
    session->step = woken->step;
    tell_loss(session, steps, true); /* of the group that was */
    session->group = woken->pid;
    set_state(session, SESSION_READY);
}

/* The worker is dead: its latest checkpoint is the session, or a fresh worker. */
static void replace(struct session *session)
{
    struct woken woken;
    loop_stop_timer(session->loop, &session->patience);
    switch (sleepers_take(&session->sleepers, &woken)) {
    case SLEEPERS_TAKEN:
        resume(session, &woken);
        break;
    case SLEEPERS_UNREADY:
        session->state = SESSION_RETURNING;
        loop_start_timer(session->loop, &session->patience, BIRTH_MS);
        break;
    case SLEEPERS_NONE:
        start_afresh(session);
        break;
    }
}

static void fail_to_load(struct session *session)
{
    if (!session->failure.members.size) {
        char sentence[700];
        snprintf(sentence, sizeof sentence, "the worker %s while evaluator \"%s\" was loading",
                 session->cause, config_evaluator(session->config));
        set_failure(session, "evaluator.died-loading", "EvaluatorError", sentence);
    }
    tell_loss(session, 0, false);
    session->events.changed(session->context);
}

static void on_ended(void *context, const char *cause)
{
    struct session *session = context;
    enum session_state before = session->state;
    loop_stop_timer(session->loop, &session->patience);
    snprintf(session->cause, sizeof session->cause, "%s", cause);
    session->left_unread = worker_left_unread(session->worker);
    session->end = worker_how_ended(session->worker);
    session->had_session = before == SESSION_READY || before == SESSION_RETURNING;
    session->untouched = worker_left_untouched(session->worker);
    worker_free(session->worker);
    session->worker = NULL;
    session->state = SESSION_NONE;
    if (session->stopping) {
        tell_loss(session, 0, false);
        session->events.changed(session->context);
    } else if (before == SESSION_READY || before == SESSION_RETURNING) {
        replace(session);
    } else {
        fail_to_load(session);
    }
}

static void on_sleepers_changed(void *context)
{
    struct session *session = context;
    int64_t depth = config_integer(session->config, "checkpoints.depth");
    sleepers_keep(&session->sleepers, (size_t)depth + 1);
    session->events.checkpointed(session->context);
    if (session->state == SESSION_RETURNING && !session->worker)
        replace(session);
}

static void on_answer(void *context, const struct link_message *message)
{
    struct session *session = context;
    struct json_problem problem;
    if (message && !json_check_object(link_content(message), &problem)) {
        log_warning("a %.*s from a checkpoint was dropped: %s at byte %zu of its content",
                    STR_FORMAT(message->type), problem.what, problem.offset);
        message = NULL;
    }
    session->events.answer(session->context, message);
}

static void lose_patience(void *context)
{
    struct session *session = context;
    if (session->state == SESSION_RETURNING && !session->worker) {
        sleepers_release_latest(&session->sleepers);
        replace(session);
        return;
    }
    worker_kill(session->worker,
                session->stopping ? "did not unload in time" : "did not say hello in time");
}

static const struct worker_events events = {on_arrived, on_message, on_checkpoint, on_ended};
static const struct sleepers_events sleepers_events = {on_sleepers_changed, on_answer};

void session_init(struct session *session, struct loop *loop, const struct config *config,
                  const struct session_events *session_events, void *context)
{
    *session = (struct session){
        .loop = loop,
        .config = config,
        .events = *session_events,
        .context = context,
        .patience = {.fire = lose_patience, .context = session},
    };
    sleepers_init(&session->sleepers, loop, &sleepers_events, session);
    session_start(session);
}

void session_fini(struct session *session)
{
    loop_stop_timer(session->loop, &session->patience);
    worker_free(session->worker);
    session->worker = NULL;
    sleepers_fini(&session->sleepers);
    buffer_fini(&session->hello);
    buffer_fini(&session->facts);
    report_fini(&session->failure);
    buffer_fini(&session->checkpointless);
}

void session_start(struct session *session)
{
    struct error error;
    char *executable = NULL, *plugin = NULL;
    int pipes[2];
    struct ring *ring;
    if (session->worker || session->stopping || session->state == SESSION_RETURNING)
        return;
    sleepers_keep(&session->sleepers, 0);
    report_clear(&session->failure);
    if (paths_find_worker(&executable, &error) &&
        config_find_evaluator(session->config, config_evaluator(session->config), &plugin, &error))
        session->worker =
            worker_start(session->loop, executable, plugin, &events, session, pipes, &ring, &error);
    free(executable);
    free(plugin);
    if (!session->worker) {
        set_failure(session, "evaluator.not-started", "EvaluatorError", error.sentence);
        set_state(session, SESSION_NONE);
        return;
    }
    session->group = worker_pid(session->worker);
    session->events.started(session->context, pipes, ring);
    loop_start_timer(session->loop, &session->patience, HELLO_MS);
    set_state(session, SESSION_STARTING);
}

const struct report *session_failure(const struct session *session)
{
    return &session->failure;
}

void session_reap(struct session *session)
{
    while (worker_reap_children(session->worker))
        ;
}

bool session_is_alive(struct session *session)
{
    if (session->state == SESSION_READY)
        session_reap(session);
    return session->state == SESSION_READY;
}

void session_send(struct session *session, const struct link_message *message)
{
    if (session->state == SESSION_LOADING || session->state == SESSION_READY)
        worker_send(session->worker, message);
}

void session_enqueue(struct session *session, const struct link_message *message)
{
    if (session->state == SESSION_READY)
        worker_enqueue(session->worker, message);
}

void session_flush(struct session *session)
{
    if (session->state == SESSION_READY)
        worker_flush(session->worker);
}

void session_read(struct session *session)
{
    if (session->worker)
        worker_read(session->worker);
}

bool session_redirect(struct session *session, int out_fd, int err_fd)
{
    return session->state == SESSION_READY && worker_redirect(session->worker, out_fd, err_fd);
}

bool session_go_back(struct session *session, int64_t steps, struct error *error)
{
    int64_t step = session->step - steps,
            depth = config_integer(session->config, "checkpoints.depth");
    if (session->state != SESSION_READY)
        return error_set(error, "there is no session to go back from");
    if (step < 0)
        return error_set(error, "the session has no state from %lld cells ago: %lld ran in it",
                         (long long)steps, (long long)session->step);
    if (step > session->fresh_step && !session->has_checkpoints)
        return error_set(error,
                         "the state from %lld cells ago was not kept: there are no checkpoints "
                         "of this session (%%status and the log say why)",
                         (long long)steps);
    if (step > session->fresh_step && (steps > depth || !sleepers_expect(&session->sleepers, step)))
        return error_set(
            error, "the state from %lld cells ago was not kept: \"checkpoints.depth\" is %lld",
            (long long)steps, (long long)depth);
    sleepers_release_after(&session->sleepers, step);
    session->step = step;
    if (session->fresh_step > step)
        session->fresh_step = step;
    session->going_back = true;
    session->state = SESSION_RETURNING;
    worker_kill(session->worker, "was sent back");
    return true;
}

size_t session_processes(const struct session *session, pid_t *list)
{
    size_t count = 0;
    if (session->worker)
        list[count++] = worker_pid(session->worker);
    return count + sleepers_list(&session->sleepers, list + count);
}

bool session_is_forking(const struct session *session)
{
    return session->state == SESSION_READY && sleepers_expect(&session->sleepers, session->step) &&
           !sleepers_have(&session->sleepers, session->step);
}

bool session_ask_aside(struct session *session, const struct link_message *message)
{
    return session->state == SESSION_READY &&
           sleepers_ask(&session->sleepers, session->step, message);
}

void session_stop(struct session *session, bool gently)
{
    session->stopping = true;
    sleepers_fini(&session->sleepers);
    if (!session->worker) {
        session->events.changed(session->context);
    } else if (gently && session->state == SESSION_READY) {
        worker_send(session->worker, &(struct link_message){.type = STR("shutdown_request")});
        loop_start_timer(session->loop, &session->patience, UNLOAD_MS);
    } else {
        worker_kill(session->worker, "was shut down");
    }
}
