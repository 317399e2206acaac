#include "cell.h"

#include "exchange.h"
#include "json_member.h"

#include <inttypes.h>
#include <stdlib.h>

bool cell_start(struct cell *cell, struct session *session, enum output_kind kind, uint64_t count)
{
    const struct language *language = &session->spec->language;
    struct request request;
    *cell = (struct cell){.session = session};
    expected_init(&cell->expected, kind, count);
    cell->content =
        make_execute_content(kind == OUTPUT_LINES ? language->lines : language->big, count);
    client_build(&session->client, &request, "execute_request", cell->content);
    cell->request = request.id;
    if (client_send(&session->client, CHANNEL_SHELL, &request))
        return true;
    return session_fail(session, "a request cannot be sent");
}

void cell_fini(struct cell *cell)
{
    free((char *)cell->content.data);
    cell->content = (struct span){0};
}

static void take_output(struct cell *cell, struct span content)
{
    struct span text;
    if (json_member(content, "text", &text))
        expected_feed(&cell->expected, text);
}

static void take_answer(struct cell *cell, struct span content)
{
    switch (message_kind(&cell->session->message)) {
    case MESSAGE_STREAM:
        take_output(cell, content);
        break;
    case MESSAGE_IDLE:
        cell->is_idle = true;
        break;
    case MESSAGE_EXECUTE_REPLY:
        cell->has_reply = true;
        if (!exchange_is_ok(content))
            session_fail(cell->session, "the reply to a printing cell is not ok");
        break;
    default:
        break;
    }
}

size_t cell_take(struct cell *cell, enum channel channel)
{
    struct session *session = cell->session;
    uint64_t id;
    switch (client_receive(&session->client, channel, &session->message)) {
    case NOTHING_THERE:
        return 0;
    case RECEIVED_NOISE:
        return 1;
    case RECEIVED:
        break;
    }
    struct span content = message_part(&session->message, PART_CONTENT);
    if (client_parent(&session->client, &session->message, &id) && id == cell->request)
        take_answer(cell, content);
    return content.size ? content.size : 1;
}

bool cell_is_done(const struct cell *cell)
{
    return cell->has_reply && cell->is_idle;
}

bool cell_check(struct cell *cell)
{
    const struct expected *expected = &cell->expected;
    if (expected_is_complete(expected) && cell_is_done(cell))
        return true;
    return session_fail(cell->session,
                        "a printing cell: %" PRIu64 " of %" PRIu64 " bytes arrived, %s, %s",
                        expected->seen, expected->total,
                        expected->is_in_order ? "in order" : "not as they were printed",
                        !cell->has_reply ? "without a reply"
                        : !cell->is_idle ? "without the idle status"
                                         : "with reply and idle");
}
