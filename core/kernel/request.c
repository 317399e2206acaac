#include "kernel/request.h"

#include <stdlib.h>

static struct str keep(char **at, struct str text)
{
    struct str kept = {*at, text.size};
    if (text.size)
        memcpy(*at, text.data, text.size);
    *at += text.size;
    return kept;
}

struct request *request_new(enum channel_name channel, const struct request_type *type,
                            const struct wire_incoming *message)
{
    size_t size = sizeof(struct request) + message->identity_count * sizeof(struct str) +
                  message->header.size + message->content.size;
    for (size_t i = 0; i < message->identity_count; i++)
        size += message->identities[i].size;
    struct request *request = malloc(size);
    if (!request)
        return NULL;
    *request = (struct request){.references = 1, .channel = channel, .type = type, .size = size};
    /* `bytes` follows pointers and sizes, so it is aligned for the array. */
    request->identities = (struct str *)(void *)request->bytes;
    request->identity_count = message->identity_count;
    char *at = request->bytes + message->identity_count * sizeof(struct str);
    for (size_t i = 0; i < message->identity_count; i++)
        request->identities[i] = keep(&at, message->identities[i]);
    request->header = keep(&at, message->header);
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
