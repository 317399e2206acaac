#include "kernel/comms.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "kernel/state.h"
#include "telemetry/log.h"

#include <stdlib.h>

struct comm {
    struct buffer id;
    struct buffer target;
    int64_t step; /* of the session when it was opened: states of later steps have it */
    bool opening; /* the evaluator has not said yet whether it accepts */
};

static const struct str no_metadata = STR("{}");

/* The text of a member that names something; false, and nothing in *out, when it is none. */
static bool read_name(struct str content, const char *key, struct buffer *out)
{
    struct str value;
    out->max = COMM_NAME_MAX;
    if (json_get(content, key, &value) && json_unescape(value, out) && !out->failed)
        return true;
    buffer_fini(out);
    return false;
}

static struct comm *find(struct kernel *kernel, struct str content)
{
    struct buffer id = {0};
    struct comm *found = NULL;
    if (read_name(content, "comm_id", &id))
        for (size_t i = 0; i < kernel->comms.count && !found; i++)
            if (str_equal(buffer_str(&kernel->comms.list[i].id), buffer_str(&id)))
                found = &kernel->comms.list[i];
    buffer_fini(&id);
    return found;
}

static bool make_room(struct comms *comms)
{
    if (comms->count < comms->room)
        return true;
    size_t room = comms->room ? 2 * comms->room : 16;
    struct comm *list = realloc(comms->list, room * sizeof *list);
    if (!list)
        return false;
    comms->list = list;
    comms->room = room;
    return true;
}

/* NULL, and *problem says why it cannot be. */
static struct comm *add(struct kernel *kernel, struct str content, const char **problem)
{
    struct comms *comms = &kernel->comms;
    struct comm comm = {.step = kernel->session.step};
    *problem = NULL;
    if (!read_name(content, "comm_id", &comm.id))
        *problem = "\"comm_id\" is not a text of at most 1024 bytes";
    else if (!read_name(content, "target_name", &comm.target))
        *problem = "\"target_name\" is not a text of at most 1024 bytes";
    else if (find(kernel, content))
        *problem = "there is a comm of that comm_id already";
    else if (comms->count == COMMS_MAX)
        *problem = "too many comms are open";
    else if (!make_room(comms))
        *problem = "out of memory";
    if (!*problem) {
        comms->list[comms->count] = comm;
        return &comms->list[comms->count++];
    }
    buffer_fini(&comm.id);
    buffer_fini(&comm.target);
    return NULL;
}

static void drop(struct kernel *kernel, struct comm *comm)
{
    struct comms *comms = &kernel->comms;
    buffer_fini(&comm->id);
    buffer_fini(&comm->target);
    comms->count--;
    memmove(comm, comm + 1, (size_t)(comms->list + comms->count - comm) * sizeof *comm);
}

void comms_fini(struct kernel *kernel)
{
    while (kernel->comms.count)
        drop(kernel, &kernel->comms.list[kernel->comms.count - 1]);
    free(kernel->comms.list);
    kernel->comms.list = NULL;
}

static bool is_wanted(const struct comm *comm, bool all, const struct buffer *target)
{
    return !comm->opening && (all || str_equal(buffer_str(&comm->target), buffer_str(target)));
}

enum handled comms_handle_info(struct kernel *kernel, struct request *request)
{
    struct buffer content = {0}, target = {0};
    struct str value;
    bool all =
        !json_get(request->content, "target_name", &value) || json_kind(value) == JSON_KIND_NULL;
    bool first = true;
    bool any = all || read_name(request->content, "target_name", &target);
    buffer_append(&content, STR("{\"status\":\"ok\",\"comms\":{"));
    for (size_t i = 0; any && i < kernel->comms.count; i++) {
        const struct comm *comm = &kernel->comms.list[i];
        if (!is_wanted(comm, all, &target))
            continue;
        buffer_append_cstr(&content, first ? "" : ",");
        json_write_string(&content, buffer_str(&comm->id));
        buffer_append(&content, STR(":{\"target_name\":"));
        json_write_string(&content, buffer_str(&comm->target));
        buffer_append_byte(&content, '}');
        first = false;
    }
    buffer_append(&content, STR("}}"));
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&content));
    buffer_fini(&content);
    buffer_fini(&target);
    return HANDLED;
}

/* With the comm_id as the client wrote it. */
static void publish_close(struct kernel *kernel, struct request *request)
{
    struct str comm_id;
    struct buffer content = {0};
    if (!json_get(request->content, "comm_id", &comm_id) || json_kind(comm_id) != JSON_KIND_STRING)
        return;
    buffer_append(&content, STR("{\"comm_id\":"));
    buffer_append(&content, comm_id);
    buffer_append(&content, STR(",\"data\":{}}"));
    publish(&kernel->publisher, STR("comm_close"), request, buffer_str(&content));
    buffer_fini(&content);
}

static bool fits_the_link(const struct request *request)
{
    if (request->size <= LINK_BODY_MAX)
        return true;
    log_warning("a %.*s of %zu bytes was dropped: the evaluator gets at most %zu",
                STR_FORMAT(request->type->name), request->size, LINK_BODY_MAX);
    return false;
}

enum handled comms_handle_open(struct kernel *kernel, struct request *request)
{
    const char *problem = NULL;
    if (!fits_the_link(request)) {
        publish_close(kernel, request);
        return HANDLED;
    }
    /* Who opens a comm that is open does not want to see it closed. */
    bool exists = find(kernel, request->content);
    struct comm *comm = add(kernel, request->content, &problem);
    if (comm) {
        comm->opening = true;
        return execution_serve_comm(kernel, request);
    }
    log_warning("a comm_open was refused: %s", problem);
    if (!exists)
        publish_close(kernel, request);
    return HANDLED;
}

enum handled comms_handle_message(struct kernel *kernel, struct request *request)
{
    struct comm *comm = find(kernel, request->content);
    if (!comm)
        log_info("a %.*s for a comm that is not open was ignored", STR_FORMAT(request->type->name));
    if (!comm || !fits_the_link(request))
        return HANDLED;
    if (str_equal(request->type->name, STR("comm_close")))
        drop(kernel, comm);
    return execution_serve_comm(kernel, request);
}

void comms_settle(struct kernel *kernel, struct request *request, bool accepted)
{
    if (request->type->handle != comms_handle_open)
        return;
    struct comm *comm = find(kernel, request->content);
    if (!comm || !comm->opening)
        return; /* the evaluator has closed it */
    comm->opening = false;
    if (accepted)
        return;
    drop(kernel, comm);
    /* "If the target_name key is not found on the receiving side, then it should immediately reply
     * with a comm_close message" (messaging specification). */
    publish_close(kernel, request);
}

/* Does the register allow it? Then it says what is open afterwards. */
static bool take_note(struct kernel *kernel, struct str type, struct str content,
                      const char **problem)
{
    if (str_equal(type, STR("comm_open")))
        return add(kernel, content, problem);
    struct comm *comm = find(kernel, content);
    if (!comm)
        *problem = "there is no such comm";
    if (comm && str_equal(type, STR("comm_close")))
        drop(kernel, comm);
    return comm;
}

void comms_publish(struct kernel *kernel, const struct link_message *message)
{
    struct str metadata = message->part_count > 1 ? message->parts[1] : no_metadata;
    size_t buffers = message->part_count > 2 ? message->part_count - 2 : 0;
    const char *problem = NULL;
    if (!message->part_count)
        problem = "it has no content";
    else if (!json_check_object(metadata, NULL))
        problem = "its metadata is not a JSON object";
    else if (metadata.size > WIRE_HEADER_MAX)
        problem = "its metadata is too large";
    else if (buffers > LINK_COMM_BUFFERS_MAX)
        problem = "it has too many buffers";
    else if (take_note(kernel, message->type, message->parts[0], &problem))
        publish_buffers(&kernel->publisher, message->type, capture_parent(kernel),
                        message->parts[0], metadata, message->parts + 2, buffers);
    if (problem)
        log_warning("a %.*s of the evaluator was dropped: %s", STR_FORMAT(message->type), problem);
}

void comms_lose(struct kernel *kernel)
{
    struct comms *comms = &kernel->comms;
    if (kernel->shutting_down)
        return; /* that says it all */
    /* A request that the dead worker has not read goes to the next one: see
     * death_of_worker. So a comm that is being opened stays. */
    for (size_t i = comms->count; i-- > 0;) {
        struct buffer content = {0};
        if (comms->list[i].opening || comms->list[i].step < kernel->session.step)
            continue;
        buffer_append(&content, STR("{\"comm_id\":"));
        json_write_string(&content, buffer_str(&comms->list[i].id));
        buffer_append(&content, STR(",\"data\":{}}"));
        drop(kernel, &comms->list[i]);
        publish(&kernel->publisher, STR("comm_close"), kernel->execution.active,
                buffer_str(&content));
        buffer_fini(&content);
    }
}
