#include "kernel/aside.h"
#include "kernel/state.h"

/* More than a person can cause while one answer is on its way. */
#define WAITING_MAX 64

void aside_init(struct kernel *kernel)
{
    queue_init(&kernel->aside.waiting, WAITING_MAX);
}

void aside_fini(struct kernel *kernel)
{
    request_unref(kernel->aside.asked);
    kernel->aside.asked = NULL;
    queue_fini(&kernel->aside.waiting);
}

static bool ask(struct kernel *kernel, struct request *request)
{
    struct link_message question = {
        .type = request->type->name, .id = -1, .part_count = 1, .parts = {request->content}};
    if (!session_ask_aside(&kernel->session, &question))
        return false;
    kernel->aside.asked = request;
    return true;
}

/* The cell that runs may be over meanwhile: then these are questions like any others. */
static void ask_next(struct kernel *kernel)
{
    struct request *request;
    bool running = kernel->execution.active;
    if (running && session_is_forking(&kernel->session))
        return;
    while (!kernel->aside.asked && (request = queue_pop(&kernel->aside.waiting)))
        if (!running || !ask(kernel, request))
            queue_push(&kernel->queue, request);
}

void aside_go_on(struct kernel *kernel)
{
    if (!kernel->aside.asked)
        ask_next(kernel);
}

bool aside_accept(struct kernel *kernel, struct request *request)
{
    const struct execution *e = &kernel->execution;
    if (request->type->handle != execution_handle_code || !e->active || !e->is_cell || !e->sent ||
        queue_is_full(&kernel->aside.waiting))
        return false;
    if (kernel->aside.asked || session_is_forking(&kernel->session))
        queue_push(&kernel->aside.waiting, request);
    else if (!ask(kernel, request))
        return false;
    return true;
}

void aside_take_answer(struct kernel *kernel, const struct link_message *message)
{
    struct request *request = kernel->aside.asked;
    kernel->aside.asked = NULL;
    if (!request)
        return;
    if (message && str_equal(message->type, request->type->reply)) {
        publish_status(&kernel->publisher, request, STR("busy"));
        send_reply(&kernel->publisher, request, request->type->reply, link_content(message));
        router_finish(kernel, request);
    } else {
        queue_push(&kernel->queue, request);
    }
    ask_next(kernel);
}
