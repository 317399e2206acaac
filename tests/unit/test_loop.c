#include "base/loop.h"
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

/* What happened, in order: one letter for each callback. */
static struct buffer trace;
static struct loop loop;

static int open_loop(void **state)
{
    (void)state;
    return loop_open(&loop, NULL) ? 0 : -1;
}

static int close_loop(void **state)
{
    (void)state;
    loop_close(&loop);
    buffer_fini(&trace);
    return 0;
}

static void note(void *context)
{
    buffer_append_cstr(&trace, context);
}

static void stop(void *context)
{
    note(context);
    loop_stop(&loop);
}

static void timers_fire_once_and_soonest_first(void **state)
{
    (void)state;
    struct loop_timer last = {.fire = stop, .context = "z"}, a = {.fire = note, .context = "a"},
                      b = {.fire = note, .context = "b"}, c = {.fire = note, .context = "c"};
    loop_start_timer(&loop, &last, 12);
    loop_start_timer(&loop, &b, 4);
    loop_start_timer(&loop, &c, 8);
    loop_start_timer(&loop, &a, 0);
    loop_run(&loop);
    assert_str(buffer_str(&trace), STR("abcz"));
    assert_false(loop_timer_is_set(&a));
    assert_false(loop_timer_is_set(&last));
}

static void timers_for_the_same_moment_fire_in_the_order_they_were_set(void **state)
{
    (void)state;
    struct loop_timer a = {.fire = note, .context = "a"}, b = {.fire = note, .context = "b"},
                      c = {.fire = stop, .context = "c"};
    loop_start_timer(&loop, &a, -5);
    loop_start_timer(&loop, &b, 0);
    loop_start_timer(&loop, &c, 1);
    loop_run(&loop);
    assert_str(buffer_str(&trace), STR("abc"));
}

static void a_stopped_timer_does_not_fire_and_a_restarted_one_fires_later(void **state)
{
    (void)state;
    struct loop_timer stopped = {.fire = note, .context = "x"},
                      moved = {.fire = stop, .context = "m"}, a = {.fire = note, .context = "a"};
    loop_start_timer(&loop, &stopped, 0);
    loop_start_timer(&loop, &moved, 0);
    loop_start_timer(&loop, &a, 2);
    loop_stop_timer(&loop, &stopped);
    loop_stop_timer(&loop, &stopped);
    loop_start_timer(&loop, &moved, 6);
    assert_false(loop_timer_is_set(&stopped));
    loop_run(&loop);
    assert_str(buffer_str(&trace), STR("am"));
}

/* ---- descriptors ---- */

struct end {
    int fds[2];
    struct loop_watch watch;
    struct end *other; /* is unwatched when this one is ready */
    const char *name;
};

static void on_ready(void *context, uint32_t events)
{
    struct end *end = context;
    buffer_append_cstr(&trace, end->name);
    if (events & EPOLLHUP) {
        note("!");
        loop_stop(&loop);
    }
    char byte;
    if (events & EPOLLIN)
        assert_int_equal(read(end->fds[0], &byte, 1), 1);
    if (end->other)
        loop_unwatch(&loop, &end->other->watch);
}

static void open_end(struct end *end, const char *name)
{
    *end = (struct end){.name = name};
    assert_int_equal(pipe2(end->fds, O_CLOEXEC | O_NONBLOCK), 0);
    end->watch = (struct loop_watch){
        .fd = end->fds[0], .events = EPOLLIN, .ready = on_ready, .context = end};
    assert_true(loop_watch(&loop, &end->watch, NULL));
}

static void close_end(struct end *end)
{
    loop_unwatch(&loop, &end->watch);
    close(end->fds[0]);
    if (end->fds[1] >= 0)
        close(end->fds[1]);
}

static void a_descriptor_is_reported_as_long_as_it_is_ready_and_hang_ups_always(void **state)
{
    (void)state;
    struct end end;
    open_end(&end, "r");
    assert_int_equal(write(end.fds[1], "12", 2), 2);
    close(end.fds[1]);
    end.fds[1] = -1;
    loop_run(&loop);
    /* Two bytes with the hang-up in sight, or two bytes and then the hang-up. */
    assert_true(trace.size >= 2 && trace.data[0] == 'r');
    close_end(&end);
}

static void what_is_not_wanted_is_not_reported(void **state)
{
    (void)state;
    struct end quiet, loud;
    struct loop_timer end_of_test = {.fire = stop, .context = "z"};
    open_end(&quiet, "q");
    open_end(&loud, "l");
    assert_int_equal(write(quiet.fds[1], "1", 1), 1);
    assert_int_equal(write(loud.fds[1], "1", 1), 1);
    loop_want(&loop, &quiet.watch, 0);
    loop_start_timer(&loop, &end_of_test, 5);
    loop_run(&loop);
    assert_str(buffer_str(&trace), STR("lz"));
    close_end(&quiet);
    close_end(&loud);
}

static void unwatching_holds_within_the_round_that_is_being_dispatched(void **state)
{
    (void)state;
    struct end one, two;
    struct loop_timer end_of_test = {.fire = stop, .context = "z"};
    open_end(&one, "1");
    open_end(&two, "2");
    one.other = &two;
    two.other = &one;
    assert_int_equal(write(one.fds[1], "x", 1), 1);
    assert_int_equal(write(two.fds[1], "x", 1), 1);
    loop_start_timer(&loop, &end_of_test, 5);
    loop_run(&loop);
    assert_int_equal(trace.size, 2);
    assert_int_equal(trace.data[1], 'z');
    close_end(&one);
    close_end(&two);
}

static unsigned rounds;

static bool work_for_three_rounds(void *context)
{
    (void)context;
    if (++rounds == 3)
        loop_stop(&loop);
    return true;
}

static void the_loop_does_not_sleep_while_there_is_work(void **state)
{
    (void)state;
    rounds = 0;
    loop.before_wait = work_for_three_rounds;
    int64_t start = loop_now();
    loop_run(&loop);
    assert_int_equal(rounds, 3);
    assert_true(loop_now() - start < 1000);
}

static void a_descriptor_that_cannot_be_watched_is_an_error(void **state)
{
    (void)state;
    struct error error = {.sentence = ""};
    struct loop_watch watch = {.fd = 999999, .events = EPOLLIN, .ready = on_ready};
    assert_false(loop_watch(&loop, &watch, &error));
    assert_string_equal(error.sentence, "cannot watch descriptor 999999: Bad file descriptor");
}

int main(void)
{
#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
    const struct CMUnitTest tests[] = {
        WITH_LOOP(timers_fire_once_and_soonest_first),
        WITH_LOOP(timers_for_the_same_moment_fire_in_the_order_they_were_set),
        WITH_LOOP(a_stopped_timer_does_not_fire_and_a_restarted_one_fires_later),
        WITH_LOOP(a_descriptor_is_reported_as_long_as_it_is_ready_and_hang_ups_always),
        WITH_LOOP(what_is_not_wanted_is_not_reported),
        WITH_LOOP(unwatching_holds_within_the_round_that_is_being_dispatched),
        WITH_LOOP(the_loop_does_not_sleep_while_there_is_work),
        WITH_LOOP(a_descriptor_that_cannot_be_watched_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
