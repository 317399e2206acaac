#include "kernel/capture.h"
#include "kernel/gather.h"
#include "kernel/state.h"
#include "telemetry/log.h"

#include <fcntl.h>
#include <unistd.h>

void capture_init(struct kernel *kernel)
{
    kernel->capture = (struct capture){.current = NULL};
    offspring_init(&kernel->capture.offspring);
}

static bool on_printed(void *context, struct gather *gather)
{
    struct kernel *kernel = context;
    struct capture *capture = &kernel->capture;
    bool current = gather == capture->current;
    gather_look(gather);
    /* What the worker sent before it printed this is there now, and goes first. */
    if (current)
        session_read(&kernel->session);
    if (current && gather != capture->current)
        return false; /* it was emitted when another took its place */
    gather_emit(gather);
    return true;
}

static void on_broken(void *context)
{
    struct kernel *kernel = context;
    worker_kill(kernel->session.worker, "wrote nonsense where it prints");
}

static const struct gather_events events = {on_printed, on_broken};

bool capture_start(struct kernel *kernel, const int pipes[2], struct ring *ring,
                   struct error *error)
{
    struct capture *capture = &kernel->capture;
    capture_end(kernel);
    capture->ring = ring;
    capture->current = gather_new(&kernel->loop, &kernel->publisher, pipes, &events, kernel, error);
    if (capture->current)
        gather_take_ring(capture->current, ring, NULL);
    capture->left_behind = false;
    return capture->current != NULL;
}

void capture_end(struct kernel *kernel)
{
    struct capture *capture = &kernel->capture;
    if (capture->current)
        gather_drain(capture->current);
    gather_free(capture->current);
    capture->current = NULL;
    ring_free(capture->ring);
    capture->ring = NULL;
}

void capture_fini(struct kernel *kernel)
{
    struct capture *capture = &kernel->capture;
    gather_free(capture->current);
    capture->current = NULL;
    ring_free(capture->ring);
    capture->ring = NULL;
    while (capture->late_count)
        gather_free(capture->late[--capture->late_count]);
    offspring_fini(&capture->offspring);
}

/* Orphans come to this process; what is still with the worker, the worker knows. A program that was
 * resumed is an orphan, too, and the evaluator's own. */
static bool has_orphans(struct kernel *kernel)
{
    pid_t known[SESSION_PROCESSES_MAX + WORKER_OWN_MAX];
    size_t count = session_processes(&kernel->session, known), own_count = 0;
    const pid_t *own = NULL;
    if (kernel->session.worker)
        own_count = worker_own_processes(kernel->session.worker, &own);
    for (size_t i = 0; i < own_count; i++)
        known[count++] = own[i];
    const struct offspring_known ours = {known, count, 0};
    return offspring_exists(&kernel->capture.offspring, &ours);
}

uint32_t capture_begun(const struct kernel *kernel)
{
    return kernel->capture.ring ? ring_begun(kernel->capture.ring) : 0;
}

bool capture_begun_since(const struct kernel *kernel, uint32_t mark)
{
    return !kernel->capture.ring || ring_begun(kernel->capture.ring) != mark;
}

void capture_replaced(struct kernel *kernel, pid_t group)
{
    offspring_doom(&kernel->capture.offspring, group);
    kernel->capture.replaced = true;
    if (kernel->capture.current) /* the dead one may have been about to wake us */
        gather_look_soon(kernel->capture.current);
}

void capture_gather(struct kernel *kernel)
{
    struct sleepers *sleepers = &kernel->session.sleepers;
    struct gather *current = kernel->capture.current;
    int fds[2];
    if (!current || !sleepers_are_astray(sleepers, gather_inode(current)) ||
        !gather_reopen(current, fds))
        return;
    sleepers_redirect(sleepers, gather_inode(current), fds);
    close(fds[0]);
    close(fds[1]);
}

/* A new pair takes the place of the old one, which stays with the cell that is over. */
static void change_to(struct kernel *kernel, const int pipes[2])
{
    struct capture *capture = &kernel->capture;
    struct error error;
    struct gather *fresh =
        gather_new(&kernel->loop, &kernel->publisher, pipes, &events, kernel, &error);
    if (fresh) {
        gather_take_ring(fresh, capture->ring, capture->current);
        capture->late[capture->late_count++] = capture->current;
        capture->current = fresh;
    } else {
        log_error("%s", error.sentence);
        worker_kill(kernel->session.worker, "lost its output");
    }
}

/* Gives the worker a new pair. */
static void change_pipes(struct kernel *kernel)
{
    int out[2], err[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) < 0)
        return;
    if (pipe2(err, O_CLOEXEC) < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(err[0], F_SETFL, O_NONBLOCK) < 0 ||
        !session_redirect(&kernel->session, out[1], err[1])) {
        close(out[0]);
        close(err[0]);
    } else {
        change_to(kernel, (const int[]){out[0], err[0]});
    }
    close(out[1]);
    close(err[1]);
    capture_gather(kernel);
}

/* Where the text of the present cell goes; NULL: there is no worker. */
static struct output *output_of(const struct kernel *kernel)
{
    return kernel->capture.current ? gather_output(kernel->capture.current) : NULL;
}

void capture_begin_cell(struct kernel *kernel, struct request *request, bool silent)
{
    struct capture *capture = &kernel->capture;
    if (!capture->current)
        return;
    if (capture->replaced)
        capture->left_behind = has_orphans(kernel);
    capture->replaced = false;
    if (capture->left_behind && capture->late_count < CAPTURE_LATE_MAX)
        change_pipes(kernel);
    output_set_parent(output_of(kernel), request, silent);
}

void capture_end_cell(struct kernel *kernel, bool offspring, bool forked)
{
    struct capture *capture = &kernel->capture;
    capture->left_behind = offspring || (forked && has_orphans(kernel));
}

void capture_arrived(struct kernel *kernel)
{
    kernel->capture.drained = false;
}

void capture_take(struct kernel *kernel, const struct link_at *at)
{
    struct capture *capture = &kernel->capture;
    if (capture->current && at->known && capture->ring)
        gather_emit_until(capture->current, at);
    else if (!capture->drained)
        capture_drain(kernel);
}

void capture_drain(struct kernel *kernel)
{
    kernel->capture.drained = true;
    if (kernel->capture.current)
        gather_drain(kernel->capture.current);
}

void capture_flush(struct kernel *kernel)
{
    if (kernel->capture.current)
        output_flush(output_of(kernel));
}

void capture_end_output(struct kernel *kernel)
{
    if (!kernel->capture.current)
        return;
    output_flush(output_of(kernel));
    output_tell_left_out(output_of(kernel));
}

struct request *capture_parent(const struct kernel *kernel)
{
    return kernel->capture.current ? output_parent(output_of(kernel)) : NULL;
}

bool capture_is_muted(const struct kernel *kernel)
{
    return !kernel->capture.current || output_is_muted(output_of(kernel));
}

void capture_pause(struct kernel *kernel, bool pause)
{
    struct capture *capture = &kernel->capture;
    size_t kept = 0;
    if (capture->current)
        gather_pause(capture->current, pause);
    for (size_t i = 0; i < capture->late_count; i++) {
        struct gather *late = capture->late[i];
        gather_pause(late, pause);
        if (gather_has_ended(late)) {
            output_flush(gather_output(late));
            output_tell_left_out(gather_output(late));
            gather_free(late);
        } else
            capture->late[kept++] = late;
    }
    capture->late_count = kept;
}
