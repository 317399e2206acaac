#include "kernel/output.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "guard/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small reads that follow each other this closely are a flood of prints. A wake-up for each would
 * cost more than the prints do, so the pipe is left alone for a moment. */
#define FLOOD_MS 2
#define REST_MS  1
/* Enough for what a pipe holds, however small the reads; a writer that goes on cannot keep us. */
#define DRAIN_READS 32

enum { OUT, ERR, STREAMS };

struct stream {
    struct output *output;
    struct str name; /* as in the message */
    struct loop_watch pipe;
    struct buffer text; /* read, not yet published */
    int64_t published;  /* when the last message went out; loop_now's milliseconds */
    int64_t read;       /* when something was read last; the same */
};

struct output {
    struct loop *loop;
    struct publisher *publisher;
    struct request *parent;
    bool muted;
    bool paused;
    bool resting;
    struct stream streams[STREAMS];
    struct loop_timer due;  /* text waits for its interval to be over */
    struct loop_timer rest; /* ends the resting */
};

static void send_text(struct output *output, struct str name, struct str text)
{
    struct buffer *content = publish_begin(output->publisher, STR("stream"), output->parent,
                                           text.size + text.size / 8 + 64);
    if (!content)
        return;
    buffer_append(content, STR("{\"name\":\""));
    buffer_append(content, name);
    buffer_append(content, STR("\",\"text\":"));
    json_write_string(content, text);
    buffer_append_byte(content, '}');
    publish_end(output->publisher);
}

static void publish_text(struct output *output, const struct stream *s, struct str text)
{
    if (output->muted)
        return;
    if (output->parent)
        text = output_quota_take_text(&output->parent->quota, text);
    if (text.size)
        send_text(output, s->name, text);
}

/* With `all`, also the start of a code point whose rest did not come. */
static void publish_stream(struct stream *s, bool all)
{
    size_t ready = s->text.size;
    if (!all)
        ready -= utf8_incomplete_tail(buffer_str(&s->text));
    if (!ready)
        return;
    publish_text(s->output, s, str_slice(buffer_str(&s->text), 0, ready));
    buffer_consume(&s->text, ready);
    s->published = loop_now();
}

static void publish_both(struct output *output, bool all)
{
    loop_stop_timer(output->loop, &output->due);
    publish_stream(&output->streams[OUT], all);
    publish_stream(&output->streams[ERR], all);
}

static void on_due(void *context)
{
    publish_both(context, false);
}

/* At once after a quiet moment, or when there is much; else when the interval is over. */
static void publish_when_due(struct stream *s)
{
    struct output *output = s->output;
    int64_t wait = s->published + OUTPUT_INTERVAL_MS - loop_now();
    if (s->text.size >= OUTPUT_CHUNK || wait <= 0)
        publish_stream(s, false);
    else if (s->text.size && !loop_timer_is_set(&output->due))
        loop_start_timer(output->loop, &output->due, wait);
}

static void close_pipe(struct stream *s)
{
    int fd = s->pipe.fd;
    loop_unwatch(s->output->loop, &s->pipe);
    if (fd >= 0)
        close(fd);
}

/* One read(2); false when there is nothing to read now. */
static bool read_some(struct stream *s)
{
    struct output *output = s->output;
    if (s->pipe.fd < 0)
        return false;
    char *to = buffer_reserve(&s->text, OUTPUT_CHUNK);
    if (!to) {
        s->text.failed = false;
        publish_stream(s, false);
        return false;
    }
    ssize_t size = read(s->pipe.fd, to, OUTPUT_CHUNK);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        close_pipe(s);
    if (size <= 0)
        return false;
    /* The other stream's older text goes first. */
    publish_stream(&output->streams[s == &output->streams[OUT] ? ERR : OUT], false);
    buffer_commit(&s->text, (size_t)size);
    return true;
}

static void update_interest(struct output *output)
{
    for (int i = 0; i < STREAMS; i++)
        loop_want(output->loop, &output->streams[i].pipe,
                  output->paused || output->resting ? 0 : EPOLLIN);
}

static void on_rested(void *context)
{
    struct output *output = context;
    output->resting = false;
    update_interest(output);
}

static void rest(struct output *output)
{
    output->resting = true;
    update_interest(output);
    loop_start_timer(output->loop, &output->rest, REST_MS);
}

static void on_readable(void *context, uint32_t events)
{
    struct stream *s = context;
    size_t before = s->text.size;
    int64_t now = loop_now();
    (void)events;
    if (!read_some(s))
        return;
    if (now - s->read <= FLOOD_MS && s->text.size - before < OUTPUT_CHUNK / 4)
        rest(s->output);
    s->read = now;
    publish_when_due(s);
}

struct output *output_new(struct loop *loop, struct publisher *publisher, int out_fd, int err_fd,
                          struct error *error)
{
    const int fds[STREAMS] = {out_fd, err_fd};
    struct output *output = calloc(1, sizeof *output);
    if (!output) {
        close(out_fd);
        close(err_fd);
        error_set(error, "out of memory");
        return NULL;
    }
    output->loop = loop;
    output->publisher = publisher;
    output->due = (struct loop_timer){.fire = on_due, .context = output};
    output->rest = (struct loop_timer){.fire = on_rested, .context = output};
    bool good = true;
    for (int i = 0; i < STREAMS; i++) {
        struct stream *s = &output->streams[i];
        s->output = output;
        s->name = i == OUT ? STR("stdout") : STR("stderr");
        s->pipe = (struct loop_watch){fds[i], EPOLLIN, on_readable, s};
        good &= loop_watch(loop, &s->pipe, error);
    }
    if (!good) {
        output_free(output);
        return NULL;
    }
    return output;
}

void output_free(struct output *output)
{
    if (!output)
        return;
    publish_both(output, true);
    loop_stop_timer(output->loop, &output->rest);
    for (int i = 0; i < STREAMS; i++) {
        close_pipe(&output->streams[i]);
        buffer_fini(&output->streams[i].text);
    }
    request_unref(output->parent);
    free(output);
}

void output_drain(struct output *output)
{
    for (int i = 0; i < STREAMS; i++) {
        struct stream *s = &output->streams[i];
        for (int reads = 0; reads < DRAIN_READS && read_some(s); reads++) {
            if (s->text.size >= OUTPUT_CHUNK)
                publish_stream(s, false);
        }
    }
    publish_both(output, false);
}

void output_flush(struct output *output)
{
    publish_both(output, true);
}

void output_tell_left_out(struct output *output)
{
    struct buffer text = {0};
    if (!output->parent || output->muted)
        return;
    struct output_quota *quota = &output->parent->quota;
    if (quota->left_out == quota->told)
        return;
    uint64_t bytes = quota->left_out - quota->told;
    buffer_append_format(&text, "\nhilum: %llu %s left out, beyond the limit of ",
                         (unsigned long long)bytes,
                         bytes == 1 ? "byte of output was" : "bytes of output were");
    limit_write_amount(LIMIT_OUTPUT, (int64_t)quota->max, &text);
    buffer_append_format(&text, " for a cell (%s)\n", quota->setting);
    quota->told = quota->left_out;
    send_text(output, output->streams[ERR].name, buffer_str(&text));
    buffer_fini(&text);
}

void output_set_parent(struct output *output, struct request *parent, bool muted)
{
    output_flush(output);
    request_ref(parent);
    request_unref(output->parent);
    output->parent = parent;
    output->muted = muted;
}

struct request *output_parent(const struct output *output)
{
    return output->parent;
}

bool output_is_muted(const struct output *output)
{
    return output->muted;
}

void output_pause(struct output *output, bool pause)
{
    if (output->paused == pause)
        return;
    output->paused = pause;
    update_interest(output);
}

bool output_has_ended(const struct output *output)
{
    return output->streams[OUT].pipe.fd < 0 && output->streams[ERR].pipe.fd < 0;
}

int64_t output_inode(const struct output *output)
{
    struct stat status;
    int fd = output->streams[OUT].pipe.fd;
    return fd >= 0 && fstat(fd, &status) == 0 ? (int64_t)status.st_ino : -1;
}

static int reopen(const struct stream *stream)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", stream->pipe.fd);
    return stream->pipe.fd < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);
}

bool output_reopen(const struct output *output, int fds[2])
{
    fds[0] = reopen(&output->streams[OUT]);
    fds[1] = reopen(&output->streams[ERR]);
    if (fds[0] >= 0 && fds[1] >= 0)
        return true;
    if (fds[0] >= 0)
        close(fds[0]);
    if (fds[1] >= 0)
        close(fds[1]);
    return false;
}
