/* Text as plugins know it and as the core does. Neither way copies. */
#ifndef HILUM_BASE_PLUGIN_STR_H
#define HILUM_BASE_PLUGIN_STR_H

#include "base/str.h"

#include <hilum/evaluator.h>

/* Plugins may give no data with any size. */
static inline struct str str_from_plugin(struct hilum_str text)
{
    return (struct str){text.data, text.data ? text.size : 0};
}

static inline struct hilum_str str_to_plugin(struct str text)
{
    return (struct hilum_str){text.data, text.size};
}

#endif
