/*
 * The receive path: frames, sizes, signature, JSON, header, and what handlers read of a message. The
 * first byte says how the frames come about:
 *
 *   bit 0   there is a key
 *   bit 1   frames as they are; else: identities, then delimiter and a good signature are added
 *   bit 2   the message comes twice
 *   4 - 6   how many identities (when they are not as they are)
 *
 * Each frame is its size in a byte (255: in the next two bytes, the low one first) and its bytes.
 */
#include "protocol/wire.h"
#include "base/json_scan.h"
#include "fuzz.h"
#include "kernel/request.h"

#include <stdlib.h>

#define KEY   1u
#define RAW   2u
#define TWICE 4u

struct message {
    struct str frames[WIRE_FRAMES_MAX];
    size_t count;
    char signature[SIGNER_HEX_SIZE];
};

static void add(struct message *message, struct str frame)
{
    if (message->count < WIRE_FRAMES_MAX)
        message->frames[message->count++] = frame;
}

static struct str take_frame(struct str *input)
{
    size_t size = fuzz_take_byte(input);
    if (size == 255) {
        size = fuzz_take_byte(input);
        size |= (size_t)fuzz_take_byte(input) << 8;
    }
    return fuzz_copy(fuzz_take(input, size));
}

static void cut_into_frames(struct message *message, struct str input)
{
    while (input.size && message->count < WIRE_FRAMES_MAX - 2)
        add(message, take_frame(&input));
}

/* Makes what a client makes of the same frames. */
static void sign(struct message *message, struct signer *signer, size_t identities)
{
    if (message->count < identities + SIGNER_FRAMES)
        return;
    struct str *at = message->frames + identities;
    memmove(at + 2, at, (message->count - identities) * sizeof *at);
    message->count += 2;
    at[0] = fuzz_copy(STR("<IDS|MSG>"));
    at[1] = fuzz_copy(
        (struct str){message->signature, signer_sign(signer, at + 2, message->signature)});
}

static void free_frames(struct message *message)
{
    for (size_t i = 0; i < message->count; i++)
        free((char *)message->frames[i].data);
}

/* Every member that some handler asks for, of whatever kind it is. */
static void read_as_handlers_do(struct str object)
{
    static const char *const keys[] = {"code",   "silent",  "store_history", "stop_on_error",
                                       "n",      "session", "start",         "stop",
                                       "unique", "output",  "pattern",       "hist_access_type",
                                       "value",  "restart", "comm_id",       "target_name",
                                       "msg_id", "data",    "allow_stdin",   "cursor_pos",
                                       "status", "text",    "detail_level",  "subshell_id"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct str value;
        struct buffer text = {0};
        int64_t integer;
        if (!json_get(object, keys[i], &value))
            continue;
        FUZZ_REQUIRE(value.size && json_check(value, NULL));
        FUZZ_REQUIRE(json_unescape(value, &text) == (json_kind(value) == JSON_KIND_STRING));
        if (json_read_integer(value, &integer))
            FUZZ_REQUIRE(json_kind(value) == JSON_KIND_NUMBER);
        buffer_fini(&text);
    }
}

static bool is_inside(struct str part, struct str whole)
{
    return part.data >= whole.data && part.data + part.size <= whole.data + whole.size;
}

static void check_accepted(const struct wire_incoming *message)
{
    const struct str json[] = {message->header, message->parent_header, message->metadata,
                               message->content};
    for (size_t i = 0; i < SIGNER_FRAMES; i++) {
        FUZZ_REQUIRE(json_check_object(json[i], NULL));
        FUZZ_REQUIRE(i == 3 || json[i].size <= WIRE_HEADER_MAX);
        read_as_handlers_do(json[i]);
    }
    FUZZ_REQUIRE(message->msg_id.size && is_inside(message->msg_id, message->header));
    FUZZ_REQUIRE(message->msg_type.size && is_inside(message->msg_type, message->header));
}

/* The copy that waits in the queue says the same as the frames. */
static struct request *keep(const struct wire_incoming *message)
{
    struct request *request = request_new(CHANNEL_SHELL, NULL, message);
    FUZZ_REQUIRE(request && request->identity_count == message->identity_count);
    for (size_t i = 0; i < message->identity_count; i++)
        FUZZ_REQUIRE(str_equal(request->identities[i], message->identities[i]));
    FUZZ_REQUIRE(str_equal(request->header, message->header));
    FUZZ_REQUIRE(str_equal(request->content, message->content));
    FUZZ_REQUIRE(str_equal(request->msg_id, message->msg_id));
    FUZZ_REQUIRE(is_inside(request->msg_id, request->header));
    return request;
}

/* What answers it is a message, too, to the same client and with this one as its parent. */
static void answer(const struct request *request, const struct wire_incoming *message,
                   struct signer *signer)
{
    struct wire_sender sender;
    struct wire_frames frames = {.count = 0};
    struct wire_incoming back;
    struct str list[WIRE_FRAMES_MAX];
    struct error error;
    const struct wire_outgoing reply = {
        .identities = request->identities,
        .identity_count = request->identity_count,
        .msg_type = STR("execute_reply"),
        .parent_header = request->header,
        .content = request->content,
        .buffers = message->buffers,
        .buffer_count = message->buffer_count,
    };
    FUZZ_REQUIRE(wire_sender_init(&sender, signer, "somebody", &error));
    FUZZ_REQUIRE(wire_compose(&frames, &sender, &reply));
    for (size_t i = 0; i < frames.count; i++)
        list[i] = wire_frame(&frames, i);
    FUZZ_REQUIRE(wire_parse(list, frames.count, signer, &back, &error) == WIRE_FINE);
    FUZZ_REQUIRE(back.identity_count == request->identity_count);
    FUZZ_REQUIRE(back.buffer_count == message->buffer_count);
    FUZZ_REQUIRE(str_equal(back.parent_header, request->header));
    FUZZ_REQUIRE(str_equal(back.content, request->content));
    buffer_fini(&frames.bytes);
}

static enum wire_fault receive(const struct message *message, struct signer *signer)
{
    struct wire_incoming incoming;
    struct error error = {.sentence = ""};
    enum wire_fault fault = wire_parse(message->frames, message->count, signer, &incoming, &error);
    FUZZ_REQUIRE(fault < WIRE_FAULTS && wire_fault_name(fault));
    if (fault != WIRE_FINE) {
        FUZZ_REQUIRE(error.sentence[0]);
        return fault;
    }
    check_accepted(&incoming);
    struct request *request = keep(&incoming);
    answer(request, &incoming, signer);
    request_unref(request);
    return fault;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = fuzz_input(data, size);
    unsigned how = fuzz_take_byte(&input);
    struct message message = {.count = 0};
    struct signer signer;
    struct error error;
    FUZZ_REQUIRE(
        signer_init(&signer, STR("hmac-sha256"), how & KEY ? STR("key") : STR(""), &error));
    cut_into_frames(&message, input);
    if (!(how & RAW))
        sign(&message, &signer, how >> 4 & 7);
    enum wire_fault fault = receive(&message, &signer);
    if (how & TWICE) {
        bool replayed = how & KEY && fault != WIRE_NO_DELIMITER && fault != WIRE_MISSING_FRAMES &&
                        fault != WIRE_TOO_LARGE && fault != WIRE_BAD_SIGNATURE;
        FUZZ_REQUIRE(receive(&message, &signer) == (replayed ? WIRE_REPLAYED : fault));
    }
    free_frames(&message);
    signer_fini(&signer);
    return 0;
}
