/* protocol/sockets.h without ZeroMQ: messages come from the script, and every message that the
 * kernel sends is checked as a client would. */
#include "base/json_scan.h"
#include "kernel_script.h"
#include "protocol/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- what a client sends ---- */

static void add(struct received *received, struct str frame)
{
    if (received->count < WIRE_FRAMES_MAX)
        received->frames[received->count++] = fuzz_copy(frame);
    else
        received->cut = true;
}

static struct str member(struct str *line, struct str fallback)
{
    struct str text = fuzz_take_until(line, '\t');
    return text.size ? text : fallback;
}

static void write_header(struct str given, struct buffer *out)
{
    if (given.size && given.data[0] == '{')
        buffer_append(out, given);
    else
        buffer_append_format(out, "{\"msg_id\":\"m%zu\",\"msg_type\":\"%.*s\"}", script.messages,
                             STR_FORMAT(given));
}

static void write_parent(struct str given, struct buffer *out)
{
    if (str_equal(given, STR("?")))
        buffer_append_format(out, "{\"msg_id\":\"%s\"}", script.question);
    else
        buffer_append(out, given);
}

static void compose(struct str line, struct received *received)
{
    struct buffer header = {0}, parent = {0};
    char signature[SIGNER_HEX_SIZE];
    write_header(member(&line, STR("")), &header);
    struct str content = member(&line, STR("{}"));
    write_parent(member(&line, STR("{}")), &parent);
    struct str metadata = member(&line, STR("{}"));
    const struct str json[] = {buffer_str(&header), buffer_str(&parent), metadata, content};
    add(received, member(&line, STR("client")));
    add(received, STR("<IDS|MSG>"));
    add(received, (struct str){signature, signer_sign(&script.signer, json, signature)});
    for (size_t i = 0; i < SIGNER_FRAMES; i++)
        add(received, json[i]);
    while (line.size)
        add(received, member(&line, STR("")));
    buffer_fini(&header);
    buffer_fini(&parent);
}

static void compose_raw(struct str line, struct received *received)
{
    do
        add(received, member(&line, STR("")));
    while (line.size);
}

static enum channel_name channel_of(char kind)
{
    switch (kind) {
    case 'S':
    case 'R':
        return CHANNEL_SHELL;
    case 'C':
        return CHANNEL_CONTROL;
    case 'I':
        return CHANNEL_STDIN;
    case 'P':
    case 'U':
        return CHANNEL_IOPUB;
    case 'H':
        return CHANNEL_HB;
    default:
        return CHANNELS;
    }
}

bool sockets_receive(struct sockets *sockets, enum channel_name channel, struct received *received)
{
    received->count = 0;
    received->cut = false;
    bool more = script_look();
    sockets->touched[channel] = more;
    if (!more || channel_of(script.kind) != channel)
        return false;
    script.messages++;
    if (strchr("SCI", script.kind)) {
        compose(script.line, received);
    } else if (script.kind == 'P') {
        struct buffer topic = {0};
        buffer_append_byte(&topic, 1);
        buffer_append(&topic, script.line);
        add(received, buffer_str(&topic));
        buffer_fini(&topic);
    } else {
        compose_raw(script.line, received);
    }
    script_next();
    return true;
}

void sockets_release(struct received *received)
{
    for (size_t i = 0; i < received->count; i++)
        free((char *)received->frames[i].data);
    received->count = 0;
}

/* ---- what a client receives ---- */

static struct str text_of(struct str object, const char *key)
{
    struct str value = {NULL, 0};
    return json_get(object, key, &value) ? str_slice(value, 1, value.size - 1) : value;
}

static void count_status(const struct wire_incoming *message)
{
    struct str state = text_of(message->content, "execution_state");
    if (str_equal(state, STR("busy")))
        script.busy++;
    else if (str_equal(state, STR("idle")))
        script.idle++;
    else
        FUZZ_REQUIRE(str_equal(state, STR("starting")));
    FUZZ_REQUIRE(script.idle <= script.busy);
}

static void remember_question(const struct wire_incoming *message)
{
    FUZZ_REQUIRE(str_equal(message->msg_type, STR("input_request")));
    snprintf(script.question, sizeof script.question, "%.*s", STR_FORMAT(message->msg_id));
}

enum send_result sockets_send(struct sockets *sockets, enum channel_name channel,
                              struct wire_frames *frames)
{
    struct str list[WIRE_FRAMES_MAX];
    struct wire_incoming message;
    struct error error = {{0}};
    (void)sockets;
    if (channel == CHANNEL_IOPUB && script.full)
        return SEND_FULL;
    for (size_t i = 0; i < frames->count; i++)
        list[i] = wire_frame(frames, i);
    /* The topic that a client subscribes to may be anything, even the delimiter. */
    size_t topic = channel == CHANNEL_IOPUB;
    enum wire_fault fault =
        wire_parse(list + topic, frames->count - topic, &script.signer, &message, &error);
    if (fault != WIRE_FINE)
        fuzz_stop(error.sentence, __FILE__, __LINE__);
    if (channel != CHANNEL_IOPUB)
        script.replies += channel != CHANNEL_STDIN;
    else if (str_equal(message.msg_type, STR("status")))
        count_status(&message);
    if (channel == CHANNEL_STDIN)
        remember_question(&message);
    return SEND_DONE;
}

void sockets_echo(struct sockets *sockets, enum channel_name channel, struct received *received)
{
    (void)sockets;
    FUZZ_REQUIRE(channel == CHANNEL_HB && received->count > 0);
}

void sockets_set_lossy(struct sockets *sockets, bool lossy)
{
    (void)sockets;
    (void)lossy;
}

bool sockets_open(struct sockets *sockets, struct connection *connection, struct error *error)
{
    *sockets = (struct sockets){.context = NULL};
    FUZZ_REQUIRE(signer_init(&script.signer, str_of(connection->signature_scheme),
                             str_of(connection->key), error));
    for (size_t i = 0; i < CHANNELS; i++) {
        sockets->fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        sockets->touched[i] = true;
        FUZZ_REQUIRE(sockets->fd[i] >= 0);
    }
    return true;
}

void sockets_close(struct sockets *sockets)
{
    for (size_t i = 0; i < CHANNELS; i++)
        close(sockets->fd[i]);
    signer_fini(&script.signer);
}
