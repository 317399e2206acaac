#include "evaluator/link.h"
#include "base/json_scan.h"
#include "base/json_write.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE ((size_t)64 << 10)

struct str link_content(const struct link_message *message)
{
    return message->part_count ? message->parts[0] : (struct str){NULL, 0};
}

/* A member of the header line, and where it is in a message. */
struct member {
    struct str key;
    size_t offset;
};

#define MEMBER(name)                                                                               \
    {                                                                                              \
        STR(#name), offsetof(struct link_message, name)                                            \
    }

/* Integers; left out when they are 0, but for the first. */
static const struct member numbers[] = {
    MEMBER(id), MEMBER(execution_count), MEMBER(compile_us), MEMBER(run_us), MEMBER(checkpoint_us),
};

/* Left out when they are false. */
static const struct member flags[] = {
    MEMBER(more),      MEMBER(ahead),  MEMBER(halted),
    MEMBER(offspring), MEMBER(forked), MEMBER(unchanged),
};

enum { NUMBERS = sizeof numbers / sizeof *numbers, FLAGS = sizeof flags / sizeof *flags };

static const struct member *find(const struct member *members, size_t count, struct str key)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(members[i].key, key))
            return &members[i];
    return NULL;
}

static void append_key(struct buffer *out, struct str key)
{
    buffer_append(out, STR(",\""));
    buffer_append(out, key);
    buffer_append(out, STR("\":"));
}

static void append_numbers(struct buffer *out, const struct link_message *message)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        int64_t number;
        memcpy(&number, (const char *)message + numbers[i].offset, sizeof number);
        if (number == 0 && i > 0)
            continue;
        append_key(out, numbers[i].key);
        buffer_append_integer(out, number);
    }
}

static void append_flags(struct buffer *out, const struct link_message *message)
{
    for (size_t i = 0; i < FLAGS; i++) {
        bool set;
        memcpy(&set, (const char *)message + flags[i].offset, sizeof set);
        if (!set)
            continue;
        append_key(out, flags[i].key);
        buffer_append(out, STR("true"));
    }
}

static void append_element(struct buffer *out, const char *before, long long number)
{
    buffer_append_cstr(out, before);
    buffer_append_integer(out, number);
}

void link_encode(struct buffer *out, const struct link_message *message)
{
    buffer_append(out, STR("{\"type\":"));
    json_write_string(out, message->type);
    append_numbers(out, message);
    append_flags(out, message);
    if (message->at.known) {
        append_element(out, ",\"at\":[", message->at.ring);
        append_element(out, ",", message->at.raw[0]);
        append_element(out, ",", message->at.raw[1]);
        buffer_append_byte(out, ']');
    }
    buffer_append(out, STR(",\"parts\":["));
    for (size_t i = 0; i < message->part_count; i++)
        append_element(out, i ? "," : "", (long long)message->parts[i].size);
    buffer_append(out, STR("]}\n"));
    for (size_t i = 0; i < message->part_count; i++)
        buffer_append(out, message->parts[i]);
}

void link_reader_fini(struct link_reader *reader)
{
    buffer_fini(&reader->bytes);
}

static bool read_parts(struct str list, struct link_message *message, struct error *error)
{
    if (json_kind(list) != JSON_KIND_ARRAY)
        return error_set(error, "\"parts\" must be an array of byte counts");
    struct json_walk walk = json_walk(list);
    struct json_member element;
    size_t total = 0;
    while (json_next(&walk, &element)) {
        int64_t size;
        if (message->part_count == LINK_PARTS_MAX)
            return error_set(error, "more than %d parts", LINK_PARTS_MAX);
        if (!json_read_integer(element.value, &size) || size < 0)
            return error_set(error, "\"parts\" must hold byte counts, got %.*s",
                             STR_FORMAT(str_slice(element.value, 0, 40)));
        if ((uint64_t)size > LINK_BODY_MAX - total)
            return error_set(error, "parts of more than %zu bytes", LINK_BODY_MAX);
        total += (size_t)size;
        message->parts[message->part_count++] = (struct str){NULL, (size_t)size};
    }
    return true;
}

static bool read_at(struct str list, struct link_at *at, struct error *error)
{
    uint32_t *const counts[] = {&at->ring, &at->raw[0], &at->raw[1]};
    struct json_walk walk = json_walk(list);
    struct json_member element;
    size_t read = 0;
    int64_t count;
    while (json_kind(list) == JSON_KIND_ARRAY && json_next(&walk, &element)) {
        if (read == 3 || !json_read_integer(element.value, &count) || count < 0 ||
            count > UINT32_MAX)
            return error_set(error, "\"at\" must be three counts");
        *counts[read++] = (uint32_t)count;
    }
    at->known = read == 3;
    return at->known || error_set(error, "\"at\" must be three counts");
}

static bool read_type(struct str value, struct link_message *message, struct error *error)
{
    if (json_kind(value) != JSON_KIND_STRING || value.size > LINK_TYPE_MAX + 2 ||
        memchr(value.data, '\\', value.size))
        return error_set(error, "\"type\" must be a short plain string");
    message->type = str_slice(value, 1, value.size - 1);
    return true;
}

static bool read_number(const struct member *number, struct str value, struct link_message *message,
                        struct error *error)
{
    int64_t read;
    if (!json_read_integer(value, &read))
        return error_set(error, "\"%.*s\" must be an integer", STR_FORMAT(number->key));
    memcpy((char *)message + number->offset, &read, sizeof read);
    return true;
}

static void read_flag(const struct member *flag, struct str value, struct link_message *message)
{
    bool read = json_kind(value) == JSON_KIND_TRUE;
    memcpy((char *)message + flag->offset, &read, sizeof read);
}

static bool read_member(const struct json_member *member, struct link_message *message,
                        struct error *error)
{
    const struct member *known;
    if (str_equal(member->key, STR("type")))
        return read_type(member->value, message, error);
    if ((known = find(numbers, NUMBERS, member->key)))
        return read_number(known, member->value, message, error);
    if ((known = find(flags, FLAGS, member->key)))
        read_flag(known, member->value, message);
    else if (str_equal(member->key, STR("at")))
        return read_at(member->value, &message->at, error);
    else if (str_equal(member->key, STR("parts")) && message->part_count == 0)
        return read_parts(member->value, message, error);
    return true;
}

static bool read_header(struct str line, struct link_message *message, struct error *error)
{
    struct json_problem problem;
    struct json_walk walk;
    struct json_member member;
    if (!json_check_object(line, &problem))
        return error_set(error, "%s at byte %zu of the header line", problem.what, problem.offset);
    walk = json_walk(line);
    while (json_next(&walk, &member))
        if (!read_member(&member, message, error))
            return false;
    return message->type.size > 0 || error_set(error, "the header line has no \"type\"");
}

enum link_result link_next(struct link_reader *reader, struct link_message *message,
                           struct error *error)
{
    struct str left = str_slice(buffer_str(&reader->bytes), reader->consumed, SIZE_MAX);
    const char *line_end = left.size ? memchr(left.data, '\n', left.size) : NULL;
    if (!line_end || line_end - left.data > LINK_HEADER_MAX) {
        if (left.size <= LINK_HEADER_MAX)
            return LINK_MORE;
        error_set(error, "a header line of more than %d bytes", LINK_HEADER_MAX);
        return LINK_BROKEN;
    }
    size_t at = (size_t)(line_end - left.data);
    *message = (struct link_message){.id = 0};
    if (!read_header(str_slice(left, 0, at), message, error))
        return LINK_BROKEN;
    at++;
    for (size_t i = 0; i < message->part_count; i++) {
        if (left.size - at < message->parts[i].size)
            return LINK_MORE;
        message->parts[i].data = left.data + at;
        at += message->parts[i].size;
    }
    reader->consumed += at;
    return LINK_MESSAGE;
}

/* Room for one read, after what was handed out is forgotten; NULL: too much is waiting. */
static char *make_room(struct link_reader *reader)
{
    if (reader->consumed) {
        buffer_consume(&reader->bytes, reader->consumed);
        reader->consumed = 0;
    }
    reader->bytes.max = LINK_BODY_MAX + LINK_HEADER_MAX + READ_SIZE;
    return buffer_reserve(&reader->bytes, READ_SIZE);
}

static enum link_input take(struct link_reader *reader, ssize_t size)
{
    if (size > 0) {
        buffer_commit(&reader->bytes, (size_t)size);
        return LINK_INPUT_SOME;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return LINK_INPUT_NONE;
    return size < 0 && errno == ECONNRESET ? LINK_INPUT_RESET : LINK_INPUT_ENDED;
}

enum link_input link_read(struct link_reader *reader, int fd)
{
    char *to = make_room(reader);
    return to ? take(reader, read(fd, to, READ_SIZE)) : LINK_INPUT_ENDED;
}

/* Room for the two descriptors that a message may carry. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
};

static void take_fds(const struct cmsghdr *header, int fds[2])
{
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < 2; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
        if (i < count)
            memcpy(&fds[i], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    }
}

enum link_input link_read_fds(struct link_reader *reader, int fd, int fds[2])
{
    union control control;
    char *to = make_room(reader);
    struct iovec part = {to, READ_SIZE};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (!to)
        return LINK_INPUT_ENDED;
    ssize_t size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        take_fds(header, fds);
    return take(reader, size);
}

bool link_send_fds(int fd, struct str bytes, const int *fds, size_t count)
{
    union control control = {.header = {.cmsg_len = CMSG_LEN(count * sizeof(int)),
                                        .cmsg_level = SOL_SOCKET,
                                        .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {(char *)(uintptr_t)bytes.data, bytes.size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    ssize_t size;
    memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
    do
        size = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (size < 0 && errno == EINTR);
    return size == (ssize_t)bytes.size;
}

bool link_send_pair(int fd, struct str type, const int fds[2])
{
    struct buffer bytes = {0};
    link_encode(&bytes, &(struct link_message){.type = type});
    bool sent = !bytes.failed && link_send_fds(fd, buffer_str(&bytes), fds, 2);
    buffer_fini(&bytes);
    return sent;
}
