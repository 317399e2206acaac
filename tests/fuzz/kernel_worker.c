/* evaluator/worker_process.h without a process: the worker does what the script says. */
#include "base/json_scan.h"
#include "config/paths.h"
#include "evaluator/offspring.h"
#include "evaluator/worker_process.h"
#include "kernel/flight.h"
#include "kernel_script.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct worker_process {
    pid_t own[WORKER_OWN_MAX];
    size_t own_count;
    struct loop *loop;
    struct worker_events events;
    void *context;
    struct loop_watch ticker; /* always ready: a step, if the next one is the worker's */
    struct link_reader reader;
    int prints[2];             /* its stdout and stderr */
    int64_t id;                /* of the request that it serves, or served last */
    int64_t ahead[FLIGHT_MAX]; /* those that it was sent ahead, in order */
    size_t ahead_count;
    bool serving;
    bool halted; /* it drops those that come */
    bool paused;
    bool heard;
    char cause[256]; /* of its death, which is to be told; empty: it lives */
};

/* There is a worker program, as far as the session looks. */
bool __wrap_paths_find_worker(char **path, struct error *error);
bool __wrap_paths_find_worker(char **path, struct error *error)
{
    *path = strdup("hilum-worker");
    return *path || error_set(error, "out of memory");
}

static void pass_messages(struct worker_process *worker)
{
    struct link_message message;
    struct error error = {.sentence = ""};
    enum link_result result;
    worker->events.arrived(worker->context);
    worker->heard = true;
    while ((result = link_next(&worker->reader, &message, &error)) == LINK_MESSAGE)
        worker->events.message(worker->context, &message);
    worker->heard = false;
    if (result == LINK_BROKEN)
        worker_kill(worker, error.sentence);
}

static void read_bytes(struct worker_process *worker, struct str bytes)
{
    buffer_consume(&worker->reader.bytes, worker->reader.consumed);
    worker->reader.consumed = 0;
    buffer_append(&worker->reader.bytes, bytes);
}

/* It goes from cell to cell while they end well, as the real one does (a script's raw bytes may say
 * anything). True: it does not. */
static bool ends_cell(struct worker_process *worker, struct str content)
{
    struct str status;
    worker->halted = script.has_offspring || !json_check_object(content, NULL) ||
                     !json_get(content, "status", &status) || !str_equal(status, STR("\"ok\""));
    if (worker->halted)
        worker->ahead_count = 0;
    worker->serving = worker->ahead_count > 0;
    if (worker->serving) {
        worker->id = worker->ahead[0];
        memmove(worker->ahead, worker->ahead + 1, --worker->ahead_count * sizeof *worker->ahead);
    }
    return worker->halted;
}

static void read_message(struct worker_process *worker, struct str line, int64_t id)
{
    struct buffer bytes = {0};
    struct link_message message = {
        .type = fuzz_take_until(&line, '\t'), .id = id, .forked = script.has_offspring};
    while (line.size && message.part_count < LINK_PARTS_MAX)
        message.parts[message.part_count++] = fuzz_take_until(&line, '\t');
    if (id && str_equal(message.type, STR("execute_reply")))
        message.halted = ends_cell(worker, link_content(&message));
    link_encode(&bytes, &message);
    read_bytes(worker, buffer_str(&bytes));
    buffer_fini(&bytes);
}

static void print(struct worker_process *worker, int stream, struct str text)
{
    ssize_t written = write(worker->prints[stream], text.data, text.size);
    (void)written; /* a full pipe, or a closed one: it is lost */
}

/* Does the next step if it is the worker's. */
static void step(struct worker_process *worker)
{
    struct str line = script.line;
    char kind = script.kind;
    if (!kind || !strchr("WwGLlOEDd", kind))
        return;
    script_next();
    switch (kind) {
    case 'W':
    case 'w':
        read_message(worker, line, kind == 'W' ? worker->id : 0);
        break;
    case 'G':
        read_message(worker, STR("hello\t{\"language_info\":{\"name\":\"x\"},\"banner\":\"b\"}"),
                     0);
        read_message(worker, STR("load_reply\t{\"status\":\"ok\"}"), 0);
        break;
    case 'L':
    case 'l':
        read_bytes(worker, line);
        if (kind == 'L')
            read_bytes(worker, STR("\n"));
        break;
    case 'D':
    case 'd':
        script.left_unread = kind == 'd';
        worker->events.ended(worker->context, "died"); /* frees the worker */
        return;
    default:
        print(worker, kind == 'E', line);
        return;
    }
    pass_messages(worker);
}

static void tick(void *context, uint32_t events)
{
    struct worker_process *worker = context;
    char cause[sizeof worker->cause];
    (void)events;
    memcpy(cause, worker->cause, sizeof cause);
    if (cause[0])
        worker->events.ended(worker->context, cause); /* frees the worker */
    else if (!worker->paused)
        step(worker);
}

struct worker_process *worker_start(struct loop *loop, const char *executable, const char *plugin,
                                    const struct worker_events *events, void *context, int pipes[2],
                                    struct ring **ring, struct error *error)
{
    *ring = NULL;
    FUZZ_REQUIRE(executable && plugin && !script.has_worker);
    if (script.no_start) {
        script.no_start = false;
        error_set(error, "the script says \"no\"");
        return NULL;
    }
    struct worker_process *worker = malloc(sizeof *worker);
    FUZZ_REQUIRE(worker);
    *worker = (struct worker_process){.loop = loop, .events = *events, .context = context};
    for (int i = 0; i < 2; i++) {
        int ends[2];
        FUZZ_REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
        pipes[i] = ends[0];
        worker->prints[i] = ends[1];
    }
    worker->ticker =
        (struct loop_watch){eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN, tick, worker};
    FUZZ_REQUIRE(worker->ticker.fd >= 0 && loop_watch(loop, &worker->ticker, error));
    script.has_worker = true;
    return worker;
}

/* The script's workers make no checkpoints. */
struct worker_process *worker_adopt(struct loop *loop, pid_t pid, int link,
                                    const struct link_reader *reader,
                                    const struct worker_events *events, void *context)
{
    (void)loop, (void)pid, (void)link, (void)reader, (void)events, (void)context;
    FUZZ_REQUIRE(!"a checkpoint was resumed");
    return NULL;
}

/* What the script has for the link is told when its turn comes. */
void worker_read(struct worker_process *worker)
{
    FUZZ_REQUIRE(worker && !worker->heard);
}

bool worker_is_heard(const struct worker_process *worker)
{
    return worker->heard;
}

void worker_free(struct worker_process *worker)
{
    FUZZ_REQUIRE(!worker || !worker->heard);
    if (!worker)
        return;
    int fd = worker->ticker.fd;
    loop_unwatch(worker->loop, &worker->ticker);
    close(fd);
    close(worker->prints[0]);
    close(worker->prints[1]);
    link_reader_fini(&worker->reader);
    free(worker);
    script.has_worker = false;
}

pid_t worker_pid(const struct worker_process *worker)
{
    FUZZ_REQUIRE(worker);
    return getpid();
}

void worker_explains(struct worker_process *worker, struct str cause, bool untouched)
{
    (void)cause;
    (void)untouched;
    FUZZ_REQUIRE(worker);
}

void worker_owns(struct worker_process *worker, const pid_t *pids, size_t count)
{
    FUZZ_REQUIRE(worker && count <= WORKER_OWN_MAX);
    memcpy(worker->own, pids, count * sizeof *pids);
    worker->own_count = count;
}

size_t worker_own_processes(const struct worker_process *worker, const pid_t **pids)
{
    *pids = worker->own;
    return worker->own_count;
}

static void take_request(struct worker_process *worker, const struct link_message *message)
{
    if (!message->ahead) {
        worker->id = message->id;
        worker->ahead_count = 0;
        worker->halted = false;
        worker->serving = true;
        return;
    }
    FUZZ_REQUIRE(str_equal(message->type, STR("execute_request")));
    if (worker->halted)
        return;
    if (!worker->serving)
        worker->id = message->id;
    else if (worker->ahead_count < FLIGHT_MAX)
        worker->ahead[worker->ahead_count++] = message->id;
    worker->serving = true;
}

void worker_flush(struct worker_process *worker)
{
    FUZZ_REQUIRE(worker);
}

void worker_send(struct worker_process *worker, const struct link_message *message)
{
    worker_enqueue(worker, message);
}

/* What the kernel sends is what a worker can read. */
void worker_enqueue(struct worker_process *worker, const struct link_message *message)
{
    struct link_reader reader = {.consumed = 0};
    struct link_message back;
    struct error error;
    FUZZ_REQUIRE(worker);
    link_encode(&reader.bytes, message);
    FUZZ_REQUIRE(link_next(&reader, &back, &error) == LINK_MESSAGE);
    FUZZ_REQUIRE(str_equal(back.type, message->type) && back.id == message->id);
    FUZZ_REQUIRE(!back.part_count || json_check_object(link_content(&back), NULL));
    FUZZ_REQUIRE(reader.consumed == reader.bytes.size);
    if (str_equal(message->type, STR("shutdown_request")))
        worker_kill(worker, "has unloaded");
    else if (message->id && !str_equal(message->type, STR("sync_reply")) &&
             !str_equal(message->type, STR("input_reply")))
        take_request(worker, message);
    link_reader_fini(&reader);
}

void worker_interrupt(struct worker_process *worker)
{
    FUZZ_REQUIRE(worker);
}

void worker_calm_down(struct worker_process *worker)
{
    FUZZ_REQUIRE(worker);
}

void worker_kill(struct worker_process *worker, const char *reason)
{
    FUZZ_REQUIRE(worker && reason[0]);
    if (!worker->cause[0])
        snprintf(worker->cause, sizeof worker->cause, "%.200s", reason);
}

void worker_pause(struct worker_process *worker, bool pause)
{
    worker->paused = pause;
}

bool worker_redirect(struct worker_process *worker, int out_fd, int err_fd)
{
    FUZZ_REQUIRE(dup3(out_fd, worker->prints[0], O_CLOEXEC) >= 0);
    FUZZ_REQUIRE(dup3(err_fd, worker->prints[1], O_CLOEXEC) >= 0);
    return true;
}

enum worker_end worker_how_ended(const struct worker_process *worker)
{
    return worker->cause[0] ? WORKER_WAS_KILLED : WORKER_SIGNALLED;
}

bool worker_left_unread(const struct worker_process *worker)
{
    FUZZ_REQUIRE(worker);
    return script.left_unread;
}

bool worker_left_untouched(const struct worker_process *worker)
{
    FUZZ_REQUIRE(worker);
    return false;
}

bool worker_reap_children(struct worker_process *worker)
{
    (void)worker;
    return false;
}

void offspring_init(struct offspring *offspring)
{
    *offspring = (struct offspring){.loadavg = -1};
}

void offspring_fini(struct offspring *offspring)
{
    (void)offspring;
}

void offspring_doom(struct offspring *offspring, pid_t group)
{
    (void)offspring, (void)group;
}

bool offspring_exists(struct offspring *offspring, const struct offspring_known *known)
{
    (void)offspring;
    FUZZ_REQUIRE(known->count == 0 || (known->count == 1 && known->pids[0] > 0));
    return script.has_offspring;
}
