#include "protocol/wire.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/random.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DELIMITER STR("<IDS|MSG>")
#define KEEP      ((size_t)256 << 10) /* bytes that a frames buffer keeps between messages */

static const char *const fault_names[WIRE_FAULTS] = {
    [WIRE_FINE] = "fine",
    [WIRE_NO_DELIMITER] = "no_delimiter",
    [WIRE_MISSING_FRAMES] = "missing_frames",
    [WIRE_TOO_LARGE] = "too_large",
    [WIRE_BAD_SIGNATURE] = "bad_signature",
    [WIRE_REPLAYED] = "replayed",
    [WIRE_BAD_JSON] = "bad_json",
    [WIRE_BAD_HEADER] = "bad_header",
    [WIRE_BAD_SUBSCRIPTION] = "bad_subscription",
};

const char *wire_fault_name(enum wire_fault fault)
{
    return fault_names[fault];
}

static enum wire_fault check_json(const struct str *json, struct error *error)
{
    static const char *const names[] = {"header", "parent_header", "metadata", "content"};
    for (size_t i = 0; i < SIGNER_FRAMES; i++) {
        struct json_problem problem;
        if (!str_equal(json[i], STR("{}")) && !json_check_object(json[i], &problem)) {
            error_set(error, "%s: %s at byte %zu", names[i], problem.what, problem.offset);
            return WIRE_BAD_JSON;
        }
    }
    return WIRE_FINE;
}

static enum wire_fault take_signed(const struct str *frames, struct signer *signer,
                                   struct error *error)
{
    const struct str *json = frames + 1;
    for (size_t i = 0; i < SIGNER_FRAMES - 1; i++) {
        if (json[i].size > WIRE_HEADER_MAX) {
            error_set(error, "a header, parent_header or metadata of %zu bytes, at most %zu",
                      json[i].size, WIRE_HEADER_MAX);
            return WIRE_TOO_LARGE;
        }
    }
    switch (signer_verify(signer, json, frames[0])) {
    case SIGNER_GOOD:
        return check_json(json, error);
    case SIGNER_REPLAYED:
        error_set(error, "this signature was seen before");
        return WIRE_REPLAYED;
    case SIGNER_WRONG:
        break;
    }
    error_set(error, "the signature (%zu bytes) does not match the key", frames[0].size);
    return WIRE_BAD_SIGNATURE;
}

/* The raw text of a string, or an empty text. */
static struct str string_text(struct str value)
{
    return json_kind(value) == JSON_KIND_STRING ? str_slice(value, 1, value.size - 1)
                                                : (struct str){NULL, 0};
}

static enum wire_fault take_header(struct wire_incoming *message, struct error *error)
{
    struct json_walk walk = json_walk(message->header);
    struct json_member member;
    while (json_next(&walk, &member)) {
        if (json_key_is(member.key, STR("msg_id")))
            message->msg_id = string_text(member.value);
        else if (json_key_is(member.key, STR("msg_type")))
            message->msg_type = string_text(member.value);
        else if (json_key_is(member.key, STR("subshell_id")))
            message->names_subshell = json_kind(member.value) != JSON_KIND_NULL;
    }
    if (message->msg_id.size && message->msg_type.size)
        return WIRE_FINE;
    error_set(error, "header: \"%s\" must be a string that is not empty",
              message->msg_id.size ? "msg_type" : "msg_id");
    return WIRE_BAD_HEADER;
}

enum wire_fault wire_parse(const struct str *frames, size_t count, struct signer *signer,
                           struct wire_incoming *message, struct error *error)
{
    size_t delimiter = 0;
    while (delimiter < count && !str_equal(frames[delimiter], DELIMITER))
        delimiter++;
    if (delimiter == count) {
        error_set(error, "no <IDS|MSG> among %zu frames", count);
        return WIRE_NO_DELIMITER;
    }
    const struct str *rest = frames + delimiter + 1;
    size_t rest_count = count - delimiter - 1;
    if (rest_count < 1 + SIGNER_FRAMES) {
        error_set(error, "%zu frames after <IDS|MSG>, expected at least %d", rest_count,
                  1 + SIGNER_FRAMES);
        return WIRE_MISSING_FRAMES;
    }
    enum wire_fault fault = take_signed(rest, signer, error);
    if (fault != WIRE_FINE)
        return fault;
    *message = (struct wire_incoming){
        .identities = frames,
        .identity_count = delimiter,
        .header = rest[1],
        .parent_header = rest[2],
        .metadata = rest[3],
        .content = rest[4],
        .buffers = rest + 1 + SIGNER_FRAMES,
        .buffer_count = rest_count - 1 - SIGNER_FRAMES,
    };
    return take_header(message, error);
}

static bool write_uuid(char *out, size_t size, struct error *error)
{
    unsigned char b[16];
    if (!random_bytes(b, sizeof b, error))
        return false;
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
    return true;
}

bool wire_sender_init(struct wire_sender *sender, struct signer *signer, const char *username,
                      struct error *error)
{
    *sender = (struct wire_sender){.signer = signer, .second = -1};
    if (!write_uuid(sender->session, sizeof sender->session, error))
        return false;
    struct buffer name = {0};
    json_write_string(&name, str_slice(str_of(username), 0, 64));
    sender->prefix_size = (size_t)snprintf(sender->prefix, sizeof sender->prefix, "%s_%ld_",
                                           sender->session, (long)getpid());
    int size = snprintf(sender->suffix, sizeof sender->suffix,
                        "\",\"username\":%.*s,\"session\":\"%s\",\"version\":\"%s\",\"date\":\"",
                        STR_FORMAT(buffer_str(&name)), sender->session, WIRE_PROTOCOL_VERSION);
    bool fits = size > 0 && (size_t)size < sizeof sender->suffix && !name.failed;
    buffer_fini(&name);
    sender->suffix_size = (size_t)size;
    return fits || error_set(error, "the user name is too long for message headers");
}

/* ISO 8601 in UTC with microseconds. The part down to the second is kept from call to call. */
static void append_date(struct wire_sender *sender, struct buffer *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != sender->second) {
        struct tm tm;
        gmtime_r(&now.tv_sec, &tm);
        strftime(sender->date, sizeof sender->date, "%Y-%m-%dT%H:%M:%S.", &tm);
        sender->second = now.tv_sec;
    }
    char digits[7];
    long micros = now.tv_nsec / 1000;
    for (int i = 5; i >= 0; i--, micros /= 10)
        digits[i] = (char)('0' + micros % 10);
    digits[6] = 'Z';
    buffer_append_cstr(out, sender->date);
    buffer_append(out, (struct str){digits, sizeof digits});
}

void wire_append_message_id(const struct wire_sender *sender, uint64_t number, struct buffer *out)
{
    buffer_append(out, (struct str){sender->prefix, sender->prefix_size});
    buffer_append_integer(out, (long long)number);
}

static void append_header(struct wire_sender *sender, struct str msg_type, struct buffer *out)
{
    buffer_append(out, STR("{\"msg_id\":\""));
    wire_append_message_id(sender, ++sender->sent, out);
    buffer_append(out, STR("\",\"msg_type\":\""));
    buffer_append(out, msg_type);
    buffer_append(out, (struct str){sender->suffix, sender->suffix_size});
    append_date(sender, out);
    buffer_append(out, STR("\"}"));
}

static void end_frame(struct wire_frames *frames)
{
    frames->ends[frames->count++] = (uint32_t)frames->bytes.size;
}

static void add_frame(struct wire_frames *frames, struct str bytes)
{
    buffer_append(&frames->bytes, bytes);
    end_frame(frames);
}

static void add_json(struct wire_frames *frames, struct str json)
{
    add_frame(frames, json.size ? json : STR("{}"));
}

struct str wire_frame(const struct wire_frames *frames, size_t index)
{
    return str_slice(buffer_str(&frames->bytes), index ? frames->ends[index - 1] : 0,
                     frames->ends[index]);
}

/* Fills the place that wire_begin left before the four frames that end the message so far. */
static void sign(struct wire_frames *frames, struct wire_sender *sender)
{
    struct str json[SIGNER_FRAMES];
    for (size_t i = 0; i < SIGNER_FRAMES; i++)
        json[i] = wire_frame(frames, frames->signature + 1 + i);
    signer_sign(sender->signer, json, frames->bytes.data + frames->ends[frames->signature - 1]);
}

bool wire_begin(struct wire_frames *frames, struct wire_sender *sender,
                const struct wire_outgoing *message)
{
    static const char unsigned_yet[SIGNER_HEX_SIZE];
    size_t count = message->identity_count + 2 + SIGNER_FRAMES + message->buffer_count;
    if (count > WIRE_FRAMES_MAX)
        return false;
    buffer_clear(&frames->bytes, KEEP);
    frames->count = 0;
    for (size_t i = 0; i < message->identity_count; i++)
        add_frame(frames, message->identities[i]);
    add_frame(frames, DELIMITER);
    frames->signature = frames->count;
    add_frame(frames, (struct str){unsigned_yet, sender->signer->enabled ? SIGNER_HEX_SIZE : 0});
    append_header(sender, message->msg_type, &frames->bytes);
    end_frame(frames);
    add_json(frames, message->parent_header);
    add_json(frames, message->metadata);
    return true;
}

bool wire_end(struct wire_frames *frames, struct wire_sender *sender,
              const struct wire_outgoing *message)
{
    end_frame(frames);
    if (frames->bytes.failed)
        return false;
    sign(frames, sender);
    for (size_t i = 0; i < message->buffer_count; i++)
        add_frame(frames, message->buffers[i]);
    return !frames->bytes.failed;
}

bool wire_compose(struct wire_frames *frames, struct wire_sender *sender,
                  const struct wire_outgoing *message)
{
    if (!wire_begin(frames, sender, message))
        return false;
    buffer_append(&frames->bytes, message->content.size ? message->content : STR("{}"));
    return wire_end(frames, sender, message);
}
