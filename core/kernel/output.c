#include "kernel/output.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "guard/limits.h"

#include <stdlib.h>

enum { OUT = OUTPUT_OUT, ERR = OUTPUT_ERR, STREAMS };

struct stream {
    struct output *output;
    struct str name;    /* as in the message */
    struct buffer text; /* not yet published */
    int64_t published;  /* when the last message went out; loop_now's milliseconds */
};

struct output {
    struct loop *loop;
    struct publisher *publisher;
    struct request *parent;
    bool muted;
    struct stream streams[STREAMS];
    struct loop_timer due; /* text waits for its interval to be over */
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

struct output *output_new(struct loop *loop, struct publisher *publisher)
{
    struct output *output = calloc(1, sizeof *output);
    if (!output)
        return NULL;
    output->loop = loop;
    output->publisher = publisher;
    output->due = (struct loop_timer){.fire = on_due, .context = output};
    for (int i = 0; i < STREAMS; i++) {
        output->streams[i].output = output;
        output->streams[i].name = i == OUT ? STR("stdout") : STR("stderr");
    }
    return output;
}

void output_free(struct output *output)
{
    if (!output)
        return;
    publish_both(output, true);
    for (int i = 0; i < STREAMS; i++)
        buffer_fini(&output->streams[i].text);
    request_unref(output->parent);
    free(output);
}

void output_add(struct output *output, int stream, struct str text)
{
    struct stream *s = &output->streams[stream];
    /* The other stream's older text goes first. */
    publish_stream(&output->streams[stream == OUT ? ERR : OUT], false);
    while (text.size) {
        struct str piece = str_slice(text, 0, OUTPUT_CHUNK);
        buffer_append(&s->text, piece);
        if (s->text.failed) { /* what is there makes room */
            s->text.failed = false;
            publish_stream(s, true);
            buffer_append(&s->text, piece);
        }
        text = str_slice(text, piece.size, text.size);
        if (s->text.size >= OUTPUT_CHUNK)
            publish_stream(s, false);
    }
}

void output_publish_due(struct output *output)
{
    publish_when_due(&output->streams[OUT]);
    publish_when_due(&output->streams[ERR]);
}

void output_publish(struct output *output)
{
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
    output->publisher->metrics->left_out_bytes += bytes;
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
