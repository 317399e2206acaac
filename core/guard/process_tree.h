/*
 * The processes of a session: the one that runs the cells, its descendants, and orphans that the kernel
 * has adopted (it is their subreaper).
 *
 * Checkpoints, which are sleeping copies of the session, are among them, and so are the copies that
 * those make to answer questions, and those of an evaluator's program. They are ours, not the user's,
 * so they are not counted. They are known by their name, and by being children of the session process, of
 * such a program or of the kernel; no more than so many are believed. One that is just being made has the
 * session's name still.
 *
 * Memory. A process is charged for its pages that no file backs: anonymous ones, shared memory, and
 * what is swapped out (RssAnon + RssShmem + VmSwap of /proc/PID/status, tens of microseconds). A page that
 * a forked child still shares with its parent counts for both then, which is too much. So when the sum
 * is above a limit and there are several processes, the kernel is asked for the proportional shares
 * (Pss in smaps_rollup), which walks page tables: exact, but a millisecond for each gigabyte or so. Pages
 * that are shared with a checkpoint have a part of their share there, so that is counted in; what only
 * the checkpoint holds is not. (Pages of the past that two checkpoints share are; the plain sum
 * holds then if it is less.)
 */
#ifndef HILUM_GUARD_PROCESS_TREE_H
#define HILUM_GUARD_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* More processes are not looked at. Settings allow fewer. */
#define PROCESS_TREE_MAX 1024
/* Nor are more taken for checkpoints and their copies. */
#define PROCESS_TREE_CHECKPOINTS 40

struct process {
    pid_t pid, parent;
    bool is_checkpoint; /* or a copy of one */
    bool is_copy;       /* a child of the session process and no program of its own: such is born */
    uint64_t started;   /* clock ticks since boot; with the pid it names a process for good */
    int64_t cpu_ms;     /* its own, and of its children that are dead and reaped */
};

struct process_tree {
    struct process *list; /* parents come before their children */
    size_t count;
    struct process *last; /* the sample before: for CPU time */
    size_t last_count;
    char session_name[32]; /* with its parentheses; empty until it was looked at */
    size_t checkpoints;
};

/* What a sample found; all but the checkpoints. */
struct process_use {
    /* Since the sample before, of the session process and those that have begun since the time in
     * the wish; the first time only of the latter. */
    int64_t cpu_ms;
    int64_t memory;
    int64_t processes;
    int64_t open_files; /* of the process that has most of them */
    int64_t checkpoints;
    int64_t checkpoint_memory; /* counted like `memory`, though shared with the session */
};

/* What to look at. */
struct process_wish {
    pid_t kernel;          /* whose descendants are meant */
    pid_t session;         /* the process that runs the cells; 0: there is none */
    const char *asleep;    /* the name of checkpoints; NULL: there are none */
    const pid_t *programs; /* that the evaluator keeps; they have checkpoints of their own */
    size_t program_count;
    uint64_t since;     /* clock ticks since boot; CPU time is counted of what has begun since */
    bool memory, files; /* whether to count these */
};

/* The memory of one process, as explained above. */
int64_t process_memory(pid_t pid);

/* What of it is shared with no other process. Walks page tables. */
int64_t process_private_memory(pid_t pid);

void process_tree_fini(struct process_tree *tree);

/* Forgets the sample before. */
void process_tree_forget(struct process_tree *tree);

/* Looks at all processes. False: no memory; *use is zeroed. */
bool process_tree_sample(struct process_tree *tree, const struct process_wish *wish,
                         struct process_use *use) __attribute__((warn_unused_result));

/* The sum of proportional shares of memory, after process_tree_sample; 0: not known. */
int64_t process_tree_shares(const struct process_tree *tree);

/* Sends SIGKILL to all of the last sample that have started since then (clock ticks since boot), but
 * not to the session process, checkpoints, and what may become one; returns how many. */
size_t process_tree_kill(const struct process_tree *tree, pid_t session, uint64_t since);

/* Clock ticks since boot. */
uint64_t process_tree_now(void);

#endif
