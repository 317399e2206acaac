#include "kernel/output.h"
#include "base/json_write.h"
#include "base/utf8.h"

#include <errno.h>
#include <unistd.h>

#define KEEP (OUTPUT_CHUNK * 2)
/* Small reads that follow each other this closely are a flood of prints. */
#define FLOOD_MS 2
/* Enough for what a pipe holds, however small the reads; a writer that goes on cannot keep us. */
#define DRAIN_READS 32

static void on_timer(void *context);

void output_init(struct output *output, struct loop *loop, struct publisher *publisher)
{
    *output = (struct output){
        .loop = loop,
        .publisher = publisher,
        .timer = {.fire = on_timer, .context = output},
    };
}

void output_fini(struct output *output)
{
    loop_stop_timer(output->loop, &output->timer);
    for (int i = 0; i < WORKER_STREAMS; i++)
        buffer_fini(&output->streams[i].text);
    buffer_fini(&output->content);
    request_unref(output->parent);
    output->parent = NULL;
}

static void publish_text(struct output *output, int stream, struct str text)
{
    struct buffer *content = &output->content;
    if (output->muted || !text.size)
        return;
    buffer_clear(content, KEEP);
    buffer_append(content, stream == WORKER_STDERR ? STR("{\"name\":\"stderr\",\"text\":")
                                                   : STR("{\"name\":\"stdout\",\"text\":"));
    json_write_string(content, text);
    buffer_append_byte(content, '}');
    publish(output->publisher, STR("stream"), output->parent, buffer_str(content));
}

/* With `all`, also the start of a code point whose rest did not come. */
static void publish_stream(struct output *output, int stream, bool all)
{
    struct output_stream *s = &output->streams[stream];
    size_t ready = s->text.size;
    if (!all)
        ready -= utf8_incomplete_tail(buffer_str(&s->text));
    if (!ready)
        return;
    publish_text(output, stream, str_slice(buffer_str(&s->text), 0, ready));
    buffer_consume(&s->text, ready);
    s->published = loop_now();
}

static void publish_both(struct output *output, bool all)
{
    loop_stop_timer(output->loop, &output->timer);
    for (int i = 0; i < WORKER_STREAMS; i++)
        publish_stream(output, i, all);
}

static void on_timer(void *context)
{
    publish_both(context, false);
}

/* At once after a quiet moment, or when there is much; else when the interval is over. */
static void publish_when_due(struct output *output, int stream)
{
    struct output_stream *s = &output->streams[stream];
    int64_t wait = s->published + OUTPUT_INTERVAL_MS - loop_now();
    if (s->text.size >= OUTPUT_CHUNK || wait <= 0)
        publish_stream(output, stream, false);
    else if (s->text.size && !loop_timer_is_set(&output->timer))
        loop_start_timer(output->loop, &output->timer, wait);
}

/* One read(2); false when there is nothing to read now. */
static bool read_some(struct output *output, struct worker_process *worker, int stream)
{
    struct buffer *text = &output->streams[stream].text;
    int fd = worker_output_fd(worker, stream);
    if (fd < 0)
        return false;
    char *to = buffer_reserve(text, OUTPUT_CHUNK);
    if (!to) {
        text->failed = false;
        publish_stream(output, stream, false);
        return false;
    }
    ssize_t size = read(fd, to, OUTPUT_CHUNK);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        worker_close_output(worker, stream);
    if (size <= 0)
        return false;
    /* The other stream's older text goes first. */
    publish_stream(output, !stream, false);
    buffer_commit(text, (size_t)size);
    return true;
}

void output_read(struct output *output, struct worker_process *worker, int stream)
{
    struct output_stream *s = &output->streams[stream];
    size_t before = s->text.size;
    int64_t now = loop_now();
    if (!read_some(output, worker, stream))
        return;
    if (now - s->read <= FLOOD_MS && s->text.size - before < OUTPUT_CHUNK / 4)
        worker_rest_output(worker, stream);
    s->read = now;
    publish_when_due(output, stream);
}

void output_drain(struct output *output, struct worker_process *worker)
{
    for (int i = 0; i < WORKER_STREAMS; i++) {
        for (int reads = 0; reads < DRAIN_READS && read_some(output, worker, i); reads++) {
            if (output->streams[i].text.size >= OUTPUT_CHUNK)
                publish_stream(output, i, false);
        }
    }
    publish_both(output, false);
}

void output_flush(struct output *output)
{
    publish_both(output, true);
}

void output_set_parent(struct output *output, struct request *parent, bool muted)
{
    output_flush(output);
    request_ref(parent);
    request_unref(output->parent);
    output->parent = parent;
    output->muted = muted;
}
