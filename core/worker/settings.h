/* The evaluator's section of the config, checked against the options it declares. */
#ifndef HILUM_WORKER_SETTINGS_H
#define HILUM_WORKER_SETTINGS_H

#include "base/buffer.h"
#include "base/error.h"

#include <hilum/evaluator.h>

struct settings {
    struct hilum_setting *items;
    size_t count;
    struct buffer text; /* what the items point into */
};

/* `object` is a checked JSON object. On failure nothing is left to free. */
bool settings_init(struct settings *settings, const struct hilum_option *options, struct str object,
                   struct error *error) __attribute__((warn_unused_result));
void settings_fini(struct settings *settings);

#endif
