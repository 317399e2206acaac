#include "worker/execute.h"
#include "base/clock.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "worker/interrupt.h"

#include <stdio.h>

static enum hilum_status run_unit(struct worker *worker, struct hilum_unit *unit)
{
    enum hilum_status status = HILUM_INTERRUPTED;
    int64_t start = clock_us();
    worker->host.unchanged = false;
    if (interrupt_enter(&worker->evaluator, worker->session))
        status = worker->evaluator.run(worker->session, unit);
    interrupt_leave();
    worker->host.changed |= !worker->host.unchanged;
    /* C code that used stdio without flushing: its output belongs to this cell. */
    fflush(NULL);
    worker->host.run_us += clock_us() - start;
    return status;
}

static enum hilum_status evaluate_as(struct worker *worker, enum hilum_source_kind kind,
                                     const char *name, struct str code)
{
    struct hilum_source source = {
        .struct_size = sizeof source,
        .kind = kind,
        .code = {code.data, code.size},
        .name = {name, strlen(name)},
        .execution_count = worker->host.execution_count,
        .runs = true,
    };
    struct hilum_unit *unit = NULL;
    enum hilum_status status = HILUM_INTERRUPTED;
    worker->host.scene = (struct diagnostic_scene){str_of(name), code};
    int64_t start = clock_us();
    if (interrupt_enter(&worker->evaluator, worker->session))
        status = worker->evaluator.compile(worker->session, &source, &unit);
    interrupt_leave();
    worker->host.compile_us += clock_us() - start;
    if (status != HILUM_OK)
        return status;
    status = run_unit(worker, unit);
    worker->evaluator.discard(worker->session, unit);
    return status;
}

/* "cell 12". Not by snprintf, which takes longer than running many a cell does. */
static const char *cell_name(char name[32], int64_t count)
{
    char *end = name + 31;
    *end = '\0';
    return memcpy(buffer_digits(end, count) - 5, "cell ", 5);
}

static enum hilum_status evaluate(struct worker *worker, enum hilum_source_kind kind,
                                  struct str code)
{
    char name[32];
    enum hilum_status status =
        evaluate_as(worker, kind, cell_name(name, worker->host.execution_count), code);
    worker->host.scene = (struct diagnostic_scene){0};
    return status;
}

/* {"status":"ok","data":{...},"metadata":{...}} or {"status":"error",...} */
static void evaluate_expression(struct worker *worker, struct str expression, struct buffer *out)
{
    struct buffer code = {0};
    struct host *host = &worker->host;
    host_reset_outcome(host, HOST_RESULT_CAPTURE);
    enum hilum_status status = HILUM_ERROR;
    if (json_unescape(expression, &code))
        status = evaluate(worker, HILUM_SOURCE_EXPRESSION, buffer_str(&code));
    else
        host->table.diagnostic(&host->table,
                               &(struct hilum_diagnostic){
                                   .struct_size = sizeof(struct hilum_diagnostic),
                                   .severity = HILUM_SEVERITY_ERROR,
                                   .code = {"protocol.bad-request", 20},
                                   .name = {"TypeError", 9},
                                   .message = {"a user expression must be a string", 34},
                               });
    buffer_append_cstr(out, status == HILUM_OK ? "{\"status\":\"ok\"," : "{\"status\":\"error\",");
    if (status != HILUM_OK)
        buffer_append(out, buffer_str(&host_error(host)->members));
    else
        buffer_append(out, host->has_result ? buffer_str(&host->result)
                                            : STR("\"data\":{},\"metadata\":{}"));
    buffer_append_byte(out, '}');
    out->failed |= host->result.failed;
    buffer_fini(&code);
}

static void evaluate_expressions(struct worker *worker, struct str expressions, struct buffer *out)
{
    struct json_member member;
    struct json_walk walk = json_walk(expressions);
    for (bool first = true; walk.has_keys && json_next(&walk, &member); first = false) {
        /* What the expressions show comes after the cell's result. */
        if (first && worker->host.has_held_result) {
            struct link_at at = host_at(&worker->host);
            host_send_result(&worker->host, &at);
        }
        buffer_append_cstr(out, first ? "\"" : ",\"");
        buffer_append(out, member.key);
        buffer_append(out, STR("\":"));
        evaluate_expression(worker, member.value, out);
    }
}

void execute_report_error(struct worker *worker, struct buffer *reply)
{
    struct buffer content = {0};
    const struct report *report = host_error(&worker->host);
    struct str error = buffer_str(&report->members);
    const struct link_at unknown = {.known = false};
    buffer_append_byte(&content, '{');
    buffer_append(&content, error);
    buffer_append_byte(&content, '}');
    host_send_result(&worker->host, &unknown);
    channel_send_message(&worker->channel,
                         &(struct link_message){
                             .type = STR("error"),
                             .id = worker->host.request,
                             .part_count = 2,
                             .parts = {buffer_str(&content), buffer_str(&report->metadata)},
                         });
    buffer_append(reply, STR("{\"status\":\"error\","));
    buffer_append(reply, error);
    buffer_append_byte(reply, '}');
    buffer_fini(&content);
}

bool execute(struct worker *worker, const struct content *content, struct buffer *reply)
{
    worker->host.allow_stdin = json_kind(content->allow_stdin) == JSON_KIND_TRUE;
    enum hilum_status status = evaluate(worker, HILUM_SOURCE_CELL, worker->host.code);
    switch (status) {
    case HILUM_OK:
        buffer_append(reply, STR("{\"status\":\"ok\",\"user_expressions\":{"));
        evaluate_expressions(worker, content->user_expressions, reply);
        buffer_append(reply, STR("},\"payload\":[]}"));
        break;
    case HILUM_INTERRUPTED:
        buffer_append(reply, STR("{\"status\":\"aborted\"}"));
        break;
    default:
        execute_report_error(worker, reply);
        break;
    }
    return status == HILUM_OK;
}
