#include "guard/process_tree.h"
#include "base/proc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t ticks_to_ms(unsigned long long ticks)
{
    return (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

uint64_t process_tree_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    return (uint64_t)now.tv_sec * per_second + (uint64_t)now.tv_nsec * per_second / 1000000000;
}

void process_tree_fini(struct process_tree *tree)
{
    free(tree->list);
    free(tree->last);
    *tree = (struct process_tree){0};
}

void process_tree_forget(struct process_tree *tree)
{
    tree->count = 0;
}

/* The list is filled anew; what it held is the sample before. */
static bool turn_over(struct process_tree *tree)
{
    struct process *spare = tree->last;
    if (!spare && !(spare = malloc(PROCESS_TREE_MAX * sizeof *spare)))
        return false;
    tree->last = tree->list;
    tree->last_count = tree->count;
    tree->list = spare;
    tree->count = 0;
    tree->checkpoints = 0;
    tree->session_name[0] = '\0';
    return true;
}

int64_t process_memory(pid_t pid)
{
    char text[4096];
    proc_read(pid, "status", text, sizeof text);
    return 1024 * (int64_t)(proc_number(text, "RssAnon") + proc_number(text, "RssShmem") +
                            proc_number(text, "VmSwap"));
}

/* `born`: whether the checkpoint that may be in the making was seen. */
static void count_in(const struct process_wish *wish, const struct process *process, bool *born,
                     struct process_use *use)
{
    int64_t memory = wish->memory ? process_memory(process->pid) : 0;
    int64_t files = wish->files ? (int64_t)proc_open_files(process->pid) : 0;
    if (process->is_checkpoint) {
        use->checkpoints++;
        use->checkpoint_memory += memory;
        return;
    }
    use->processes += !process->is_copy || *born;
    *born |= process->is_copy;
    use->memory += memory;
    if (files > use->open_files)
        use->open_files = files;
}

/* Appends the children; those of the kernel are found without its threads, which start none. */
static void add_children(struct process_tree *tree, pid_t parent, unsigned long long threads,
                         bool of_checkpoint)
{
    pid_t children[PROCESS_TREE_MAX];
    size_t count = proc_all_children(parent, threads, children, PROCESS_TREE_MAX - tree->count);
    for (size_t i = 0; i < count; i++)
        tree->list[tree->count++] =
            (struct process){.pid = children[i], .parent = parent, .is_checkpoint = of_checkpoint};
}

/* Is this what stat says of the name? */
static bool has_name(const char *stat, const char *name)
{
    const char *at = strchr(stat, '(');
    size_t size = strlen(name);
    return at && strncmp(at + 1, name, size) == 0 && strncmp(at + 1 + size, ") ", 2) == 0;
}

static void copy_name(struct process_tree *tree, const char *stat)
{
    const char *from = strchr(stat, '('), *to = strrchr(stat, ')');
    size_t size = from && to ? (size_t)(to - from - 1) : 0;
    if (size >= sizeof tree->session_name)
        size = 0;
    if (size)
        memcpy(tree->session_name, from + 1, size);
    tree->session_name[size] = '\0';
}

/* May a checkpoint be its child? */
static bool is_known(const struct process_wish *wish, pid_t parent)
{
    for (size_t i = 0; i < wish->program_count; i++)
        if (wish->programs[i] == parent)
            return true;
    return parent == wish->kernel;
}

/* See "Checkpoints" in the header. The session process comes before its children. */
static void recognise(struct process_tree *tree, const struct process_wish *wish,
                      struct process *process, const char *stat)
{
    bool is_child = process->parent == wish->session;
    if (process->pid == wish->session) {
        copy_name(tree, stat);
        return;
    }
    if ((is_child || is_known(wish, process->parent)) && has_name(stat, wish->asleep))
        process->is_checkpoint = true;
    else if (is_child && tree->session_name[0] && has_name(stat, tree->session_name))
        process->is_copy = true;
    if (process->is_checkpoint && ++tree->checkpoints > PROCESS_TREE_CHECKPOINTS)
        process->is_checkpoint = false;
}

/* A zombie uses nothing any more, but is one until its parent looks: it has its time, and is no
 * process that runs. False: it is gone, or such. */
static bool look_at(struct process_tree *tree, const struct process_wish *wish,
                    struct process *process)
{
    char stat[1024];
    if (!proc_read(process->pid, "stat", stat, sizeof stat))
        return false;
    const char *state = strrchr(stat, ')');
    process->cpu_ms = ticks_to_ms(proc_stat_field(stat, 14) + proc_stat_field(stat, 15) +
                                  proc_stat_field(stat, 16) + proc_stat_field(stat, 17));
    process->started = proc_stat_field(stat, 22);
    if (wish->asleep)
        recognise(tree, wish, process, stat);
    add_children(tree, process->pid, proc_stat_field(stat, 20), process->is_checkpoint);
    return state && state[1] && state[2] != 'Z' && state[2] != 'X';
}

static struct process *find(struct process *list, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].pid == pid)
            return &list[i];
    return NULL;
}

/* Processes that earlier cells have left running are not charged to this one. */
static bool is_charged(const struct process_wish *wish, const struct process *process)
{
    return !process->is_checkpoint &&
           (process->pid == wish->session || process->started >= wish->since);
}

/*
 * CPU time since the sample before. A child that is dead and reaped has its time in its parent's, so
 * the sums differ by what was used meanwhile. Only for orphans the parent is the kernel, which
 * is not in the sums: what they had is put back.
 */
static int64_t cpu_since(const struct process_tree *tree, const struct process_wish *wish)
{
    int64_t spent = 0;
    bool is_first = tree->last_count == 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct process *now = &tree->list[i];
        if (is_charged(wish, now) && !(is_first && now->pid == wish->session))
            spent += now->cpu_ms;
    }
    for (size_t i = 0; i < tree->last_count; i++) {
        const struct process *before = &tree->last[i];
        const struct process *now = find(tree->list, tree->count, before->pid);
        bool lives = now && now->started == before->started;
        if (is_charged(wish, before) && (lives || before->parent != wish->kernel))
            spent -= before->cpu_ms;
    }
    return spent > 0 ? spent : 0;
}

bool process_tree_sample(struct process_tree *tree, const struct process_wish *wish,
                         struct process_use *use)
{
    *use = (struct process_use){0};
    if (!turn_over(tree))
        return false;
    bool alive[PROCESS_TREE_MAX], born = false;
    add_children(tree, wish->kernel, 1, false);
    for (size_t i = 0; i < tree->count; i++)
        alive[i] = look_at(tree, wish, &tree->list[i]);
    for (size_t i = 0; i < tree->count; i++)
        if (alive[i])
            count_in(wish, &tree->list[i], &born, use);
    use->cpu_ms = cpu_since(tree, wish);
    return true;
}

/* Private_Dirty is what is anonymous and nobody else's, and a few pages of libraries. */
static int64_t private_kb(const char *rollup)
{
    return (int64_t)proc_number(rollup, "Private_Dirty");
}

int64_t process_private_memory(pid_t pid)
{
    char text[4096];
    proc_read(pid, "smaps_rollup", text, sizeof text);
    return 1024 * private_kb(text);
}

static int64_t share_of(const struct process *process)
{
    char text[4096];
    if (!proc_read(process->pid, "smaps_rollup", text, sizeof text))
        return 0;
    int64_t share = (int64_t)(proc_number(text, "Pss_Anon") + proc_number(text, "Pss_Shmem") +
                              proc_number(text, "SwapPss"));
    if (process->is_checkpoint)
        share -= private_kb(text);
    return share > 0 ? 1024 * share : 0;
}

int64_t process_tree_shares(const struct process_tree *tree)
{
    int64_t sum = 0;
    for (size_t i = 0; i < tree->count; i++)
        sum += share_of(&tree->list[i]);
    return sum;
}

size_t process_tree_kill(const struct process_tree *tree, pid_t session, uint64_t since)
{
    size_t killed = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct process *process = &tree->list[i];
        if (process->pid == session || process->is_checkpoint || process->is_copy ||
            process->started < since)
            continue;
        killed += kill(process->pid, SIGKILL) == 0;
    }
    return killed;
}
