#include "frame.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE ((size_t)64 << 10)
/* More than one large frame and its header never waits here. */
#define WAITING_MAX (FRAME_BODY_MAX + FRAME_HEADER_MAX + READ_SIZE)

void frame_reader_drop_passed(struct frame_reader *reader)
{
    if (reader->has_passed)
        close(reader->passed);
    reader->has_passed = false;
}

void frame_reader_fini(struct frame_reader *reader)
{
    frame_reader_drop_passed(reader);
    free(reader->bytes);
    *reader = (struct frame_reader){0};
}

static bool problem_is(char problem[FRAME_PROBLEM_SIZE], const char *sentence)
{
    snprintf(problem, FRAME_PROBLEM_SIZE, "%s", sentence);
    return false;
}

static bool read_parts(const json_t *list, struct frame *frame, char problem[FRAME_PROBLEM_SIZE])
{
    size_t total = 0, count = json_array_size(list);
    if (!list)
        return true;
    if (!json_is_array(list) || count > FRAME_PARTS_MAX)
        return problem_is(problem, "\"parts\" must be an array of at most 64 byte counts");
    for (size_t i = 0; i < count; i++) {
        const json_t *element = json_array_get(list, i);
        json_int_t size = json_integer_value(element);
        if (!json_is_integer(element) || size < 0)
            return problem_is(problem, "\"parts\" must hold byte counts");
        if ((unsigned long long)size > FRAME_BODY_MAX - total)
            return problem_is(problem, "parts of more than 256 MiB");
        total += (size_t)size;
        frame->parts[frame->part_count++] = (struct hilum_str){NULL, (size_t)size};
    }
    return true;
}

static bool read_members(const json_t *header, struct frame *frame,
                         char problem[FRAME_PROBLEM_SIZE])
{
    const json_t *type = json_object_get(header, "type"), *id = json_object_get(header, "id");
    size_t size = json_string_length(type);
    if (!json_is_object(header) || size == 0 || size > FRAME_TYPE_MAX)
        return problem_is(problem, "a header line must be an object with a short \"type\"");
    if (id && !json_is_integer(id))
        return problem_is(problem, "\"id\" must be an integer");
    memcpy(frame->type, json_string_value(type), size);
    frame->type[size] = '\0';
    frame->id = json_integer_value(id);
    return read_parts(json_object_get(header, "parts"), frame, problem);
}

static bool read_header(struct hilum_str line, struct frame *frame,
                        char problem[FRAME_PROBLEM_SIZE])
{
    json_error_t error;
    json_t *header = json_loadb(line.data, line.size, 0, &error);
    bool good = header ? read_members(header, frame, problem)
                       : problem_is(problem, "a header line that is no JSON");
    json_decref(header);
    return good;
}

enum frame_result frame_next(struct frame_reader *reader, struct frame *frame,
                             char problem[FRAME_PROBLEM_SIZE])
{
    size_t left = reader->size - reader->consumed;
    const char *start = left ? reader->bytes + reader->consumed : NULL;
    const char *line_end = left ? memchr(start, '\n', left) : NULL;
    if (!line_end || line_end - start > FRAME_HEADER_MAX) {
        if (left <= FRAME_HEADER_MAX)
            return FRAME_MORE;
        problem_is(problem, "a header line of more than 4096 bytes");
        return FRAME_BROKEN;
    }
    size_t at = (size_t)(line_end - start) + 1;
    frame->part_count = 0;
    if (!read_header((struct hilum_str){start, at - 1}, frame, problem))
        return FRAME_BROKEN;
    for (size_t i = 0; i < frame->part_count; i++) {
        if (left - at < frame->parts[i].size)
            return FRAME_MORE;
        frame->parts[i].data = start + at;
        at += frame->parts[i].size;
    }
    reader->consumed += at;
    return FRAME_COMPLETE;
}

/* Room for one read, after what was handed out is forgotten. False: no memory, or too much waits. */
static bool make_room(struct frame_reader *reader)
{
    if (reader->consumed) {
        reader->size -= reader->consumed;
        memmove(reader->bytes, reader->bytes + reader->consumed, reader->size);
        reader->consumed = 0;
    }
    size_t wanted = reader->size + READ_SIZE;
    if (wanted <= reader->capacity)
        return true;
    if (wanted > WAITING_MAX)
        return false;
    if (wanted < reader->capacity * 2)
        wanted = reader->capacity * 2;
    char *bytes = realloc(reader->bytes, wanted);
    if (!bytes)
        return false;
    reader->bytes = bytes;
    reader->capacity = wanted;
    return true;
}

/* There is room for one descriptor; the system closes what is too much. */
static ssize_t receive(struct frame_reader *reader, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {reader->bytes + reader->size, READ_SIZE};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int))) {
        frame_reader_drop_passed(reader);
        memcpy(&reader->passed, CMSG_DATA(header), sizeof(int));
        reader->has_passed = true;
    }
    return size;
}

enum frame_input frame_read(struct frame_reader *reader, int fd)
{
    if (!make_room(reader))
        return FRAME_INPUT_ENDED;
    ssize_t size = receive(reader, fd);
    if (size > 0) {
        reader->size += (size_t)size;
        return FRAME_INPUT_SOME;
    }
    return size < 0 && (errno == EAGAIN || errno == EINTR) ? FRAME_INPUT_NONE : FRAME_INPUT_ENDED;
}

char *frame_encode(const char *type, int64_t id, struct hilum_str content, size_t *size)
{
    char header[160];
    int length = snprintf(header, sizeof header, "{\"type\":\"%s\",\"id\":%lld,\"parts\":[%s", type,
                          (long long)id, content.size ? "" : "]}\n");
    if (content.size)
        length +=
            snprintf(header + length, sizeof header - (size_t)length, "%zu]}\n", content.size);
    char *text = malloc((size_t)length + content.size);
    if (!text)
        return NULL;
    memcpy(text, header, (size_t)length);
    if (content.size)
        memcpy(text + length, content.data, content.size);
    *size = (size_t)length + content.size;
    return text;
}
