#include "kernel/guard.h"
#include "base/json_write.h"
#include "kernel/guard_limits.h"
#include "kernel/state.h"
#include "kernel/stop.h"
#include "telemetry/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* The first look at the processes of a request; most are over by then. */
#define FIRST_MS 20
#define NEXT_MS  50
/* How often processes are looked at that cells have left behind. */
#define LEFT_MS 250
/* Looking takes at most one part in so many of the time. */
#define SHARE 20
/* A bomb forks while it is killed. */
#define PURGE_ROUNDS 3

static void on_wall(void *context);
static void on_sample(void *context);

/* Is anything limited that lasts from cell to cell, and that we have to look at? The hard limit of
 * open files is the operating system's business. */
static bool limits_session(const struct limits *limits)
{
    return limit_is_set(limits, LIMIT_MEMORY) || limit_is_set(limits, LIMIT_PROCESSES) ||
           limits->of[LIMIT_OPEN_FILES].soft;
}

static void choose_watches(struct guard *guard)
{
    const struct limits *cell = &guard->cell;
    guard->samples = limits_session(cell) || limit_is_set(cell, LIMIT_CPU);
    guard->watches = guard->samples || limit_is_set(cell, LIMIT_WALL);
}

void guard_init(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    *guard = (struct guard){
        .wall = {.fire = on_wall, .context = kernel},
        .sample = {.fire = on_sample, .context = kernel},
    };
    guard_limits_read(kernel->config, &guard->session);
    guard->cell = guard->session;
    choose_watches(guard);
}

void guard_fini(struct kernel *kernel)
{
    loop_stop_timer(&kernel->loop, &kernel->guard.wall);
    loop_stop_timer(&kernel->loop, &kernel->guard.sample);
    process_tree_fini(&kernel->guard.tree);
}

void guard_set_cell(struct kernel *kernel, const struct limits *limits)
{
    kernel->guard.cell = *limits;
    kernel->guard.is_own = true;
    choose_watches(&kernel->guard);
}

static pid_t session_pid(const struct kernel *kernel)
{
    return kernel->session.worker ? worker_pid(kernel->session.worker) : 0;
}

/* What the session process itself has used, without a look into /proc. */
static int64_t session_cpu(const struct kernel *kernel)
{
    clockid_t clock;
    struct timespec time;
    pid_t pid = session_pid(kernel);
    if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
        return 0;
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void arm_wall(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    const struct limit *wall = &guard->cell.of[LIMIT_WALL];
    int64_t most = guard->is_breached || !wall->soft ? wall->hard : limit_lowest(wall);
    if (most)
        loop_start_timer(&kernel->loop, &guard->wall, guard->began + most + 1 - loop_now());
}

static void set_quota(struct output_quota *quota, const struct limit *limit)
{
    quota->max = (uint64_t)limit->soft;
    quota->setting = limit->by_cell ? "%limit output" : limits_table[LIMIT_OUTPUT].setting;
}

void guard_begin(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    guard->is_breached = false;
    set_quota(&kernel->execution.active->quota, &guard->cell.of[LIMIT_OUTPUT]);
    if (!guard->watches)
        return;
    guard->running = true;
    guard->asked = 0;
    guard->began = loop_now();
    guard->use = (struct limit_use){{0}};
    arm_wall(kernel);
    guard->began_ticks = process_tree_now();
    guard->pid = session_pid(kernel);
    if (!guard->samples)
        return;
    guard->cpu_before = session_cpu(kernel);
    process_tree_forget(&guard->tree);
    loop_start_timer(&kernel->loop, &guard->sample, FIRST_MS);
}

void guard_end(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    if (!guard->running)
        return;
    guard->running = false;
    loop_stop_timer(&kernel->loop, &guard->wall);
    loop_stop_timer(&kernel->loop, &guard->sample);
}

void guard_hold(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    if (!guard->running || guard->asked)
        return;
    guard->asked = loop_now();
    loop_stop_timer(&kernel->loop, &guard->wall);
}

void guard_release(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    if (!guard->running || !guard->asked)
        return;
    guard->began += loop_now() - guard->asked;
    guard->asked = 0;
    arm_wall(kernel);
}

bool guard_is_breached(const struct kernel *kernel)
{
    return kernel->guard.is_breached;
}

const char *guard_error_name(const struct kernel *kernel, const char *fallback)
{
    const struct guard *guard = &kernel->guard;
    return guard->is_breached ? limits_table[guard->breach.kind].error : fallback;
}

const char *guard_error_code(const struct kernel *kernel, const char *fallback)
{
    const struct guard *guard = &kernel->guard;
    return guard->is_breached ? limits_table[guard->breach.kind].code : fallback;
}

void guard_describe(const struct kernel *kernel, char *sentence, size_t size)
{
    const struct breach *breach = &kernel->guard.breach;
    struct buffer text = {0};
    breach_write(breach, &text);
    snprintf(sentence, size, "%s %.*s", limits_table[breach->kind].subject,
             STR_FORMAT(buffer_str(&text)));
    buffer_fini(&text);
}

bool guard_write_verdict(const struct kernel *kernel, struct buffer *reason)
{
    if (kernel->guard.is_breached)
        breach_write(&kernel->guard.breach, reason);
    return kernel->guard.is_breached;
}

static struct process_wish wish_of(const struct kernel *kernel)
{
    const struct limits *limits = &kernel->guard.cell;
    const pid_t *programs = NULL;
    size_t count = 0;
    if (kernel->session.worker)
        count = worker_own_processes(kernel->session.worker, &programs);
    return (struct process_wish){
        .programs = programs,
        .program_count = count,
        .kernel = getpid(),
        .session = session_pid(kernel),
        .asleep = LINK_SLEEPING_NAME,
        .since = kernel->guard.began_ticks,
        .memory = limit_is_set(limits, LIMIT_MEMORY),
        .files = limits->of[LIMIT_OPEN_FILES].soft > 0,
    };
}

void guard_measure(const struct kernel *kernel, struct process_use *use)
{
    struct process_tree tree = {0};
    struct process_wish wish = wish_of(kernel);
    wish.memory = wish.files = true;
    (void)!process_tree_sample(&tree, &wish, use); /* without memory it is all 0 */
    process_tree_fini(&tree);
}

/* Kills the session's other processes that have started since then. */
static void kill_started(struct kernel *kernel, uint64_t since)
{
    struct process_wish wish = wish_of(kernel);
    struct process_use use;
    struct process_tree tree = {0};
    wish.memory = wish.files = false;
    for (int i = 0; i < PURGE_ROUNDS && process_tree_sample(&tree, &wish, &use); i++)
        if (process_tree_kill(&tree, wish.session, since) == 0)
            break;
    process_tree_fini(&tree);
}

void guard_purge(struct kernel *kernel)
{
    kill_started(kernel, 0);
}

static void kill_worker(struct kernel *kernel)
{
    struct buffer reason = {0};
    breach_write(&kernel->guard.breach, &reason);
    buffer_append(&reason, STR(", and was killed"));
    buffer_append_byte(&reason, '\0');
    worker_kill(kernel->session.worker, reason.failed ? "was killed" : reason.data);
    buffer_fini(&reason);
    guard_purge(kernel);
}

/* What is known of the use, against the limits. */
static void judge(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    struct breach breach;
    if (!kernel->session.worker || kernel->execution.finishing ||
        !limits_exceeded(&guard->cell, &guard->use, &guard->forgiven, guard->is_breached, &breach))
        return;
    guard->is_breached = true;
    guard->breach = breach;
    kernel->metrics.breaches[breach.kind][breach.hard ? METRICS_HARD : METRICS_SOFT]++;
    log_info("%s: use %lld, limit %lld", limits_table[breach.kind].code, (long long)breach.use,
             (long long)breach.limit);
    if (breach.hard) {
        loop_stop_timer(&kernel->loop, &guard->wall);
        kill_worker(kernel);
        return;
    }
    /* More and more processes endanger the machine, and many of them ignore SIGINT. */
    if (breach.kind == LIMIT_PROCESSES)
        process_tree_kill(&guard->tree, session_pid(kernel), guard->began_ticks);
    stop_worker(kernel);
}

static void on_wall(void *context)
{
    struct kernel *kernel = context;
    struct guard *guard = &kernel->guard;
    if (!kernel->session.worker) {
        /* It is dead, and what takes its place is not clear yet. */
        loop_start_timer(&kernel->loop, &guard->wall, NEXT_MS);
        return;
    }
    guard->use.of[LIMIT_WALL] = loop_now() - guard->began;
    judge(kernel);
    if (guard->use.of[LIMIT_WALL] <= guard->cell.of[LIMIT_WALL].hard)
        arm_wall(kernel);
}

/* Looks at the processes; false: that is not possible. */
static bool take_sample(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    struct limit_use *use = &guard->use;
    struct process_wish wish = wish_of(kernel);
    struct process_use found;
    bool is_first = guard->tree.count == 0;
    if (!process_tree_sample(&guard->tree, &wish, &found))
        return false;
    use->of[LIMIT_CPU] += found.cpu_ms + (is_first ? session_cpu(kernel) - guard->cpu_before : 0);
    use->of[LIMIT_MEMORY] = found.memory;
    use->of[LIMIT_PROCESSES] = found.processes;
    use->of[LIMIT_OPEN_FILES] = found.open_files;
    int64_t most = limit_lowest(&guard->cell.of[LIMIT_MEMORY]);
    if (most && found.memory > most && found.processes > 1) {
        int64_t shares = process_tree_shares(&guard->tree);
        if (shares && shares < found.memory)
            use->of[LIMIT_MEMORY] = shares;
    }
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        if (use->of[kind] <= guard->cell.of[kind].soft)
            guard->forgiven.of[kind] = 0;
    return true;
}

/* Only CPU time is limited, and it cannot grow faster than all processors let it. */
static int64_t time_to_cpu_limit(const struct guard *guard)
{
    const struct limit *cpu = &guard->cell.of[LIMIT_CPU];
    int64_t most = guard->is_breached || !cpu->soft ? cpu->hard : limit_lowest(cpu);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return (most - guard->use.of[LIMIT_CPU]) / (processors > 0 ? processors : 1);
}

static int64_t next_sample(const struct guard *guard, int64_t cost)
{
    int64_t wait = NEXT_MS;
    if (!limits_session(&guard->cell) && time_to_cpu_limit(guard) > wait)
        wait = time_to_cpu_limit(guard);
    return wait > cost * SHARE ? wait : cost * SHARE;
}

static void tell_about_purge(struct kernel *kernel, const struct breach *breach)
{
    struct buffer text = {0}, content = {0};
    buffer_append(&text, STR("hilum: processes that cells had left running were killed: the "
                             "session "));
    breach_write(breach, &text);
    buffer_append_byte(&text, '\n');
    log_warning("%.*s", STR_FORMAT(buffer_str(&text)));
    buffer_append(&content, STR("{\"name\":\"stderr\",\"text\":"));
    json_write_string(&content, buffer_str(&text));
    buffer_append_byte(&content, '}');
    if (!capture_is_muted(kernel))
        publish(&kernel->publisher, STR("stream"), capture_parent(kernel), buffer_str(&content));
    buffer_fini(&text);
    buffer_fini(&content);
}

/* No request runs, but processes that earlier ones have started may. */
static void watch_left(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    struct breach breach;
    static const struct limit_use nothing_forgiven;
    if (kernel->session.state != SESSION_READY || !take_sample(kernel) ||
        guard->use.of[LIMIT_PROCESSES] <= 1)
        return;
    if (limits_exceeded(&guard->cell, &guard->use, &nothing_forgiven, false, &breach)) {
        guard_purge(kernel);
        tell_about_purge(kernel, &breach);
    }
    loop_start_timer(&kernel->loop, &guard->sample, LEFT_MS);
}

static void on_sample(void *context)
{
    struct kernel *kernel = context;
    struct guard *guard = &kernel->guard;
    if (!guard->running) {
        watch_left(kernel);
        return;
    }
    int64_t began = loop_now();
    bool sampled = take_sample(kernel);
    int64_t cost = loop_now() - began;
    if (sampled)
        judge(kernel);
    /* A worker that was killed may have been replaced, or what ran be over. */
    if (guard->running && !(guard->is_breached && guard->breach.hard))
        loop_start_timer(&kernel->loop, &guard->sample, next_sample(guard, cost));
}

void guard_settle(struct kernel *kernel)
{
    struct guard *guard = &kernel->guard;
    bool is_breached = guard->is_breached;
    guard->is_breached = false;
    if (guard->is_own) {
        guard->is_own = false;
        guard->cell = guard->session;
        choose_watches(guard);
    }
    if (is_breached && guard->pid == session_pid(kernel))
        kill_started(kernel, guard->began_ticks);
    if (!limits_session(&guard->cell))
        return;
    if (is_breached && limits_table[guard->breach.kind].of_session && take_sample(kernel))
        for (int kind = 0; kind < LIMIT_KINDS; kind++)
            guard->forgiven.of[kind] = guard->use.of[kind] + guard->use.of[kind] / 20;
    if (kernel->capture.left_behind)
        loop_start_timer(&kernel->loop, &guard->sample, LEFT_MS);
}
