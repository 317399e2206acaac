/*
 * The evaluators that are found, each described by a worker process that loads it: a broken one
 * cannot hurt the tool, and the reason is kept.
 */
#ifndef HILUM_CLI_EVALUATORS_H
#define HILUM_CLI_EVALUATORS_H

#include "config/config.h"

#include <jansson.h>

/* Time and output that `hilum-worker --describe` may take. */
#define EVALUATOR_DESCRIBE_MS  5000
#define EVALUATOR_DESCRIBE_MAX ((size_t)1 << 20)

struct evaluator {
    char *name;       /* as in the config */
    char *file;       /* NULL: not found */
    json_t *facts;    /* what the worker said (docs/worker-protocol.md, hello); NULL: broken */
    char *problem;    /* why it cannot be used; NULL: it can */
    struct str known; /* its "options" as JSON text, which json_check accepted; "[]" if broken */
    struct buffer description;
};

/* Describes one evaluator, found by its name and the config, which may be NULL. False: out of
 * memory; a broken evaluator is described as such. */
bool evaluator_init(struct evaluator *evaluator, const char *name, const struct config *config)
    __attribute__((warn_unused_result));
void evaluator_fini(struct evaluator *evaluator);

/* A text among the facts: "version", or "language_info" and "name". "" when it is absent. */
const char *evaluator_fact(const struct evaluator *evaluator, const char *key);
const char *evaluator_language_fact(const struct evaluator *evaluator, const char *key);

struct evaluators {
    struct evaluator *items;
    size_t count;
};

/* All evaluators in the searched directories and those that the config, which may be NULL, gives a
 * library; sorted by name. False: out of memory. */
bool evaluators_init(struct evaluators *list, const struct config *config)
    __attribute__((warn_unused_result));
void evaluators_fini(struct evaluators *list);

#endif
