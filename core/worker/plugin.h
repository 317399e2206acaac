/* An evaluator's shared object: loaded, its ABI checked, its table copied. */
#ifndef HILUM_WORKER_PLUGIN_H
#define HILUM_WORKER_PLUGIN_H

#include "base/error.h"

#include <hilum/evaluator.h>

/*
 * Checks the table that `file` (for messages) exports and copies into *table the members that both
 * sides know; what the evaluator does not have becomes NULL or 0. Refuses another ABI version, a
 * table too short for the mandatory members, and a mandatory member that is NULL, by name.
 */
bool plugin_copy_table(const struct hilum_evaluator *exported, const char *file,
                       struct hilum_evaluator *table, struct error *error)
    __attribute__((warn_unused_result));

/* Opens `file` for the life of the process and fills *table. May run the object's constructors.
 * There is no close: code that registered handlers or started threads cannot be unloaded safely. */
bool plugin_open(const char *file, struct hilum_evaluator *table, struct error *error)
    __attribute__((warn_unused_result));

#endif
