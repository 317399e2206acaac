#include "kernel/session.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "config/config.h"
#include "config/paths.h"
#include "diagnostics/report.h"
#include "telemetry/log.h"

#include <stdio.h>
#include <stdlib.h>

/* How long an evaluator may take until hello: loading a shared object. */
#define HELLO_MS 10000
/* How long it may take to unload. */
#define UNLOAD_MS 500

static void set_failure(struct session *session, const char *name, const char *sentence)
{
    buffer_clear(&session->failure, 4096);
    report_write(&session->failure, name, sentence);
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
    buffer_append_byte(&content, '}');
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
    set_failure(session, "EvaluatorError", text.failed ? "out of memory" : text.data);
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
    set_failure(session, "ConfigError", error.sentence);
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
    struct buffer *out = &session->failure;
    buffer_clear(out, 4096);
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

static void on_load_reply(struct session *session, struct str content)
{
    struct str status;
    if (session->state != SESSION_LOADING)
        return;
    if (json_get(content, "status", &status) && str_equal(status, STR("\"ok\""))) {
        set_state(session, SESSION_READY);
        return;
    }
    keep_error(session, content);
    log_error("evaluator \"%s\" did not load: %.*s", config_evaluator(session->config),
              STR_FORMAT(session_failure(session)));
    worker_kill(session->worker, "could not load the evaluator");
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

static const struct {
    struct str type;
    void (*take)(struct session *session, struct str content);
} takers[] = {
    {STR("hello"), on_hello}, {STR("load_reply"), on_load_reply},
    {STR("facts"), on_facts}, {STR("own_processes"), on_own_processes},
    {STR("lost"), on_lost},
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

static void on_ended(void *context, const char *cause)
{
    struct session *session = context;
    enum session_state before = session->state;
    loop_stop_timer(session->loop, &session->patience);
    session->events.lost(session->context, cause);
    worker_free(session->worker);
    session->worker = NULL;
    session->state = SESSION_NONE;
    if (session->stopping) {
        session->events.changed(session->context);
    } else if (before == SESSION_READY) {
        session_start(session);
    } else {
        if (!session->failure.size) {
            char sentence[700];
            snprintf(sentence, sizeof sentence, "the worker %s while evaluator \"%s\" was loading",
                     cause, config_evaluator(session->config));
            set_failure(session, "EvaluatorError", sentence);
        }
        session->events.changed(session->context);
    }
}

static void lose_patience(void *context)
{
    struct session *session = context;
    worker_kill(session->worker,
                session->stopping ? "did not unload in time" : "did not say hello in time");
}

static const struct worker_events events = {on_arrived, on_message, on_ended};

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
    session_start(session);
}

void session_fini(struct session *session)
{
    loop_stop_timer(session->loop, &session->patience);
    worker_free(session->worker);
    session->worker = NULL;
    buffer_fini(&session->hello);
    buffer_fini(&session->facts);
    buffer_fini(&session->failure);
}

void session_start(struct session *session)
{
    struct error error;
    char *executable = NULL, *plugin = NULL;
    int pipes[2];
    if (session->worker || session->stopping)
        return;
    buffer_clear(&session->failure, 4096);
    if (paths_find_worker(&executable, &error) &&
        config_find_evaluator(session->config, config_evaluator(session->config), &plugin, &error))
        session->worker =
            worker_start(session->loop, executable, plugin, &events, session, pipes, &error);
    free(executable);
    free(plugin);
    if (!session->worker) {
        set_failure(session, "EvaluatorError", error.sentence);
        set_state(session, SESSION_NONE);
        return;
    }
    session->events.started(session->context, pipes[0], pipes[1]);
    loop_start_timer(session->loop, &session->patience, HELLO_MS);
    set_state(session, SESSION_STARTING);
}

struct str session_failure(const struct session *session)
{
    return buffer_str(&session->failure);
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
    if (session->state >= SESSION_LOADING)
        worker_send(session->worker, message);
}

bool session_redirect(struct session *session, int out_fd, int err_fd)
{
    return session->state == SESSION_READY && worker_redirect(session->worker, out_fd, err_fd);
}

void session_stop(struct session *session, bool gently)
{
    session->stopping = true;
    if (!session->worker) {
        session->events.changed(session->context);
    } else if (gently && session->state == SESSION_READY) {
        worker_send(session->worker, &(struct link_message){.type = STR("shutdown_request")});
        loop_start_timer(session->loop, &session->patience, UNLOAD_MS);
    } else {
        worker_kill(session->worker, "was shut down");
    }
}
