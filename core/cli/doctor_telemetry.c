#include "cli/doctor.h"
#include "telemetry/http.h"
#include "telemetry/listener.h"

#include <stdlib.h>

static void check_address(struct report *report, const struct config *config, const char *listen)
{
    struct listener listener;
    struct error error;
    if (listener_parse(&listener, listen, config_flag(config, "metrics.allow_remote"), &error)) {
        report_add(report, FINDING_OK, "metrics are served at %s", listener.name);
        return;
    }
    report_add(report, FINDING_FAIL, "metrics.listen: %s", error.sentence);
    report_mend("correct it in the configuration; kernels do not start");
}

static void check_metrics(struct report *report, const struct config *config)
{
    struct error error;
    const char *listen = config ? config_text(config, "metrics.listen") : "";
    if (!http_is_there(&error)) {
        report_add(report, *listen ? FINDING_FAIL : FINDING_NOTE, "%s", error.sentence);
        if (*listen)
            report_mend("`apt-get install libmicrohttpd12`; or build Hilum again with "
                        "libmicrohttpd-dev");
    } else if (*listen) {
        check_address(report, config, listen);
    } else {
        report_add(report, FINDING_OK, "metrics can be served, and are not");
    }
}

/* As a kernel will open it; it may stay behind, empty. */
static void check_log_file(struct report *report, const struct config *config)
{
    struct error error;
    char *file = config ? config_path(config, "log.file") : NULL;
    if (!file)
        return;
    if (log_open(file, &error)) {
        log_close();
        report_add(report, FINDING_OK, "log file %s", file);
    } else {
        report_add(report, FINDING_WARN, "%s", error.sentence);
        report_mend("make its folder, or let this user write there");
    }
    free(file);
}

void doctor_check_telemetry(struct report *report, const struct config *config)
{
    check_metrics(report, config);
    check_log_file(report, config);
}
