#include "kernel/aside.h"
#include "kernel/cell.h"
#include "kernel/magic.h"
#include "kernel/magic_question.h"
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
    struct buffer hidden = {0};
    struct cell cell;
    bool hide = cell_read(request, &cell) && magic_hide(request, cell.code, &hidden);
    struct link_message question = {.type = request->type->name,
                                    .id = -1,
                                    .part_count = 1,
                                    .parts = {hide ? buffer_str(&hidden) : request->content}};
    bool asked = session_ask_aside(&kernel->session, &question);
    if (asked)
        kernel->aside.asked = request;
    buffer_fini(&hidden);
    return asked;
}

/* Takes over the caller's reference. */
static void tell(struct kernel *kernel, struct request *request, struct str reply)
{
    publish_status(&kernel->publisher, request, STR("busy"));
    send_reply(&kernel->publisher, request, request->type->reply, reply);
    router_finish(kernel, request);
}

static bool answer_ourselves(struct kernel *kernel, struct request *request)
{
    struct buffer reply = {0};
    bool answered = magic_question_answer(request, &reply);
    if (answered)
        tell(kernel, request, buffer_str(&reply));
    buffer_fini(&reply);
    return answered;
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
        queue_is_full(&kernel->aside.waiting) || request->names_subshell)
        return false;
    if (answer_ourselves(kernel, request))
        return true;
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
    if (message && str_equal(message->type, request->type->reply))
        tell(kernel, request, link_content(message));
    else
        queue_push(&kernel->queue, request);
    ask_next(kernel);
}
