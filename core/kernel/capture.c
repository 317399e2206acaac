#include "kernel/capture.h"
#include "kernel/output.h"
#include "kernel/state.h"
#include "telemetry/log.h"

#include <fcntl.h>
#include <unistd.h>

void capture_init(struct kernel *kernel)
{
    kernel->capture = (struct capture){.current = NULL};
    offspring_init(&kernel->capture.offspring);
}

bool capture_start(struct kernel *kernel, int out_fd, int err_fd, struct error *error)
{
    struct capture *capture = &kernel->capture;
    capture_end(kernel);
    capture->current = output_new(&kernel->loop, &kernel->publisher, out_fd, err_fd, error);
    capture->left_behind = false;
    return capture->current != NULL;
}

void capture_end(struct kernel *kernel)
{
    struct output *current = kernel->capture.current;
    if (current)
        output_drain(current);
    output_free(current);
    kernel->capture.current = NULL;
}

void capture_fini(struct kernel *kernel)
{
    struct capture *capture = &kernel->capture;
    output_free(capture->current);
    capture->current = NULL;
    while (capture->late_count)
        output_free(capture->late[--capture->late_count]);
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

void capture_replaced(struct kernel *kernel, pid_t group)
{
    offspring_doom(&kernel->capture.offspring, group);
    kernel->capture.replaced = true;
}

void capture_gather(struct kernel *kernel)
{
    struct sleepers *sleepers = &kernel->session.sleepers;
    struct output *current = kernel->capture.current;
    int fds[2];
    if (!current || !sleepers_are_astray(sleepers, output_inode(current)) ||
        !output_reopen(current, fds))
        return;
    sleepers_redirect(sleepers, output_inode(current), fds[0], fds[1]);
    close(fds[0]);
    close(fds[1]);
}

/* Gives the worker a new pair and keeps the old one for the cell that is over. */
static void change_pipes(struct kernel *kernel)
{
    struct capture *capture = &kernel->capture;
    struct error error;
    int out[2], err[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) < 0)
        return;
    if (pipe2(err, O_CLOEXEC) < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(err[0], F_SETFL, O_NONBLOCK) < 0 ||
        !session_redirect(&kernel->session, out[1], err[1])) {
        close(out[0]);
        close(err[0]);
    } else {
        struct output *fresh =
            output_new(&kernel->loop, &kernel->publisher, out[0], err[0], &error);
        if (fresh) {
            capture->late[capture->late_count++] = capture->current;
            capture->current = fresh;
        } else {
            log_error("%s", error.sentence);
            worker_kill(kernel->session.worker, "lost its output");
        }
    }
    close(out[1]);
    close(err[1]);
    capture_gather(kernel);
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
    output_set_parent(capture->current, request, silent);
}

void capture_end_cell(struct kernel *kernel, bool offspring, bool forked)
{
    struct capture *capture = &kernel->capture;
    capture->left_behind = offspring || (forked && has_orphans(kernel));
}

void capture_drain(struct kernel *kernel)
{
    if (kernel->capture.current)
        output_drain(kernel->capture.current);
}

void capture_flush(struct kernel *kernel)
{
    if (kernel->capture.current)
        output_flush(kernel->capture.current);
}

void capture_end_output(struct kernel *kernel)
{
    if (!kernel->capture.current)
        return;
    output_flush(kernel->capture.current);
    output_tell_left_out(kernel->capture.current);
}

struct request *capture_parent(const struct kernel *kernel)
{
    return kernel->capture.current ? output_parent(kernel->capture.current) : NULL;
}

bool capture_is_muted(const struct kernel *kernel)
{
    return !kernel->capture.current || output_is_muted(kernel->capture.current);
}

void capture_pause(struct kernel *kernel, bool pause)
{
    struct capture *capture = &kernel->capture;
    size_t kept = 0;
    if (capture->current)
        output_pause(capture->current, pause);
    for (size_t i = 0; i < capture->late_count; i++) {
        struct output *late = capture->late[i];
        output_pause(late, pause);
        if (output_has_ended(late)) {
            output_flush(late);
            output_tell_left_out(late);
            output_free(late);
        } else
            capture->late[kept++] = late;
    }
    capture->late_count = kept;
}
