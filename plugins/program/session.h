/* What the parts of the driver share: everything about one running program. */
#ifndef HILUM_PROGRAM_SESSION_H
#define HILUM_PROGRAM_SESSION_H

#include "copy.h"
#include "frame.h"

#include <hilum/evaluator.h>
#include <jansson.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What the program says in `hello` that it can do. */
enum program_capability {
    PROGRAM_COMPILE = 1u << 0,
    PROGRAM_INTERRUPT = 1u << 1,
    PROGRAM_CHECKPOINT = 1u << 2,
    PROGRAM_COMPLETE = 1u << 3,
    PROGRAM_INSPECT = 1u << 4,
    PROGRAM_IS_COMPLETE = 1u << 5,
    PROGRAM_COMPILE_AND_RUN = 1u << 6,
};

/* One compiled cell. There is at most one at a time. */
struct hilum_unit {
    const struct hilum_source *source; /* valid until it is discarded */
    bool begun;                        /* the program runs it without being asked */
    bool ran;                          /* `run` was called */
};

/* The process that is the session, and our end of its link. */
struct program_process {
    pid_t pid;
    int link;
    struct frame_reader reader;
    struct stat shown[2]; /* what its stdout and stderr are */
};

struct hilum_session {
    const struct hilum_host *host;
    struct program_process process;
    char *command; /* for messages */
    unsigned capabilities;
    int64_t request; /* id of the last request */
    bool serving;    /* the program has not answered it yet */
    bool told;       /* that it is interrupted */
    int64_t told_at; /* milliseconds */
    struct hilum_unit unit;
    char *indent; /* the last answer of is_complete */

    struct program_copy copy;
    pid_t copy_pids[COPIES_MAX]; /* a ring; some may have gone */
    size_t copies;               /* ever */
};

#endif
