#include "kernel/worker_messages.h"
#include "base/json_scan.h"
#include "kernel/comms.h"
#include "kernel/state.h"
#include "telemetry/log.h"

/* Displays are shown whole or, when the request has shown too much already, not at all. */
static bool fits(struct kernel *kernel, const struct link_message *message)
{
    struct request *parent = capture_parent(kernel);
    uint64_t size = 0;
    if (!parent || str_equal(message->type, STR("clear_output")) ||
        str_equal(message->type, STR("error")))
        return true;
    for (size_t i = 0; i < message->part_count; i++)
        size += message->parts[i].size;
    return output_quota_take_whole(&parent->quota, size);
}

/* Goes to clients as it is. Late ones (of a request that is over) belong to the last cell. */
static void forward(struct kernel *kernel, const struct link_message *message)
{
    if (message->part_count == 0)
        log_warning("the worker sent %.*s without content", STR_FORMAT(message->type));
    else if (!capture_is_muted(kernel) && fits(kernel, message))
        publish_buffers(&kernel->publisher, message->type, capture_parent(kernel),
                        message->parts[0], (struct str){NULL, 0}, message->parts + 1,
                        message->part_count - 1);
}

/* An error of the active cell is told with the reply; any other one is like other output. */
static void take_error(struct kernel *kernel, const struct link_message *message)
{
    const struct execution *e = &kernel->execution;
    if (e->active && e->is_cell && message->id == e->id && message->part_count)
        execution_take_error(kernel, message->parts[0]);
    else
        forward(kernel, message);
}

static void take_result(struct kernel *kernel, const struct link_message *message)
{
    const struct execution *e = &kernel->execution;
    forward(kernel, message);
    if (e->active && e->is_counted && message->id == e->id)
        history_add_result(kernel, link_content(message));
}

static void take_reply(struct kernel *kernel, const struct link_message *message)
{
    struct execution *e = &kernel->execution;
    if (e->active && e->sent && message->id == e->id && message->part_count)
        execution_take_reply(kernel, message);
    else
        log_warning("the worker sent a %.*s that nobody waits for", STR_FORMAT(message->type));
}

static void take_sync(struct kernel *kernel, const struct link_message *message)
{
    session_send(&kernel->session,
                 &(struct link_message){.type = STR("sync_reply"), .id = message->id});
}

static void take_log(struct kernel *kernel, const struct link_message *message)
{
    struct str level_name = STR("\"info\""), value = STR("\"\"");
    enum log_level level = LOG_LEVEL_INFO;
    struct buffer text = {0};
    json_get(link_content(message), "level", &level_name);
    json_get(link_content(message), "text", &value);
    if (level_name.size > 2)
        log_level_parse(str_slice(level_name, 1, level_name.size - 1), &level);
    json_unescape(value, &text);
    log_worker_line(level, trail_find(&kernel->trail, message->id), buffer_str(&text));
    buffer_fini(&text);
}

static const struct {
    struct str type;
    void (*take)(struct kernel *kernel, const struct link_message *message);
} takers[] = {
    {STR("execute_reply"), take_reply}, {STR("execute_result"), take_result},
    {STR("display_data"), forward},     {STR("update_display_data"), forward},
    {STR("clear_output"), forward},     {STR("error"), take_error},
    {STR("sync_request"), take_sync},   {STR("complete_reply"), take_reply},
    {STR("inspect_reply"), take_reply}, {STR("is_complete_reply"), take_reply},
    {STR("input_request"), stdin_ask},  {STR("log"), take_log},
    {STR("comm_open"), comms_publish},  {STR("comm_msg"), comms_publish},
    {STR("comm_close"), comms_publish}, {STR("comm_reply"), take_reply},
};

void worker_messages_take(struct kernel *kernel, const struct link_message *message)
{
    if (message->id == kernel->execution.id)
        kernel->execution.heard = true;
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        if (str_equal(message->type, takers[i].type)) {
            takers[i].take(kernel, message);
            return;
        }
    }
    log_warning("the worker sent a message of unknown type \"%.*s\"", STR_FORMAT(message->type));
}
