#include "kernel/stdin.h"
#include "base/json_scan.h"
#include "kernel/state.h"
#include "telemetry/log.h"

/* A connection that was refused is tried again after 100 ms by ZeroMQ, after 200 by some clients. */
#define RETRY_MS    20
#define PATIENCE_MS 5000

static void answer_worker(struct kernel *kernel, struct str content)
{
    session_send(&kernel->session, &(struct link_message){.type = STR("input_reply"),
                                                          .id = kernel->execution.id,
                                                          .part_count = 1,
                                                          .parts = {content}});
}

static void end_attempts(struct kernel *kernel)
{
    struct stdin_question *question = &kernel->question;
    loop_stop_timer(&kernel->loop, &question->retry);
    buffer_fini(&question->content);
    question->give_up = 0;
}

static bool is_asked(struct kernel *kernel, struct str content)
{
    if (!send_input_request(&kernel->publisher, kernel->execution.active, content))
        return false;
    kernel->question.waiting = true;
    kernel->question.number = kernel->sender.sent;
    return true;
}

static void attempt(void *context)
{
    struct kernel *kernel = context;
    struct stdin_question *question = &kernel->question;
    if (is_asked(kernel, buffer_str(&question->content))) {
        end_attempts(kernel);
    } else if (loop_now() < question->give_up) {
        loop_start_timer(&kernel->loop, &question->retry, RETRY_MS);
    } else {
        log_warning("a cell asked for input, but its client is not connected to the stdin channel");
        stdin_forget(kernel);
        answer_worker(kernel, STR("{\"status\":\"unavailable\"}"));
    }
}

static bool begin_attempts(struct kernel *kernel, struct str content)
{
    struct stdin_question *question = &kernel->question;
    end_attempts(kernel);
    buffer_append(&question->content, content);
    question->give_up = loop_now() + PATIENCE_MS;
    question->retry = (struct loop_timer){.fire = attempt, .context = kernel};
    loop_start_timer(&kernel->loop, &question->retry, RETRY_MS);
    return !question->content.failed;
}

void stdin_ask(struct kernel *kernel, const struct link_message *message)
{
    struct request *active = kernel->execution.active;
    struct str content = link_content(message);
    if (!active || message->id != kernel->execution.id || kernel->execution.interrupted)
        return; /* the interrupt ends the worker's wait */
    kernel->question.waiting = false; /* for the answer to a question before this one */
    if (json_member_is_true(active->content, "allow_stdin") &&
        (is_asked(kernel, content) || begin_attempts(kernel, content))) {
        guard_hold(kernel);
        return;
    }
    end_attempts(kernel);
    answer_worker(kernel, STR("{\"status\":\"unavailable\"}"));
}

void stdin_forget(struct kernel *kernel)
{
    kernel->question.waiting = false;
    end_attempts(kernel);
    guard_release(kernel);
}

void stdin_fini(struct kernel *kernel)
{
    end_attempts(kernel);
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
