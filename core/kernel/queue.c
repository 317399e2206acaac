#include "kernel/queue.h"

void queue_init(struct queue *queue, size_t max)
{
    *queue = (struct queue){.max = max};
    queue->end = &queue->first;
}

void queue_fini(struct queue *queue)
{
    struct request *request;
    while ((request = queue_pop(queue)))
        request_unref(request);
}

bool queue_is_full(const struct queue *queue)
{
    return queue->count >= queue->max || queue->bytes >= QUEUE_BYTES_MAX;
}

void queue_push(struct queue *queue, struct request *request)
{
    request->next = NULL;
    *queue->end = request;
    queue->end = &request->next;
    queue->count++;
    queue->bytes += request->size;
}

/* Unlinks the request that *link points to. */
static struct request *unlink_at(struct queue *queue, struct request **link)
{
    struct request *request = *link;
    *link = request->next;
    if (!request->next)
        queue->end = link;
    request->next = NULL;
    queue->count--;
    queue->bytes -= request->size;
    return request;
}

struct request *queue_pop(struct queue *queue)
{
    return queue->first ? unlink_at(queue, &queue->first) : NULL;
}

void queue_extract(struct queue *queue, bool (*matches)(const struct request *request),
                   void (*take)(void *context, struct request *request), void *context)
{
    struct request **link = &queue->first;
    while (*link) {
        if (matches(*link))
            take(context, unlink_at(queue, link));
        else
            link = &(*link)->next;
    }
}
