#include "kernel/comms.h"
#include "base/json_scan.h"
#include "kernel/state.h"

enum handled comms_handle_info(struct kernel *kernel, struct request *request)
{
    send_reply(&kernel->publisher, request, request->type->reply,
               STR("{\"status\":\"ok\",\"comms\":{}}"));
    return HANDLED;
}

/* "If the target is not found, the comm is closed at once" (messaging specification). */
enum handled comms_handle_open(struct kernel *kernel, struct request *request)
{
    struct str comm_id;
    struct buffer content = {0};
    if (!json_get(request->content, "comm_id", &comm_id) || json_kind(comm_id) != JSON_KIND_STRING)
        return HANDLED;
    buffer_append(&content, STR("{\"comm_id\":"));
    buffer_append(&content, comm_id);
    buffer_append(&content, STR(",\"data\":{}}"));
    publish(&kernel->publisher, STR("comm_close"), request, buffer_str(&content));
    buffer_fini(&content);
    return HANDLED;
}

enum handled comms_handle_ignored(struct kernel *kernel, struct request *request)
{
    (void)kernel;
    (void)request;
    return HANDLED;
}
