#include "kernel/request.h"
#include "base/clock.h"

#include <stdlib.h>

static struct str keep(char **at, struct str text)
{
    struct str kept = {*at, text.size};
    if (text.size)
        memcpy(*at, text.data, text.size);
    *at += text.size;
    return kept;
}

/* Makes copies of `count` frames, whose places are kept in `list`. */
static struct str *keep_all(struct str *list, char **at, const struct str *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list[i] = keep(at, frames[i]);
    return list;
}

static size_t total_size(const struct str *frames, size_t count)
{
    size_t size = count * sizeof *frames;
    for (size_t i = 0; i < count; i++)
        size += frames[i].size;
    return size;
}

struct request *request_new(enum channel_name channel, const struct request_type *type,
                            const struct wire_incoming *message)
{
    size_t size = sizeof(struct request) + message->header.size + message->metadata.size +
                  message->content.size + total_size(message->identities, message->identity_count) +
                  total_size(message->buffers, message->buffer_count);
    struct request *request = malloc(size);
    if (!request)
        return NULL;
    *request = (struct request){.references = 1,
                                .channel = channel,
                                .type = type,
                                .size = size,
                                .names_subshell = message->names_subshell,
                                .times = {.arrived_us = clock_us()}};
    /* `bytes` follows pointers and sizes, so it is aligned for the arrays. */
    struct str *lists = (struct str *)(void *)request->bytes;
    request->identity_count = message->identity_count;
    request->buffer_count = message->buffer_count;
    char *at = (char *)(lists + request->identity_count + request->buffer_count);
    request->identities = keep_all(lists, &at, message->identities, request->identity_count);
    request->buffers =
        keep_all(lists + request->identity_count, &at, message->buffers, request->buffer_count);
    request->header = keep(&at, message->header);
    request->metadata = keep(&at, message->metadata);
    request->content = keep(&at, message->content);
    request->msg_id = (struct str){
        request->header.data + (message->msg_id.data - message->header.data), message->msg_id.size};
    return request;
}

struct request *request_ref(struct request *request)
{
    if (request)
        request->references++;
    return request;
}

void request_unref(struct request *request)
{
    if (request && --request->references == 0)
        free(request);
}
