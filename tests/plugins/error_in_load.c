/* Fails to load without saying why, against the contract. */
#include <hilum/evaluator.h>

static enum hilum_status fail(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **out)
{
    (void)host;
    (void)settings;
    (void)setting_count;
    (void)out;
    return HILUM_ERROR;
}

#define BASIC_LOAD fail
#include "basic.h"
