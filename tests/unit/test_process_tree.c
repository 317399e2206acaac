#include "base/proc.h"
#include "guard/process_tree.h"
#include "test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB    ((size_t)1 << 20)
#define ASLEEP "test-sleeping"

/* A child that does its work, says so, and then waits to be killed. */
struct child {
    pid_t pid;
    int ready; /* the read end of a pipe */
};

static void touch(size_t size)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        _exit(1);
    memset(memory, 1, size);
}

static void spin(int milliseconds)
{
    struct timespec now;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < milliseconds);
}

/* Until the parent is dead. */
static void stay(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
        pause();
}

static struct child start(void (*work)(void))
{
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (work)
            work();
        if (write(ends[1], "", 1) == 1)
            stay();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    return (struct child){pid, ends[0]};
}

static void stop(struct child child)
{
    kill(child.pid, SIGKILL);
    waitpid(child.pid, NULL, 0);
    close(child.ready);
}

static struct process_use sample(struct process_tree *tree, pid_t session)
{
    struct process_wish wish = {
        .kernel = getpid(), .session = session, .asleep = ASLEEP, .memory = true, .files = true};
    struct process_use use;
    assert_true(process_tree_sample(tree, &wish, &use));
    return use;
}

static void without_children_nothing_is_used(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct process_use use = sample(&tree, 0);
    assert_int_equal(use.processes, 0);
    assert_int_equal(use.memory, 0);
    assert_int_equal(use.cpu_ms, 0);
    process_tree_fini(&tree);
}

static void touch_64(void)
{
    touch(64 * MIB);
}

static void memory_is_what_no_file_backs(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child plain = start(NULL);
    struct process_use before = sample(&tree, plain.pid);
    struct child child = start(touch_64);
    struct process_use after = sample(&tree, plain.pid);
    assert_int_equal(after.processes, 2);
    assert_in_range(after.memory - before.memory, 63 * MIB, 70 * MIB);
    stop(child);
    stop(plain);
    process_tree_fini(&tree);
}

static void fork_a_copy(void)
{
    touch(64 * MIB);
    if (fork() == 0)
        stay();
}

/* A copy that sleeps, and has made one itself. */
static void fork_a_checkpoint(void)
{
    touch(64 * MIB);
    if (fork() == 0) {
        prctl(PR_SET_NAME, ASLEEP);
        fork();
        stay();
    }
}

static void fork_a_checkpoint_and_change(void)
{
    fork_a_checkpoint();
    touch(64 * MIB);
}

static void fork_three_copies(void)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            stay();
}

static void kill_below(pid_t pid)
{
    pid_t children[8];
    size_t count = proc_children(pid, pid, children, 8);
    for (size_t i = 0; i < count; i++) {
        kill_below(children[i]);
        kill(children[i], SIGKILL);
    }
}

static void stop_family(struct child child)
{
    kill_below(child.pid);
    stop(child);
}

static void pages_that_are_shared_count_once_in_the_shares(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child quiet = start(NULL);
    struct child child = start(fork_a_copy);
    struct process_use use = sample(&tree, quiet.pid);
    assert_int_equal(use.processes, 3);
    assert_true(use.memory > (int64_t)(127 * MIB));
    int64_t shares = process_tree_shares(&tree);
    assert_in_range(shares, 63 * MIB, 72 * MIB);
    stop_family(child);
    stop(quiet);
    process_tree_fini(&tree);
}

static struct process_use sample_when_asleep(struct process_tree *tree, struct child session)
{
    for (;;) {
        struct process_use use = sample(tree, session.pid);
        if (use.checkpoints == 2)
            return use;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void a_checkpoint_and_its_copies_are_known_but_not_counted(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child session = start(fork_a_checkpoint);
    struct process_use use = sample_when_asleep(&tree, session);
    assert_int_equal(use.processes, 1);
    assert_in_range(use.memory, 63 * MIB, 70 * MIB);
    assert_in_range(use.checkpoint_memory, 126 * MIB, 140 * MIB);
    assert_in_range(process_tree_shares(&tree), 63 * MIB, 72 * MIB);
    assert_int_equal(process_tree_kill(&tree, session.pid, 0), 0);
    stop_family(session);
    process_tree_fini(&tree);
}

static void pages_that_only_checkpoints_have_are_no_use(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child session = start(fork_a_checkpoint_and_change);
    struct process_use use = sample_when_asleep(&tree, session);
    assert_in_range(use.memory, 127 * MIB, 135 * MIB);
    assert_in_range(process_tree_shares(&tree), 127 * MIB, 137 * MIB);
    stop_family(session);
    process_tree_fini(&tree);
}

static void one_copy_may_be_a_checkpoint_in_the_making(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child session = start(fork_three_copies);
    struct process_use use = sample(&tree, session.pid);
    assert_int_equal(use.checkpoints, 0);
    assert_int_equal(use.processes, 3);
    assert_int_equal(process_tree_kill(&tree, session.pid, 0), 0);
    stop_family(session);
    process_tree_fini(&tree);
}

static void a_name_alone_makes_no_checkpoint(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child quiet = start(NULL);
    struct child child = start(fork_a_checkpoint); /* is not the session, so its child is none */
    assert_int_equal(sample(&tree, quiet.pid).checkpoints, 0);
    stop_family(child);
    stop(quiet);
    process_tree_fini(&tree);
}

static void spin_100(void)
{
    spin(100);
}

static void spin_in_a_child_that_dies(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        spin(100);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static void cpu_time_counts_from_sample_to_sample(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child quiet = start(NULL);
    sample(&tree, quiet.pid);
    struct child busy = start(spin_100);
    assert_in_range(sample(&tree, quiet.pid).cpu_ms, 80, 150);
    assert_in_range(sample(&tree, quiet.pid).cpu_ms, 0, 20);
    struct child parent = start(spin_in_a_child_that_dies);
    assert_in_range(sample(&tree, quiet.pid).cpu_ms, 80, 150);
    stop(parent);
    stop(busy);
    stop(quiet);
    process_tree_fini(&tree);
}

/* Its parent (this process, as for an orphan) is not in the tree: what it had must not make the next
 * sum smaller. */
static void an_orphan_that_is_gone_takes_no_time_away(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child quiet = start(NULL);
    struct child orphan = start(spin_100);
    sample(&tree, quiet.pid);
    stop(orphan);
    struct child busy = start(spin_100);
    assert_in_range(sample(&tree, quiet.pid).cpu_ms, 80, 150);
    stop(busy);
    stop(quiet);
    process_tree_fini(&tree);
}

static void only_what_started_since_then_is_killed(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child session = start(NULL), old = start(NULL);
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    uint64_t then = process_tree_now();
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    struct child fresh = start(NULL);
    sample(&tree, session.pid);
    assert_int_equal(process_tree_kill(&tree, session.pid, then), 1);
    assert_int_equal(waitpid(fresh.pid, NULL, 0), fresh.pid);
    assert_int_equal(kill(session.pid, 0), 0);
    assert_int_equal(waitpid(old.pid, NULL, WNOHANG), 0);
    assert_int_equal(process_tree_kill(&tree, session.pid, 0), 1);
    close(fresh.ready);
    stop(old);
    stop(session);
    process_tree_fini(&tree);
}

static void open_five(void)
{
    for (int i = 0; i < 5; i++)
        if (dup(0) < 0)
            _exit(1);
}

static void open_files_are_those_of_the_process_that_has_most(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child few = start(NULL);
    int64_t before = sample(&tree, few.pid).open_files;
    struct child many = start(open_five);
    int64_t after = sample(&tree, few.pid).open_files;
    assert_true(before > 0);
    assert_in_range(after - before, 5, 7); /* it inherits the pipe of `few` as well */
    stop(many);
    stop(few);
    process_tree_fini(&tree);
}

static void a_dead_child_is_no_process(void **state)
{
    (void)state;
    struct process_tree tree = {0};
    struct child child = start(NULL);
    siginfo_t info;
    kill(child.pid, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(sample(&tree, child.pid).processes, 0);
    stop(child);
    process_tree_fini(&tree);
}

static void fields_after_a_name_with_spaces_and_parentheses(void **state)
{
    (void)state;
    const char *stat = "12 (a) b) c) R 7 12 12 0";
    assert_int_equal(proc_stat_field(stat, 4), 7);
    assert_int_equal(proc_stat_field(stat, 7), 0);
    assert_int_equal(proc_stat_field(stat, 40), 0);
    assert_int_equal(proc_number("Name:\tRssAnon:\nRssAnon:\t  12 kB\nX:\t3\n", "RssAnon"), 12);
    assert_int_equal(proc_number("Name:\tx\n", "RssAnon"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_children_nothing_is_used),
        cmocka_unit_test(memory_is_what_no_file_backs),
        cmocka_unit_test(pages_that_are_shared_count_once_in_the_shares),
        cmocka_unit_test(a_checkpoint_and_its_copies_are_known_but_not_counted),
        cmocka_unit_test(pages_that_only_checkpoints_have_are_no_use),
        cmocka_unit_test(one_copy_may_be_a_checkpoint_in_the_making),
        cmocka_unit_test(a_name_alone_makes_no_checkpoint),
        cmocka_unit_test(cpu_time_counts_from_sample_to_sample),
        cmocka_unit_test(an_orphan_that_is_gone_takes_no_time_away),
        cmocka_unit_test(only_what_started_since_then_is_killed),
        cmocka_unit_test(open_files_are_those_of_the_process_that_has_most),
        cmocka_unit_test(a_dead_child_is_no_process),
        cmocka_unit_test(fields_after_a_name_with_spaces_and_parentheses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
