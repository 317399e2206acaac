/* Takes its time to load: longer than clients wait for kernel_info. */
#include <hilum/evaluator.h>

#include <unistd.h>

struct hilum_session;
static enum hilum_status load_slowly(const struct hilum_host *host,
                                     const struct hilum_setting *settings, size_t setting_count,
                                     struct hilum_session **out);

#define BASIC_LOAD load_slowly
#include "basic.h"

static enum hilum_status load_slowly(const struct hilum_host *host,
                                     const struct hilum_setting *settings, size_t setting_count,
                                     struct hilum_session **out)
{
    (void)settings;
    (void)setting_count;
    for (int i = 0; i < 300 && !host->cancelled(host); i++)
        usleep(100000);
    session.host = host;
    *out = &session;
    return HILUM_OK;
}
