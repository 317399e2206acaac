#include "kernel/timing.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "kernel/state.h"
#include "telemetry/usage.h"

#include <unistd.h>

/* "80 µs", "2.31 ms", "1.234 s". */
static void write_time(struct buffer *out, int64_t us)
{
    if (us < 1000)
        buffer_append_format(out, "%lld µs", (long long)us);
    else if (us < 1000000)
        buffer_append_format(out, "%.3g ms", (double)us / 1000);
    else
        buffer_append_format(out, "%.3f s", (double)us / 1000000);
}

void timing_begin(struct kernel *kernel, struct request *request)
{
    struct session_usage usage;
    (void)kernel;
    if (!request->timed)
        return;
    usage_reset_peaks(getpid(), LINK_SLEEPING_NAME);
    usage_of_session(getpid(), LINK_SLEEPING_NAME, &usage);
    request->cpu_before_us = usage.cpu_us;
    request->times.sent_us = clock_us(); /* this took its time */
}

static void write_report(const struct request *request, struct buffer *out)
{
    const struct request_times *times = &request->times;
    const struct output_shown *shown = &request->shown;
    struct session_usage usage;
    usage_of_session(getpid(), LINK_SLEEPING_NAME, &usage);
    buffer_append_cstr(out, "Wall time:   ");
    write_time(out, times->replied_us - times->sent_us);
    if (times->known) {
        buffer_append_cstr(out, " (compile ");
        write_time(out, times->compile_us);
        buffer_append_cstr(out, ", run ");
        write_time(out, times->run_us);
        buffer_append_byte(out, ')');
    }
    buffer_append_cstr(out, "\nCPU time:    ");
    write_time(out,
               usage.cpu_us > request->cpu_before_us ? usage.cpu_us - request->cpu_before_us : 0);
    buffer_append_cstr(out, "\nPeak memory: ");
    limit_write_amount(LIMIT_MEMORY, usage.peak_memory, out);
    buffer_append_format(out, "\nOutput:      %llu byte%s in %llu message%s\n",
                         (unsigned long long)shown->bytes, shown->bytes == 1 ? "" : "s",
                         (unsigned long long)shown->messages, shown->messages == 1 ? "" : "s");
}

void timing_report(struct kernel *kernel, struct request *request)
{
    struct buffer text = {0}, content = {0};
    if (!request->timed || kernel->execution.silent)
        return;
    write_report(request, &text);
    buffer_append(&content, STR("{\"name\":\"stdout\",\"text\":"));
    json_write_string(&content, buffer_str(&text));
    buffer_append_byte(&content, '}');
    publish(&kernel->publisher, STR("stream"), request, buffer_str(&content));
    buffer_fini(&text);
    buffer_fini(&content);
}
