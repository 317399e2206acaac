#include "kernel/stdin.h"
#include "base/json_scan.h"
#include "kernel/state.h"
#include "telemetry/log.h"

static void answer_worker(struct kernel *kernel, struct str content)
{
    session_send(&kernel->session, &(struct link_message){.type = STR("input_reply"),
                                                          .id = kernel->execution.id,
                                                          .part_count = 1,
                                                          .parts = {content}});
}

void stdin_ask(struct kernel *kernel, const struct link_message *message)
{
    struct request *active = kernel->execution.active;
    if (!active || message->id != kernel->execution.id || kernel->execution.interrupted)
        return; /* the interrupt ends the worker's wait */
    if (!json_member_is_true(active->content, "allow_stdin") ||
        !send_input_request(&kernel->publisher, active, link_content(message))) {
        answer_worker(kernel, STR("{\"status\":\"unavailable\"}"));
        return;
    }
    kernel->question = (struct stdin_question){true, kernel->sender.sent};
    guard_hold(kernel);
}

void stdin_forget(struct kernel *kernel)
{
    kernel->question.waiting = false;
    guard_release(kernel);
}

static bool same_client(const struct request *request, const struct wire_incoming *message)
{
    if (request->identity_count != message->identity_count)
        return false;
    for (size_t i = 0; i < request->identity_count; i++)
        if (!str_equal(request->identities[i], message->identities[i]))
            return false;
    return true;
}

/* A reply names the question it answers, or nothing (jupyter_client's input() does that). */
static bool answers_question(struct kernel *kernel, struct str parent_header)
{
    struct str msg_id;
    struct buffer expected = {0};
    if (!json_get(parent_header, "msg_id", &msg_id))
        return true;
    buffer_append_byte(&expected, '"');
    wire_append_message_id(&kernel->sender, kernel->question.number, &expected);
    buffer_append_byte(&expected, '"');
    bool equal = !expected.failed && str_equal(msg_id, buffer_str(&expected));
    buffer_fini(&expected);
    return equal;
}

void stdin_receive(struct kernel *kernel, const struct wire_incoming *message)
{
    struct str value;
    if (!str_equal(message->msg_type, STR("input_reply")))
        log_warning("a %.*s on stdin was ignored; only input_reply is expected there",
                    STR_FORMAT(str_slice(message->msg_type, 0, 100)));
    else if (!kernel->question.waiting || !kernel->execution.active ||
             !same_client(kernel->execution.active, message) ||
             !answers_question(kernel, message->parent_header))
        log_info("an input_reply that nobody waits for was dropped");
    else if (!json_get(message->content, "value", &value) || json_kind(value) != JSON_KIND_STRING)
        log_warning("an input_reply without a string \"value\" was dropped");
    else {
        stdin_forget(kernel);
        answer_worker(kernel, message->content);
    }
}
