#include "exchange.h"

#include "clock.h"
#include "json_member.h"

#include <stdlib.h>

const struct exchange_pattern exchange_patterns[] = {
    [EXCHANGE_EXECUTE] = {"execute_request",
                          {MESSAGE_BUSY, MESSAGE_EXECUTE_INPUT, MESSAGE_EXECUTE_RESULT,
                           MESSAGE_IDLE},
                          4,
                          MESSAGE_EXECUTE_REPLY},
    [EXCHANGE_KERNEL_INFO] = {"kernel_info_request",
                              {MESSAGE_BUSY, MESSAGE_IDLE},
                              2,
                              MESSAGE_KERNEL_INFO_REPLY},
};

#define SEEN_MAX    8
#define CONTENT_MAX 1024

/* The beginning of a content, kept for a look at it when the clock has stopped. */
struct excerpt {
    char text[CONTENT_MAX];
    size_t size;
};

struct answers {
    uint64_t request;
    enum message_kind seen[SEEN_MAX]; /* on IOPub */
    int seen_count;
    enum message_kind reply; /* MESSAGE_OTHER: not yet */
    bool is_idle;
    struct excerpt result_content;
    struct excerpt reply_content;
    const char *fault; /* NULL: none so far */
};

static void keep(struct excerpt *excerpt, struct span content)
{
    excerpt->size = content.size < CONTENT_MAX ? content.size : CONTENT_MAX;
    memcpy(excerpt->text, content.data, excerpt->size);
}

/* IPython, for one, prints a notice when its cache of results is full. */
static void take_iopub(struct answers *answers, const struct message *message, bool may_print)
{
    enum message_kind kind = message_kind(message);
    if (kind == MESSAGE_STREAM && may_print)
        return;
    if (answers->seen_count < SEEN_MAX)
        answers->seen[answers->seen_count++] = kind;
    answers->is_idle |= kind == MESSAGE_IDLE;
    if (kind == MESSAGE_EXECUTE_RESULT)
        keep(&answers->result_content, message_part(message, PART_CONTENT));
}

static void take_reply(struct answers *answers, const struct message *message)
{
    answers->reply = message_kind(message);
    keep(&answers->reply_content, message_part(message, PART_CONTENT));
}

/* Takes one message from the channel; false when there is none. */
static bool take(struct session *session, enum channel channel, struct answers *answers,
                 bool is_thorough)
{
    uint64_t id;
    switch (client_receive(&session->client, channel, &session->message)) {
    case NOTHING_THERE:
        return false;
    case RECEIVED_NOISE:
        answers->fault = "it sent something that is no Jupyter message";
        return true;
    case RECEIVED:
        break;
    }
    if (is_thorough && session->spec->is_signed && !answers->fault &&
        !client_verify(&session->client, &session->message, &answers->fault))
        return true;
    if (!client_parent(&session->client, &session->message, &id) || id != answers->request)
        return true;
    if (channel == CHANNEL_IOPUB)
        take_iopub(answers, &session->message, session->spec->is_peer);
    else
        take_reply(answers, &session->message);
    return true;
}

static bool await_answers(struct session *session, struct answers *answers, bool is_thorough)
{
    int64_t deadline = clock_now() + SESSION_PATIENCE;
    while (!answers->is_idle || answers->reply == MESSAGE_OTHER) {
        client_wait(&session->client, CHANNEL_BIT(CHANNEL_IOPUB) | CHANNEL_BIT(CHANNEL_SHELL),
                    SESSION_PATIENCE);
        while (take(session, CHANNEL_IOPUB, answers, is_thorough))
            continue;
        while (take(session, CHANNEL_SHELL, answers, is_thorough))
            continue;
        if (clock_now() > deadline)
            return false;
    }
    return true;
}

bool exchange_is_ok(struct span content)
{
    struct span status;
    return json_member(content, "status", &status) && span_is(status, "ok");
}

static bool has_expected_result(const struct session *session, const struct answers *answers)
{
    struct span content = {answers->result_content.text, answers->result_content.size};
    struct span data, text;
    return json_member(content, "data", &data) && json_member(data, "text/plain", &text) &&
           span_is(text, session->spec->language.expected);
}

static bool check(struct session *session, enum exchange_type type, const struct answers *answers)
{
    const struct exchange_pattern *pattern = &exchange_patterns[type];
    if (answers->fault)
        return session_fail(session, "%s", answers->fault);
    if (answers->reply != pattern->reply ||
        !exchange_is_ok((struct span){answers->reply_content.text, answers->reply_content.size}))
        return session_fail(session, "the reply to %s is not ok", pattern->request_type);
    for (int i = 0; i < pattern->count || i < answers->seen_count; i++) {
        enum message_kind seen = i < answers->seen_count ? answers->seen[i] : MESSAGE_OTHER;
        if (i >= pattern->count || seen != pattern->iopub[i])
            return session_fail(session, "IOPub message %d of %s is %s", i + 1,
                                pattern->request_type,
                                i < answers->seen_count ? message_kind_name(seen) : "missing");
    }
    if (type == EXCHANGE_EXECUTE && !has_expected_result(session, answers))
        return session_fail(session, "the result of %s is not %s",
                            session->spec->language.expression, session->spec->language.expected);
    return true;
}

bool exchange(struct session *session, enum exchange_type type, bool is_thorough,
              int64_t *nanoseconds)
{
    struct request request;
    struct answers answers;
    memset(&answers, 0, offsetof(struct answers, result_content));
    answers.result_content.size = answers.reply_content.size = 0;
    answers.fault = NULL;
    struct span content = type == EXCHANGE_EXECUTE
                              ? make_execute_content(session->spec->language.expression, 0)
                              : span_of("{}");
    client_build(&session->client, &request, exchange_patterns[type].request_type, content);
    answers.request = request.id;
    int64_t start = clock_now();
    bool is_answered = client_send(&session->client, CHANNEL_SHELL, &request) &&
                       await_answers(session, &answers, is_thorough);
    *nanoseconds = clock_now() - start;
    if (type == EXCHANGE_EXECUTE)
        free((char *)content.data);
    if (!is_answered)
        return session_fail(session, "no complete answer to %s",
                            exchange_patterns[type].request_type);
    return check(session, type, &answers);
}

bool exchange_warm_up(struct session *session)
{
    int64_t ignored;
    for (int i = 0; i < session->bench->scale->warm_up; i++)
        if (!exchange(session, EXCHANGE_KERNEL_INFO, i == 0, &ignored) ||
            !exchange(session, EXCHANGE_EXECUTE, i == 0, &ignored))
            return false;
    return true;
}
