#include "kernel/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small amounts that follow each other this closely are a flood of prints. A wake-up for each would
 * cost more than the prints do, so they are left alone for a moment. */
#define FLOOD_MS 2
#define REST_MS  1
/* Enough for what a pipe holds, however small the reads; a writer that goes on cannot keep us. */
#define DRAIN_READS 32

enum { OUT = OUTPUT_OUT, ERR = OUTPUT_ERR, STREAMS };

struct pipe_end {
    struct gather *gather;
    struct loop_watch watch;
    bool hung_up;
    uint32_t taken;    /* bytes read from this pipe and those before it; wraps around */
    struct buffer raw; /* the last of them, not yet emitted */
};

struct gather {
    struct loop *loop;
    struct output *output;
    struct gather_events events;
    void *context;
    struct pipe_end pipes[STREAMS];
    struct ring *ring; /* NULL: there is none, or it is another's */
    struct loop_watch ring_watch;
    uint32_t head;    /* how far the ring went when it was looked at */
    int first;        /* the stream whose pipe had something first, as far as we know */
    uint64_t emitted; /* bytes, ever */
    int64_t last;     /* when something was emitted last; loop_now's milliseconds */
    bool paused;
    bool resting;
    struct loop_timer rest; /* ends the resting */
};

static void close_pipe(struct pipe_end *pipe)
{
    int fd = pipe->watch.fd;
    loop_unwatch(pipe->gather->loop, &pipe->watch);
    if (fd >= 0)
        close(fd);
}

/* ---- Looking ---- */

/* How many bytes to read; what the ring's marks count is told before they are read. */
static size_t announce(struct pipe_end *pipe)
{
    struct gather *gather = pipe->gather;
    int there = 0;
    if (!gather->ring)
        return OUTPUT_CHUNK;
    if (ioctl(pipe->watch.fd, FIONREAD, &there) < 0 || there <= 0)
        return pipe->hung_up ? 1 : 0; /* a read tells that it has ended */
    size_t size = (size_t)there < OUTPUT_CHUNK ? (size_t)there : OUTPUT_CHUNK;
    pipe->taken = ring_count(gather->ring, (int)(pipe - gather->pipes), (uint32_t)size);
    return size;
}

/* False when there is nothing to read now. */
static bool read_pipe(struct pipe_end *pipe)
{
    size_t size = pipe->watch.fd < 0 ? 0 : announce(pipe);
    char *to = size ? buffer_reserve(&pipe->raw, size) : NULL;
    pipe->raw.failed = false; /* no memory now; the pipe keeps it */
    if (!to)
        return false;
    ssize_t got = read(pipe->watch.fd, to, size);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        close_pipe(pipe);
    if (got <= 0)
        return false;
    buffer_commit(&pipe->raw, (size_t)got);
    return true;
}

bool gather_look(struct gather *gather)
{
    bool out = read_pipe(&gather->pipes[OUT]), err = read_pipe(&gather->pipes[ERR]);
    if (gather->ring && !ring_look(gather->ring, &gather->head)) {
        gather->head = ring_tail(gather->ring);
        gather->events.broken(gather->context);
    }
    return out || err;
}

/* ---- Emitting ---- */

static void emit(struct gather *gather, int stream, struct str text)
{
    gather->emitted += text.size;
    output_add(gather->output, stream, text);
}

/* Of what was read, what comes before this count. */
static void emit_raw_until(struct gather *gather, int stream, uint32_t count)
{
    struct pipe_end *pipe = &gather->pipes[stream];
    uint32_t later = pipe->taken - count;
    size_t size = pipe->raw.size;
    if (!size || (later <= INT32_MAX && later >= size))
        return;
    if (later <= INT32_MAX)
        size -= later;
    emit(gather, stream, str_slice(buffer_str(&pipe->raw), 0, size));
    buffer_consume(&pipe->raw, size);
    if (!pipe->raw.size)
        buffer_clear(&pipe->raw, OUTPUT_CHUNK);
}

static void emit_raw(struct gather *gather)
{
    int second = gather->first == OUT ? ERR : OUT;
    emit_raw_until(gather, gather->first, gather->pipes[gather->first].taken);
    emit_raw_until(gather, second, gather->pipes[second].taken);
    gather->first = OUT;
}

/* The ring's text up to `until`, and what was read before it. */
static void emit_ring(struct gather *gather, uint32_t until)
{
    struct ring_piece piece;
    enum ring_result result = RING_END;
    /* What came after the look may have taken more than that saw. */
    if (gather->ring && (int32_t)(until - ring_tail(gather->ring)) <= 0)
        return;
    while (gather->ring && (result = ring_next(gather->ring, until, &piece)) == RING_PIECE) {
        struct str text = str_slice(piece.text, 0, OUTPUT_CHUNK);
        emit_raw_until(gather, OUT, piece.after[OUT]);
        emit_raw_until(gather, ERR, piece.after[ERR]);
        emit(gather, piece.stream, text);
        ring_take(gather->ring, (uint32_t)text.size);
    }
    if (result == RING_NONSENSE)
        gather->events.broken(gather->context);
}

void gather_emit(struct gather *gather)
{
    emit_ring(gather, gather->head);
    emit_raw(gather);
    output_publish_due(gather->output);
}

void gather_emit_until(struct gather *gather, const struct link_at *at)
{
    uint32_t head;
    if (gather->ring && !ring_look(gather->ring, &head))
        gather->events.broken(gather->context);
    else if (gather->ring && at->ring - ring_tail(gather->ring) <= head - ring_tail(gather->ring))
        emit_ring(gather, at->ring);
    emit_raw_until(gather, OUT, at->raw[OUT]);
    emit_raw_until(gather, ERR, at->raw[ERR]);
    output_publish(gather->output);
}

void gather_drain(struct gather *gather)
{
    bool more = true;
    for (int reads = 0; more && reads < DRAIN_READS; reads++) {
        more = gather_look(gather);
        emit_ring(gather, gather->head);
        emit_raw(gather);
    }
    output_publish(gather->output);
}

/* ---- When to look ---- */

static void update_interest(struct gather *gather)
{
    for (int i = 0; i < STREAMS; i++)
        loop_want(gather->loop, &gather->pipes[i].watch,
                  gather->paused || gather->resting ? 0 : EPOLLIN);
}

static void set_resting(struct gather *gather, bool resting)
{
    bool quiet = !gather->ring || ring_sleep(gather->ring, resting ? RING_HALF : 1);
    gather->resting = resting || !quiet;
    update_interest(gather);
    if (gather->resting)
        loop_start_timer(gather->loop, &gather->rest, quiet ? REST_MS : 0);
    else
        loop_stop_timer(gather->loop, &gather->rest);
}

static void take(struct gather *gather)
{
    uint64_t before = gather->emitted;
    if (!gather->events.printed(gather->context, gather) || gather->paused)
        return;
    int64_t now = loop_now();
    size_t size = (size_t)(gather->emitted - before);
    bool flood = size && now - gather->last <= FLOOD_MS;
    if (size)
        gather->last = now;
    /* Without a ring, a pipe that fills up is read as fast as we can. */
    set_resting(gather, flood && (gather->ring || size < OUTPUT_CHUNK / 4));
}

static void on_readable(void *context, uint32_t events)
{
    struct pipe_end *pipe = context;
    struct gather *gather = pipe->gather;
    pipe->hung_up = (events & (EPOLLHUP | EPOLLERR)) != 0;
    gather->first = (int)(pipe - gather->pipes);
    take(gather); /* which may be the end of it */
}

static void on_ring(void *context, uint32_t events)
{
    struct gather *gather = context;
    (void)events;
    if (!gather->paused)
        take(gather);
}

static void on_rested(void *context)
{
    struct gather *gather = context;
    gather->resting = false;
    take(gather); /* decides whether to rest again */
}

void gather_pause(struct gather *gather, bool pause)
{
    if (gather->paused == pause)
        return;
    gather->paused = pause;
    loop_stop_timer(gather->loop, &gather->rest);
    gather->resting = false;
    update_interest(gather);
    if (!pause) /* the ring may have said something meanwhile */
        gather_look_soon(gather);
}

void gather_look_soon(struct gather *gather)
{
    loop_start_timer(gather->loop, &gather->rest, 0);
}

/* ---- Life ---- */

struct gather *gather_new(struct loop *loop, struct publisher *publisher, const int pipes[2],
                          const struct gather_events *events, void *context, struct error *error)
{
    struct gather *gather = calloc(1, sizeof *gather);
    if (!gather || !(gather->output = output_new(loop, publisher))) {
        free(gather);
        close(pipes[OUT]);
        close(pipes[ERR]);
        error_set(error, "out of memory");
        return NULL;
    }
    gather->loop = loop;
    gather->events = *events;
    gather->context = context;
    gather->rest = (struct loop_timer){.fire = on_rested, .context = gather};
    gather->ring_watch.fd = -1;
    bool good = true;
    for (int i = 0; i < STREAMS; i++) {
        struct pipe_end *pipe = &gather->pipes[i];
        pipe->gather = gather;
        pipe->watch = (struct loop_watch){pipes[i], EPOLLIN, on_readable, pipe};
        good &= loop_watch(loop, &pipe->watch, error);
    }
    if (!good) {
        gather_free(gather);
        return NULL;
    }
    return gather;
}

void gather_free(struct gather *gather)
{
    if (!gather)
        return;
    emit_raw(gather);
    output_free(gather->output);
    loop_stop_timer(gather->loop, &gather->rest);
    loop_unwatch(gather->loop, &gather->ring_watch);
    for (int i = 0; i < STREAMS; i++) {
        close_pipe(&gather->pipes[i]);
        buffer_fini(&gather->pipes[i].raw);
    }
    free(gather);
}

struct output *gather_output(const struct gather *gather)
{
    return gather->output;
}

static void give_ring_up(struct gather *gather)
{
    loop_unwatch(gather->loop, &gather->ring_watch);
    gather->ring = NULL;
    emit_raw(gather);
    set_resting(gather, false);
}

void gather_take_ring(struct gather *gather, struct ring *ring, struct gather *from)
{
    struct error error;
    if (from)
        give_ring_up(from);
    if (!ring)
        return;
    gather->ring_watch =
        (struct loop_watch){ring_wake_fd(ring), EPOLLIN | EPOLLET, on_ring, gather};
    if (!loop_watch(gather->loop, &gather->ring_watch, &error))
        gather->ring_watch.fd = -1; /* it is looked at whenever anything else happens */
    gather->ring = ring;
    gather->head = ring_tail(ring);
    for (int i = 0; i < STREAMS; i++)
        gather->pipes[i].taken = ring_count(ring, i, 0);
    set_resting(gather, false);
}

int64_t gather_inode(const struct gather *gather)
{
    struct stat status;
    int fd = gather->pipes[OUT].watch.fd;
    return fd >= 0 && fstat(fd, &status) == 0 ? (int64_t)status.st_ino : -1;
}

static int reopen(const struct pipe_end *pipe)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", pipe->watch.fd);
    return pipe->watch.fd < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);
}

bool gather_reopen(const struct gather *gather, int fds[2])
{
    for (int i = 0; i < STREAMS; i++)
        fds[i] = reopen(&gather->pipes[i]);
    if (fds[OUT] >= 0 && fds[ERR] >= 0)
        return true;
    for (int i = 0; i < STREAMS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return false;
}

bool gather_has_ended(const struct gather *gather)
{
    return gather->pipes[OUT].watch.fd < 0 && gather->pipes[ERR].watch.fd < 0;
}
