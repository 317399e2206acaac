#include "kernel/outbox.h"

#include <stdlib.h>

#define KEEP ((size_t)8 << 10) /* bytes that a message in stock may hold */

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){.first = NULL};
    outbox->end = &outbox->first;
}

void outbox_push(struct outbox *outbox, struct outgoing *message)
{
    message->next = NULL;
    *outbox->end = message;
    outbox->end = &message->next;
    outbox->count++;
    outbox->bytes += message->frames.bytes.size;
}

struct outgoing *outbox_pop(struct outbox *outbox)
{
    struct outgoing *message = outbox->first;
    if (!message)
        return NULL;
    outbox->first = message->next;
    if (!outbox->first)
        outbox->end = &outbox->first;
    outbox->count--;
    outbox->bytes -= message->frames.bytes.size;
    return message;
}

static void destroy(struct outgoing *message)
{
    buffer_fini(&message->frames.bytes);
    free(message);
}

struct outgoing *outbox_new(struct outbox_stock *stock)
{
    struct outgoing *message = stock->first;
    if (!message)
        return calloc(1, sizeof *message);
    stock->first = message->next;
    stock->count--;
    return message;
}

void outbox_recycle(struct outbox_stock *stock, struct outgoing *message)
{
    if (!message)
        return;
    if (stock->count == OUTBOX_STOCK) {
        destroy(message);
        return;
    }
    buffer_clear(&message->frames.bytes, KEEP);
    message->next = stock->first;
    stock->first = message;
    stock->count++;
}

void outbox_stock_fini(struct outbox_stock *stock)
{
    while (stock->first)
        destroy(outbox_new(stock));
}
