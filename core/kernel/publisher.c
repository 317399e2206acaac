#include "kernel/publisher.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "kernel/router.h"
#include "telemetry/log.h"

/* ZeroMQ tells through its descriptor when room appears, but not reliably to a sender whose peer
 * never drained below the mark; looking again now and then costs nothing. */
#define RETRY_MS 20
/* After patience was lost: how often a message is offered without loss, to see who reads again. */
#define PROBE_MS 1000

static void lose_patience(void *context)
{
    struct publisher *publisher = context;
    log_warning("a client has read nothing from IOPub for %d seconds; it will miss messages until "
                "it reads again",
                PUBLISHER_PATIENCE_MS / 1000);
    publisher->lossy = true;
    publisher->probe_at = loop_now() + PROBE_MS;
    sockets_set_lossy(publisher->sockets, true);
    publisher_flush(publisher);
}

/* Offers the message without loss. When somebody is still full it goes to the others only. */
static enum send_result probe(struct publisher *publisher, struct wire_frames *frames)
{
    sockets_set_lossy(publisher->sockets, false);
    enum send_result result = sockets_send(publisher->sockets, CHANNEL_IOPUB, frames);
    if (result == SEND_FULL) {
        publisher->probe_at = loop_now() + PROBE_MS;
        sockets_set_lossy(publisher->sockets, true);
        return sockets_send(publisher->sockets, CHANNEL_IOPUB, frames);
    }
    publisher->lossy = false;
    log_warning("all clients read IOPub again");
    return result;
}

static enum send_result offer(struct publisher *publisher, struct wire_frames *frames)
{
    if (publisher->lossy && loop_now() >= publisher->probe_at)
        return probe(publisher, frames);
    return sockets_send(publisher->sockets, CHANNEL_IOPUB, frames);
}

static void retry(void *context)
{
    publisher_flush(context);
}

static void end_early(void *context)
{
    struct publisher *publisher = context;
    loop_stop_timer(publisher->loop, &publisher->welcome);
    publisher->early = false;
    publisher_flush(publisher);
}

void publisher_init(struct publisher *publisher, struct loop *loop, struct sockets *sockets,
                    struct wire_sender *sender, struct metrics *metrics)
{
    *publisher = (struct publisher){
        .loop = loop,
        .sockets = sockets,
        .sender = sender,
        .metrics = metrics,
        .patience = {.fire = lose_patience, .context = publisher},
        .retry = {.fire = retry, .context = publisher},
        .welcome = {.fire = end_early, .context = publisher},
    };
    outbox_init(&publisher->held);
    outbox_init(&publisher->backlog);
    heap_init(&publisher->heap, loop);
}

void publisher_start(struct publisher *publisher)
{
    publisher->early = true;
    loop_start_timer(publisher->loop, &publisher->welcome, PUBLISHER_WELCOME_MS);
}

void publisher_fini(struct publisher *publisher)
{
    publisher_release(publisher);
    loop_stop_timer(publisher->loop, &publisher->patience);
    loop_stop_timer(publisher->loop, &publisher->retry);
    loop_stop_timer(publisher->loop, &publisher->welcome);
    while (publisher->backlog.first)
        outbox_recycle(&publisher->stock, outbox_pop(&publisher->backlog));
    outbox_recycle(&publisher->stock, publisher->draft);
    publisher->draft = NULL;
    outbox_stock_fini(&publisher->stock);
    heap_fini(&publisher->heap);
}

bool publisher_is_congested(const struct publisher *publisher)
{
    return publisher->backlog.first && !publisher->early;
}

static void wait_for_room(struct publisher *publisher)
{
    if (!loop_timer_is_set(&publisher->patience))
        loop_start_timer(publisher->loop, &publisher->patience, PUBLISHER_PATIENCE_MS);
    if (!loop_timer_is_set(&publisher->retry))
        loop_start_timer(publisher->loop, &publisher->retry, RETRY_MS);
}

/* A message that IOPub does not take now. */
static void keep_for_later(struct publisher *publisher, struct outgoing *message)
{
    outbox_push(&publisher->backlog, message);
    if (!publisher->early)
        wait_for_room(publisher);
    else if (publisher->backlog.count == PUBLISHER_EARLY_MAX)
        end_early(publisher);
}

void publisher_flush(struct publisher *publisher)
{
    struct outbox *backlog = &publisher->backlog;
    bool moved = false;
    while (backlog->first) {
        size_t bytes = backlog->first->frames.bytes.size;
        if (offer(publisher, &backlog->first->frames) == SEND_FULL)
            break;
        backlog->bytes -= bytes - backlog->first->frames.bytes.size;
        outbox_recycle(&publisher->stock, outbox_pop(backlog));
        moved = true;
    }
    if (moved)
        loop_stop_timer(publisher->loop, &publisher->patience);
    if (backlog->first)
        wait_for_room(publisher);
    else
        loop_stop_timer(publisher->loop, &publisher->retry);
}

static void lose(struct publisher *publisher, struct str msg_type)
{
    publisher->metrics->dropped[METRICS_NO_MEMORY]++;
    log_error("out of memory: a %.*s message is lost", STR_FORMAT(msg_type));
}

bool publisher_release(struct publisher *publisher)
{
    struct outgoing *message;
    bool has_some = publisher->held.first != NULL;
    while ((message = outbox_pop(&publisher->held))) {
        if (message->channel != CHANNEL_IOPUB)
            sockets_send(publisher->sockets, message->channel, &message->frames);
        else if (publisher->early || publisher->backlog.first ||
                 offer(publisher, &message->frames) == SEND_FULL) {
            keep_for_later(publisher, message);
            continue;
        }
        outbox_recycle(&publisher->stock, message);
    }
    return has_some;
}

/* The message being put together; NULL, and a line in the log: no memory. */
static struct wire_frames *draft(struct publisher *publisher, struct str msg_type)
{
    if (!publisher->draft)
        publisher->draft = outbox_new(&publisher->stock);
    if (!publisher->draft)
        lose(publisher, msg_type);
    return publisher->draft ? &publisher->draft->frames : NULL;
}

/* What was put together is on its way from now on. */
static void post(struct publisher *publisher, enum channel_name channel)
{
    publisher->draft->channel = channel;
    publisher->metrics->dropped[METRICS_SLOW_CLIENT] +=
        channel == CHANNEL_IOPUB && publisher->lossy;
    if (publisher->draft->frames.bytes.size >= PUBLISHER_LARGE)
        heap_note(&publisher->heap);
    outbox_push(&publisher->held, publisher->draft);
    publisher->draft = NULL;
    if (publisher->held.bytes >= PUBLISHER_HOLD_BYTES)
        publisher_release(publisher);
}

static bool compose(struct publisher *publisher, const struct wire_outgoing *message)
{
    struct wire_frames *frames = draft(publisher, message->msg_type);
    if (!frames)
        return false;
    if (wire_compose(frames, publisher->sender, message))
        return true;
    lose(publisher, message->msg_type);
    return false;
}

static void send_iopub(struct publisher *publisher, const struct wire_outgoing *message)
{
    if (compose(publisher, message))
        post(publisher, CHANNEL_IOPUB);
}

static void count_output(struct publisher *publisher, struct str msg_type, struct request *parent,
                         size_t bytes)
{
    if (!metrics_count_output(publisher->metrics, msg_type, bytes) || !parent)
        return;
    parent->shown.messages++;
    parent->shown.bytes += bytes;
}

struct buffer *publish_begin(struct publisher *publisher, struct str msg_type,
                             struct request *parent, size_t size)
{
    struct wire_frames *frames = draft(publisher, msg_type);
    publisher->drafted = (struct wire_outgoing){
        .identities = &publisher->drafted.msg_type, /* the topic */
        .identity_count = 1,
        .msg_type = msg_type,
        .parent_header = parent ? parent->header : (struct str){NULL, 0},
    };
    if (!frames)
        return NULL;
    if (!wire_begin(frames, publisher->sender, &publisher->drafted) ||
        !buffer_reserve(&frames->bytes, size)) {
        lose(publisher, msg_type);
        return NULL;
    }
    publisher->drafted_for = parent;
    publisher->drafted_at = frames->bytes.size;
    return &frames->bytes;
}

void publish_end(struct publisher *publisher)
{
    struct wire_frames *frames = &publisher->draft->frames;
    count_output(publisher, publisher->drafted.msg_type, publisher->drafted_for,
                 frames->bytes.size - publisher->drafted_at);
    if (wire_end(frames, publisher->sender, &publisher->drafted))
        post(publisher, CHANNEL_IOPUB);
    else
        lose(publisher, publisher->drafted.msg_type);
}

static void send_with_parent(struct publisher *publisher, struct str msg_type,
                             const struct request *parent, struct str content, struct str metadata,
                             const struct str *buffers, size_t buffer_count)
{
    send_iopub(publisher, &(struct wire_outgoing){
                              .identities = &msg_type, /* the topic */
                              .identity_count = 1,
                              .msg_type = msg_type,
                              .parent_header = parent ? parent->header : (struct str){NULL, 0},
                              .metadata = metadata,
                              .content = content,
                              .buffers = buffers,
                              .buffer_count = buffer_count,
                          });
}

void publish_buffers(struct publisher *publisher, struct str msg_type, struct request *parent,
                     struct str content, struct str metadata, const struct str *buffers,
                     size_t buffer_count)
{
    size_t bytes = content.size;
    for (size_t i = 0; i < buffer_count; i++)
        bytes += buffers[i].size;
    count_output(publisher, msg_type, parent, bytes);
    send_with_parent(publisher, msg_type, parent, content, metadata, buffers, buffer_count);
}

void publish(struct publisher *publisher, struct str msg_type, struct request *parent,
             struct str content)
{
    publish_buffers(publisher, msg_type, parent, content, (struct str){NULL, 0}, NULL, 0);
}

void publish_status(struct publisher *publisher, const struct request *parent, struct str state)
{
    char content[64] = "{\"execution_state\":\"";
    size_t size = strlen(content);
    memcpy(content + size, state.data, state.size);
    size += state.size;
    memcpy(content + size, "\"}", 2);
    send_with_parent(publisher, STR("status"), parent, (struct str){content, size + 2},
                     (struct str){NULL, 0}, NULL, 0);
}

void publish_welcome(struct publisher *publisher, struct str topic)
{
    struct buffer content = {0};
    buffer_append(&content, STR("{\"subscription\":"));
    json_write_string(&content, topic);
    buffer_append_byte(&content, '}');
    struct wire_outgoing message = {
        .identities = &topic,
        .identity_count = 1,
        .msg_type = STR("iopub_welcome"),
        .content = buffer_str(&content),
    };
    if (!publisher->early) {
        send_iopub(publisher, &message);
    } else {
        /* The welcome comes before what was kept. */
        if (compose(publisher, &message))
            sockets_send(publisher->sockets, CHANNEL_IOPUB, &publisher->draft->frames);
        end_early(publisher);
    }
    buffer_fini(&content);
}

static bool compose_answer(struct publisher *publisher, const struct request *request,
                           struct str msg_type, struct str content)
{
    return compose(publisher, &(struct wire_outgoing){
                                  .identities = request->identities,
                                  .identity_count = request->identity_count,
                                  .msg_type = msg_type,
                                  .parent_header = request->header,
                                  .content = content,
                              });
}

/* Replies that are no failure have other values, too: is_complete_reply. */
static enum metrics_status status_of(struct str content)
{
    struct str status;
    if (!json_get(content, "status", &status))
        return METRICS_OK;
    return str_equal(status, STR("\"error\""))     ? METRICS_ERROR
           : str_equal(status, STR("\"aborted\"")) ? METRICS_ABORTED
                                                   : METRICS_OK;
}

void send_reply(struct publisher *publisher, const struct request *request, struct str msg_type,
                struct str content)
{
    metrics_count_request(publisher->metrics, request->type->name, status_of(content));
    if (compose_answer(publisher, request, msg_type, content))
        post(publisher, request->channel);
}

bool send_input_request(struct publisher *publisher, const struct request *request,
                        struct str content)
{
    publisher_release(publisher);
    return compose_answer(publisher, request, STR("input_request"), content) &&
           sockets_send(publisher->sockets, CHANNEL_STDIN, &publisher->draft->frames) == SEND_DONE;
}
