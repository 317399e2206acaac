/*
 * An evaluator that runs as a program of its own, in any language, which speaks the worker protocol
 * (docs/worker-protocol.md). A plugin supplies its `load`, which says what to start; the other
 * functions of its table are these.
 */
#ifndef HILUM_PROGRAM_PROGRAM_H
#define HILUM_PROGRAM_PROGRAM_H

#include <hilum/evaluator.h>

struct program_start {
    const char *const *argv;        /* NULL-terminated; the program is searched on the PATH */
    const char *const *environment; /* "NAME=value", added to the worker's; may be NULL */
    double hello_seconds;           /* how long it may take to say hello */
    struct hilum_str settings;      /* for the program: a JSON object */
};

/* Starts the program and waits until it has loaded. As `load` of the table. */
enum hilum_status program_load(const struct hilum_host *host, const struct program_start *start,
                               struct hilum_session **session);

/* For plugins whose `load` fails: reports the error and returns HILUM_ERROR. */
enum hilum_status program_refuse(const struct hilum_host *host, const char *code, const char *name,
                                 const char *sentence);

enum hilum_status program_compile(struct hilum_session *session, const struct hilum_source *source,
                                  struct hilum_unit **unit);
enum hilum_status program_run(struct hilum_session *session, struct hilum_unit *unit);
void program_discard(struct hilum_session *session, struct hilum_unit *unit);
void program_unload(struct hilum_session *session);
enum hilum_status program_complete(struct hilum_session *session, struct hilum_str code,
                                   size_t cursor);
enum hilum_status program_inspect(struct hilum_session *session, struct hilum_str code,
                                  size_t cursor, int detail_level);
enum hilum_completeness program_is_complete(struct hilum_session *session, struct hilum_str code,
                                            struct hilum_str *indent);
enum hilum_status program_forking(struct hilum_session *session, enum hilum_fork phase);

/* Members of the table. A program has to be safe to fork: see program_forking. */
#define PROGRAM_FUNCTIONS                                                                          \
    .capabilities = HILUM_FORK_SAFE, .compile = program_compile, .run = program_run,               \
    .discard = program_discard, .unload = program_unload, .complete = program_complete,            \
    .inspect = program_inspect, .is_complete = program_is_complete, .forking = program_forking

#endif
