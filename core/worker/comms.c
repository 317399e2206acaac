#include "worker/comms.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "worker/execute.h"
#include "worker/interrupt.h"
#include "worker/worker.h"

#include <stdio.h>

typedef enum hilum_status (*comm_function)(struct hilum_session *session,
                                           const struct hilum_comm_message *message);

static comm_function find_function(const struct hilum_evaluator *evaluator, struct str type)
{
    if (str_equal(type, STR("comm_open")))
        return evaluator->comm_open;
    return str_equal(type, STR("comm_msg")) ? evaluator->comm_msg : evaluator->comm_close;
}

/* An evaluator without comms knows no target, and what is said to it is said to nobody. */
static enum hilum_status deliver(struct worker *worker, const struct hilum_comm_message *message)
{
    comm_function function = find_function(&worker->evaluator, worker->request->type);
    if (!function)
        return message->target_name.size ? HILUM_UNAVAILABLE : HILUM_OK;
    enum hilum_status status = HILUM_INTERRUPTED;
    if (interrupt_enter(&worker->evaluator, worker->session))
        status = function(worker->session, message);
    interrupt_leave();
    fflush(NULL);
    return status;
}

static struct hilum_str read_text(struct str content, const char *key, struct buffer *out)
{
    struct str value;
    if (json_get(content, key, &value))
        json_unescape(value, out);
    return str_to_plugin(buffer_str(out));
}

static enum hilum_status serve(struct worker *worker, struct str content)
{
    const struct link_message *request = worker->request;
    struct hilum_str buffers[LINK_PARTS_MAX];
    struct buffer comm_id = {0}, target_name = {0};
    struct str data = STR("{}");
    json_get(content, "data", &data);
    for (size_t i = 2; i < request->part_count; i++)
        buffers[i - 2] = str_to_plugin(request->parts[i]);
    enum hilum_status status = deliver(
        worker,
        &(struct hilum_comm_message){
            .struct_size = sizeof(struct hilum_comm_message),
            .comm_id = read_text(content, "comm_id", &comm_id),
            .target_name = read_text(content, "target_name", &target_name),
            .data = str_to_plugin(data),
            .metadata = str_to_plugin(request->part_count > 1 ? request->parts[1] : STR("{}")),
            .buffers = buffers,
            .buffer_count = request->part_count > 2 ? request->part_count - 2 : 0,
        });
    buffer_fini(&comm_id);
    buffer_fini(&target_name);
    return status;
}

void comms_serve(struct worker *worker, const struct content *content)
{
    struct buffer reply = {0};
    worker->host.changed = true;
    switch (serve(worker, content->whole)) {
    case HILUM_OK:
        buffer_append(&reply, STR("{\"status\":\"ok\"}"));
        break;
    case HILUM_UNAVAILABLE:
        buffer_append(&reply, STR("{\"status\":\"unavailable\"}"));
        break;
    case HILUM_INTERRUPTED:
        buffer_append(&reply, STR("{\"status\":\"aborted\"}"));
        break;
    default:
        execute_report_error(worker, &reply);
        break;
    }
    channel_send(&worker->channel, STR("comm_reply"), worker->host.request, buffer_str(&reply));
    buffer_fini(&reply);
}

static void write_text(struct buffer *out, const char *before, struct hilum_str text)
{
    buffer_append_cstr(out, before);
    json_write_string(out, str_from_plugin(text));
}

/* What is wrong with it, of which parts[0] and parts[1] are content and metadata; NULL: nothing. */
static const char *fault_of(const struct hilum_comm_message *given, struct str data,
                            const struct link_message *message)
{
    size_t size = message->parts[0].size + message->parts[1].size;
    if (!json_check_object(data, NULL))
        return "the data of a comm message must be a JSON object; the message was not sent";
    if (!json_check_object(message->parts[1], NULL))
        return "the metadata of a comm message must be a JSON object; the message was not sent";
    if (given->buffer_count > LINK_COMM_BUFFERS_MAX)
        return "a comm message has more than 240 buffers; it was not sent";
    for (size_t i = 0; i < given->buffer_count && size <= LINK_BODY_MAX; i++)
        size += given->buffers[i].size;
    return size > LINK_BODY_MAX ? "a comm message is too large; it was not sent" : NULL;
}

static struct str or_empty_object(struct hilum_str json)
{
    return json.size ? (struct str){json.data, json.size} : STR("{}");
}

static void write_content(struct buffer *out, const struct hilum_comm_message *given,
                          struct str type, struct str data)
{
    write_text(out, "{\"comm_id\":", given->comm_id);
    if (str_equal(type, STR("comm_open")))
        write_text(out, ",\"target_name\":", given->target_name);
    buffer_append(out, STR(",\"data\":"));
    buffer_append(out, data);
    buffer_append_byte(out, '}');
}

static enum hilum_status send(const struct hilum_host *table, struct str type,
                              const struct hilum_comm_message *given)
{
    struct host *host = host_of(table);
    struct str data = or_empty_object(given->data);
    struct buffer content = {0};
    write_content(&content, given, type, data);
    struct link_message message = {
        .type = type,
        .id = host->request,
        .part_count = 2,
        .parts = {buffer_str(&content), or_empty_object(given->metadata)},
    };
    const char *fault = content.failed ? "a comm message is too large; it was not sent"
                                       : fault_of(given, data, &message);
    for (size_t i = 0; i < given->buffer_count && !fault; i++)
        message.parts[message.part_count++] =
            (struct str){given->buffers[i].data, given->buffers[i].size};
    if (!fault)
        channel_send_message(host->channel, &message);
    buffer_fini(&content);
    if (fault) {
        host_complain(host, fault);
        return HILUM_ERROR;
    }
    host_sync(host);
    return HILUM_OK;
}

enum hilum_status comms_open(const struct hilum_host *table,
                             const struct hilum_comm_message *message)
{
    return send(table, STR("comm_open"), message);
}

enum hilum_status comms_send(const struct hilum_host *table,
                             const struct hilum_comm_message *message)
{
    return send(table, STR("comm_msg"), message);
}

enum hilum_status comms_close(const struct hilum_host *table,
                              const struct hilum_comm_message *message)
{
    return send(table, STR("comm_close"), message);
}
