/*
 * The Haskell kernel against GHC itself, in one run: its start against ghci's, a statement against a
 * loop around the GHC API, and how long an endless computation takes to stop. README.md says more.
 */
#include "bench.h"

#include "clock.h"
#include "exchange.h"
#include "pipe_program.h"
#include "session.h"
#include "workspace.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the issue of the Haskell kernel promises. */
#define START_RATIO_MAX     1.5
#define STATEMENT_RATIO_MAX 1.3
#define INTERRUPT_MS_MAX    50.0

#define STARTS           9
#define BLOCKS           20
#define BLOCK_STATEMENTS 50
#define BLOCK_WARM_UP    5
#define INTERRUPTS       20

#define SET_X   "let x = 41 :: Int"
#define PRINT_X "print (x+1)"

struct run {
    struct bench bench;
    struct kernel_list kernels;
    const char *ghci;
    const char *libraries;
    char loop[PATH_MAX + 16];
};

/* One cell from before its request is sent until its reply, and its idle status too, are here. */
static bool run_cell(struct session *session, const char *code, bool with_idle,
                     int64_t *nanoseconds)
{
    struct client *client = &session->client;
    struct span content = make_execute_content(code, 0);
    struct request request;
    bool has_reply = false, is_idle = !with_idle, is_ok = true;
    client_build(client, &request, "execute_request", content);
    int64_t start = clock_now();
    if (!client_send(client, CHANNEL_SHELL, &request))
        is_ok = session_fail(session, "a request cannot be sent");
    unsigned channels = CHANNEL_BIT(CHANNEL_SHELL) | (with_idle ? CHANNEL_BIT(CHANNEL_IOPUB) : 0);
    while (is_ok && !(has_reply && is_idle)) {
        uint64_t id;
        if (clock_now() - start > SESSION_PATIENCE)
            is_ok = session_fail(session, "no answer to `%s`", code);
        client_wait(client, channels, CLOCK_S);
        for (enum channel channel = CHANNEL_SHELL; channel < CHANNEL_COUNT; channel++)
            while ((channels & CHANNEL_BIT(channel)) &&
                   client_receive(client, channel, &session->message) == RECEIVED) {
                if (!client_parent(client, &session->message, &id) || id != request.id)
                    continue;
                enum message_kind kind = message_kind(&session->message);
                is_idle |= kind == MESSAGE_IDLE;
                if (kind == MESSAGE_EXECUTE_REPLY) {
                    has_reply = true;
                    if (!exchange_is_ok(message_part(&session->message, PART_CONTENT)))
                        is_ok = session_fail(session, "the reply to `%s` is not ok", code);
                }
            }
    }
    *nanoseconds = clock_now() - start;
    free((char *)content.data);
    return is_ok;
}

/* ---- start ---- */

static bool start_kernel_once(struct run *run, struct samples *times)
{
    struct session session;
    int64_t cell;
    session_init(&session, &run->bench, &run->kernels.specs[0]);
    bool is_good = kernel_prepare(&session.kernel, session.spec);
    if (is_good) {
        client_init(&session.client, &session.kernel.connection);
        int64_t start = clock_now();
        is_good =
            kernel_start(&session.kernel) &&
            kernel_await_port(&session.kernel, PORT_SHELL, SESSION_PATIENCE) &&
            client_connect(&session.client, run->bench.zmq, &session.kernel.connection,
                           CHANNEL_BIT(CHANNEL_SHELL) | CHANNEL_BIT(CHANNEL_CONTROL), false) &&
            run_cell(&session, "1+1", false, &cell);
        samples_add(times, (double)(clock_now() - start) / CLOCK_MS);
    }
    session_close(&session);
    return is_good;
}

static bool start_ghci_once(struct run *run, struct samples *times)
{
    char *words[] = {(char *)run->ghci, "-v0", "-ignore-dot-ghci", NULL};
    struct pipe_program ghci;
    int64_t start = clock_now();
    bool is_good = pipe_program_start(&ghci, words) && pipe_program_ask(&ghci, "1+1\n", "2\n", 2);
    samples_add(times, (double)(clock_now() - start) / CLOCK_MS);
    pipe_program_stop(&ghci);
    return is_good;
}

static bool measure_start(struct run *run, struct samples *kernel, struct samples *ghci)
{
    for (int i = 0; i < STARTS; i++)
        if (!start_kernel_once(run, kernel) || !start_ghci_once(run, ghci))
            return false;
    return true;
}

/* ---- a statement ---- */

static bool ask_loop(struct pipe_program *loop, const char *statement)
{
    char line[256];
    snprintf(line, sizeof line, "%s\n", statement);
    return pipe_program_ask(loop, line, "", 1);
}

static bool run_blocks(struct session *session, struct pipe_program *loop, struct samples *kernel,
                       struct samples *bare)
{
    for (int block = 0; block < BLOCKS; block++) {
        for (int i = -BLOCK_WARM_UP; i < BLOCK_STATEMENTS; i++) {
            int64_t time;
            if (!run_cell(session, PRINT_X, true, &time))
                return false;
            if (i >= 0)
                samples_add(kernel, (double)time / CLOCK_MS);
        }
        for (int i = -BLOCK_WARM_UP; i < BLOCK_STATEMENTS; i++) {
            int64_t start = clock_now();
            if (!ask_loop(loop, PRINT_X))
                return false;
            if (i >= 0)
                samples_add(bare, (double)(clock_now() - start) / CLOCK_MS);
        }
    }
    return true;
}

/* ---- interrupts ---- */

static bool interrupt_once(struct session *session, struct samples *times)
{
    struct client *client = &session->client;
    struct span content = make_execute_content("length [1..]", 0);
    struct request request, interrupt;
    uint64_t id;
    client_build(client, &request, "execute_request", content);
    client_build(client, &interrupt, "interrupt_request", span_of("{}"));
    bool is_sent = client_send(client, CHANNEL_SHELL, &request);
    clock_sleep(200 * CLOCK_MS);
    int64_t start = clock_now();
    is_sent = is_sent && client_send(client, CHANNEL_CONTROL, &interrupt);
    bool is_there = false;
    while (is_sent && !is_there && clock_now() - start < SESSION_PATIENCE) {
        client_wait(client, CHANNEL_BIT(CHANNEL_SHELL), CLOCK_S);
        while (client_receive(client, CHANNEL_SHELL, &session->message) == RECEIVED)
            is_there |= client_parent(client, &session->message, &id) && id == request.id;
    }
    samples_add(times, (double)(clock_now() - start) / CLOCK_MS);
    free((char *)content.data);
    return is_there || session_fail(session, "`length [1..]` cannot be interrupted");
}

static bool measure_session(struct run *run, struct samples *kernel, struct samples *bare,
                            struct samples *interrupts)
{
    struct session session;
    struct pipe_program loop = {0};
    char *words[] = {run->loop, (char *)run->libraries, NULL};
    int64_t time;
    if (!session_open(&session, &run->bench, &run->kernels.specs[0], false))
        return false;
    bool is_good = pipe_program_start(&loop, words) && ask_loop(&loop, SET_X) &&
                   run_cell(&session, SET_X, true, &time) &&
                   run_blocks(&session, &loop, kernel, bare);
    for (int i = 0; is_good && i < INTERRUPTS; i++)
        is_good = interrupt_once(&session, interrupts);
    /* State is kept. */
    is_good = is_good && run_cell(&session, PRINT_X, true, &time);
    pipe_program_stop(&loop);
    session_close(&session);
    return is_good;
}

static void print_ratio(const char *what, struct samples *kernel, struct samples *other,
                        const char *name, double most)
{
    double ratio = samples_median(kernel) / samples_median(other);
    printf("%-28s %8.2f ms   %s %8.2f ms   %.2fx  (at most %.1fx: %s)\n", what,
           samples_median(kernel), name, samples_median(other), ratio, most,
           ratio <= most ? "yes" : "NO");
}

static bool measure(struct run *run)
{
    struct samples start = {0}, ghci = {0}, kernel = {0}, bare = {0}, interrupts = {0};
    bool is_good = measure_start(run, &start, &ghci) &&
                   measure_session(run, &kernel, &bare, &interrupts) &&
                   report_failures(run->bench.report) == 0;
    if (is_good) {
        print_ratio("start to the first result", &start, &ghci, "ghci         ", START_RATIO_MAX);
        print_ratio(PRINT_X, &kernel, &bare, "GHC API alone", STATEMENT_RATIO_MAX);
        double worst = samples_percentile(&interrupts, 1);
        printf("%-28s %8.2f ms   slowest of %d %8.2f ms   (at most %.0f ms: %s)\n",
               "interrupt of length [1..]", samples_median(&interrupts), INTERRUPTS, worst,
               INTERRUPT_MS_MAX, worst <= INTERRUPT_MS_MAX ? "yes" : "NO");
    }
    samples_fini(&start);
    samples_fini(&ghci);
    samples_fini(&kernel);
    samples_fini(&bare);
    samples_fini(&interrupts);
    return is_good;
}

/* The directory of this program, and the build tree two levels above it. */
static bool find_places(char here[PATH_MAX], char build[PATH_MAX])
{
    char above[PATH_MAX + 8];
    ssize_t length = readlink("/proc/self/exe", here, PATH_MAX - 1);
    if (length <= 0)
        return false;
    here[length] = 0;
    *strrchr(here, '/') = 0;
    snprintf(above, sizeof above, "%s/../..", here);
    return realpath(above, build) != NULL;
}

int main(int argc, char **argv)
{
    static struct run run;
    char here[PATH_MAX], build[PATH_MAX];
    if (argc != 3) {
        fprintf(stderr, "usage: haskell GHCI LIBRARIES (of GHC: ghc --print-libdir)\n");
        return 2;
    }
    if (!find_places(here, build) || !kernels_add_known(&run.kernels, "hilum-ghc") ||
        !workspace_open())
        return 2;
    kernels_prepare(&run.kernels, &(struct kernel_places){build, here});
    run.ghci = argv[1];
    run.libraries = argv[2];
    snprintf(run.loop, sizeof run.loop, "%s/haskell-loop", here);
    run.bench = (struct bench){.scale = &scale_quick,
                               .kernels = &run.kernels,
                               .report = report_new(&run.kernels),
                               .zmq = zmq_ctx_new()};
    bool is_good = run.kernels.count == 1 && measure(&run);
    zmq_ctx_term(run.bench.zmq);
    report_free(run.bench.report);
    workspace_close();
    kernels_fini(&run.kernels);
    return is_good ? 0 : 1;
}
