#include "message.h"

#include "json_member.h"

static const struct {
    const char *type;
    enum message_kind kind;
} kinds[] = {
    {"execute_input", MESSAGE_EXECUTE_INPUT},
    {"execute_result", MESSAGE_EXECUTE_RESULT},
    {"stream", MESSAGE_STREAM},
    {"execute_reply", MESSAGE_EXECUTE_REPLY},
    {"kernel_info_reply", MESSAGE_KERNEL_INFO_REPLY},
    {"shutdown_reply", MESSAGE_SHUTDOWN_REPLY},
    {"error", MESSAGE_ERROR},
};

void message_init(struct message *message)
{
    memset(message, 0, sizeof *message);
    for (int i = 0; i < MESSAGE_FRAMES_MAX; i++)
        zmq_msg_init(&message->frames[i]);
}

void message_fini(struct message *message)
{
    for (int i = 0; i < MESSAGE_FRAMES_MAX; i++)
        zmq_msg_close(&message->frames[i]);
}

static struct span frame_span(const zmq_msg_t *frame)
{
    zmq_msg_t *readable = (zmq_msg_t *)frame; /* libzmq 4.3 asks for a non-const pointer to read */
    return (struct span){zmq_msg_data(readable), zmq_msg_size(readable)};
}

enum receive_result message_receive(struct message *message, void *socket, int flags)
{
    int count = 0, delimiter = -1;
    bool is_noise = false, more = true;
    while (more) {
        zmq_msg_t *frame = &message->frames[count];
        if (zmq_msg_recv(frame, socket, count == 0 ? flags : 0) < 0)
            return NOTHING_THERE;
        if (delimiter < 0 && span_is(frame_span(frame), "<IDS|MSG>"))
            delimiter = count;
        more = zmq_msg_more(frame);
        if (count + 1 < MESSAGE_FRAMES_MAX)
            count++;
        else
            is_noise = more;
    }
    message->frame_count = count;
    message->delimiter = delimiter;
    if (is_noise || delimiter < 0 || delimiter + PART_CONTENT >= count)
        return RECEIVED_NOISE;
    return RECEIVED;
}

struct span message_part(const struct message *message, enum message_part part)
{
    return frame_span(&message->frames[message->delimiter + (int)part]);
}

enum message_kind message_kind(const struct message *message)
{
    struct span type, state;
    if (!json_member(message_part(message, PART_HEADER), "msg_type", &type))
        return MESSAGE_OTHER;
    if (span_is(type, "status")) {
        if (!json_member(message_part(message, PART_CONTENT), "execution_state", &state))
            return MESSAGE_OTHER;
        return span_is(state, "busy")   ? MESSAGE_BUSY
               : span_is(state, "idle") ? MESSAGE_IDLE
                                        : MESSAGE_OTHER;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_is(type, kinds[i].type))
            return kinds[i].kind;
    return MESSAGE_OTHER;
}

const char *message_kind_name(enum message_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].type;
    return kind == MESSAGE_BUSY ? "busy" : kind == MESSAGE_IDLE ? "idle" : "something else";
}
