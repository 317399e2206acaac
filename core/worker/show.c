#include "worker/show.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "worker/host.h"

static void write_datum(struct host *host, struct buffer *out, const struct hilum_datum *datum)
{
    struct str data = str_from_plugin(datum->data);
    json_write_string(out, str_from_plugin(datum->mime_type));
    buffer_append_byte(out, ':');
    switch (datum->encoding) {
    case HILUM_BINARY:
        json_write_base64(out, data);
        return;
    case HILUM_JSON:
        if (json_check(data, NULL)) {
            buffer_append(out, data);
            return;
        }
        host_complain(host, "a datum with HILUM_JSON is not valid JSON; it is shown as text");
        break;
    case HILUM_TEXT:
        break;
    }
    json_write_string(out, data);
}

void show_write_bundle(struct host *host, struct buffer *out, const struct hilum_bundle *bundle)
{
    struct str metadata = str_from_plugin(bundle->metadata);
    buffer_append(out, STR("\"data\":{"));
    for (size_t i = 0; i < bundle->count; i++) {
        if (i)
            buffer_append_byte(out, ',');
        write_datum(host, out, &bundle->data[i]);
    }
    buffer_append(out, STR("},\"metadata\":"));
    buffer_append(out, metadata.size && json_check_object(metadata, NULL) ? metadata : STR("{}"));
}

/* Takes the content over. */
static void hold_result(struct host *host, struct buffer *content)
{
    buffer_fini(&host->held_result);
    host->held_result = *content;
    host->has_held_result = true;
    *content = (struct buffer){.size = 0};
}

/* display_data, update_display_data and, with `last`, execute_result, which waits for the reply. */
static void publish(struct host *host, struct str type, const struct hilum_bundle *bundle,
                    bool last)
{
    struct buffer content = {0};
    struct str display_id = str_from_plugin(bundle->display_id);
    buffer_append_byte(&content, '{');
    show_write_bundle(host, &content, bundle);
    if (last) {
        buffer_append(&content, STR(",\"execution_count\":"));
        buffer_append_integer(&content, host->execution_count);
    } else {
        buffer_append(&content, STR(",\"transient\":{"));
        if (display_id.size) {
            json_write_key(&content, "display_id");
            json_write_string(&content, display_id);
        }
        buffer_append_byte(&content, '}');
    }
    buffer_append_byte(&content, '}');
    if (content.failed)
        host_complain(host, "a value is too large to be shown");
    else if (!last)
        host_send_in_order(host, type, buffer_str(&content));
    else
        hold_result(host, &content);
    buffer_fini(&content);
}

void show_display(const struct hilum_host *table, const struct hilum_bundle *bundle)
{
    struct host *host = host_of(table);
    publish(host, STR("display_data"), bundle, false);
}

void show_update_display(const struct hilum_host *table, const struct hilum_bundle *bundle)
{
    struct host *host = host_of(table);
    if (!bundle->display_id.size) {
        host_complain(host, "update_display needs a display_id");
        return;
    }
    publish(host, STR("update_display_data"), bundle, false);
}

void show_result(const struct hilum_host *table, const struct hilum_bundle *bundle)
{
    struct host *host = host_of(table);
    if (host->has_result) {
        host_complain(host, "a second result in one run; it is shown as display_data");
        if (host->result_mode == HOST_RESULT_PUBLISH)
            show_display(table, bundle);
        return;
    }
    host->has_result = true;
    if (host->result_mode == HOST_RESULT_CAPTURE)
        show_write_bundle(host, &host->result, bundle);
    else
        publish(host, STR("execute_result"), bundle, true);
}

void show_clear_output(const struct hilum_host *table, bool wait)
{
    struct host *host = host_of(table);
    host_send_in_order(host, STR("clear_output"),
                       wait ? STR("{\"wait\":true}") : STR("{\"wait\":false}"));
}
