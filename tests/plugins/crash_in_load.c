/* Dies of a signal while it loads. */
#include <hilum/evaluator.h>

#include <signal.h>

static enum hilum_status crash(const struct hilum_host *host, const struct hilum_setting *settings,
                               size_t setting_count, struct hilum_session **out)
{
    (void)host;
    (void)settings;
    (void)setting_count;
    (void)out;
    raise(SIGSEGV);
    return HILUM_ERROR;
}

#define BASIC_LOAD crash
#include "basic.h"
