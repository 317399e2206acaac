#include "history.h"
#include "history/keeper.h"
#include "test.h"

#include <unistd.h>

/* A keeper with its list, as the kernel has them, and a loop to run its timer. */
struct world {
    struct loop loop;
    struct history_list list;
    struct history_keeper keeper;
    struct loop_timer end;
};

static void stop(void *context)
{
    loop_stop(context);
}

static void begin(struct world *world, const char *path)
{
    struct error error;
    *world = (struct world){.end = {.fire = stop, .context = &world->loop}};
    assert_true(loop_open(&world->loop, &error));
    history_keeper_init(&world->keeper, &world->loop, &world->list, path ? strdup(path) : NULL,
                        "lua", true);
}

static void end(struct world *world)
{
    history_keeper_fini(&world->keeper);
    history_list_fini(&world->list);
    assert_null(world->loop.timers);
    loop_close(&world->loop);
}

static void run_for(struct world *world, int64_t ms)
{
    world->loop.stopped = false;
    loop_start_timer(&world->loop, &world->end, ms);
    loop_run(&world->loop);
}

static void run_until_saved(struct world *world)
{
    for (int i = 0; world->list.unsaved && i < 100; i++)
        run_for(world, 100);
    assert_null(world->list.unsaved);
}

static void add(struct world *world, int64_t line, struct str source)
{
    history_list_add(&world->list, line, source);
    history_keeper_wake(&world->keeper);
}

static void nothing_touches_the_disk_until_it_is_quiet(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    run_for(&world, 1);
    assert_int_equal(access("h", F_OK), -1);
    run_until_saved(&world);
    assert_int_equal(history_query("h", "SELECT count(*) FROM history"), 1);
    assert_false(loop_timer_is_set(&world.keeper.timer));
    end(&world);
}

static void inputs_that_keep_coming_are_written_at_last(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    int64_t first = world.keeper.timer.deadline;
    /* As if the time were nearly over: another input no longer postpones it. */
    world.keeper.due = loop_now() + HISTORY_QUIET_MS / 2;
    run_for(&world, 5);
    add(&world, 2, STR("\"b\""));
    assert_int_equal(world.keeper.timer.deadline, first);
    end(&world);
    assert_int_equal(history_query("h", "SELECT count(*) FROM history"), 2);
}

static void a_lot_is_written_in_portions(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    for (int64_t line = 1; line <= 2 * HISTORY_ROWS_MAX + 1; line++)
        add(&world, line, STR("\"a\""));
    run_until_saved(&world);
    assert_int_equal(history_query("h", "SELECT count(*) FROM history"), 2 * HISTORY_ROWS_MAX + 1);
    end(&world);
}

static void the_end_writes_what_is_left(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    for (int64_t line = 1; line <= 1000; line++)
        add(&world, line, STR("\"a\""));
    end(&world);
    assert_int_equal(history_query("h", "SELECT num_cmds FROM sessions"), 1000);
}

static void reading_sees_what_was_just_added(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    history_keeper_update(&world.keeper);
    assert_non_null(world.keeper.store);
    assert_string_equal(history_all(world.keeper.store), "1:1:a;");
    assert_int_equal(history_keeper_session(&world.keeper), 1);
    end(&world);
}

static void a_result_that_comes_late_is_written_too(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    history_keeper_update(&world.keeper);
    history_list_set_output(&world.list, 1, STR("\"7\""));
    history_list_set_output(&world.list, 2, STR("\"8\""));
    end(&world);
    assert_int_equal(history_query("h", "SELECT output = '7' FROM history"), 1);
}

static void a_lock_is_waited_for(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    history_keeper_update(&world.keeper);
    sqlite3 *other = history_connection("h");
    history_exec(other, "BEGIN IMMEDIATE");
    add(&world, 2, STR("\"b\""));
    history_keeper_update(&world.keeper);
    assert_int_equal(world.keeper.failures, 1);
    assert_non_null(world.list.unsaved);
    assert_true(loop_timer_is_set(&world.keeper.timer));
    history_exec(other, "ROLLBACK");
    sqlite3_close(other);
    run_until_saved(&world);
    assert_int_equal(world.keeper.failures, 0);
    end(&world);
}

static void a_lock_at_the_first_reading_does_not_end_the_writing(void **state)
{
    (void)state;
    struct world world;
    sqlite3 *other = history_connection("h");
    history_exec(other, "BEGIN EXCLUSIVE");
    begin(&world, "h");
    history_keeper_update(&world.keeper);
    assert_null(world.keeper.store);
    assert_int_equal(history_keeper_session(&world.keeper), 1);
    history_exec(other, "ROLLBACK");
    sqlite3_close(other);
    add(&world, 1, STR("\"a\""));
    run_until_saved(&world);
    end(&world);
}

static void what_cannot_be_used_is_given_up(void **state)
{
    (void)state;
    struct world world;
    history_write_file("h", STR("this is certainly not a database"));
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    print_message("# a warning is expected here:\n");
    history_keeper_update(&world.keeper);
    assert_null(world.keeper.store);
    assert_null(world.keeper.path);
    add(&world, 2, STR("\"b\""));
    assert_false(loop_timer_is_set(&world.keeper.timer));
    assert_int_equal(world.list.count, 2);
    end(&world);
}

static void the_number_stays_when_the_store_goes(void **state)
{
    (void)state;
    struct world world;
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    end(&world);
    begin(&world, "h");
    add(&world, 1, STR("\"a\""));
    history_keeper_update(&world.keeper);
    assert_int_equal(history_keeper_session(&world.keeper), 2);
    struct error error = {.sentence = "it broke"};
    history_keeper_note(&world.keeper, STORE_FAILED, &error);
    assert_null(world.keeper.store);
    assert_int_equal(history_keeper_session(&world.keeper), 2);
    end(&world);
}

static void without_a_file_nothing_is_kept(void **state)
{
    (void)state;
    struct world world;
    begin(&world, NULL);
    add(&world, 1, STR("\"a\""));
    history_keeper_update(&world.keeper);
    assert_null(world.keeper.store);
    assert_null(world.loop.timers);
    assert_int_equal(history_keeper_session(&world.keeper), 1);
    end(&world);
}

static void the_oldest_are_forgotten(void **state)
{
    (void)state;
    struct history_list list = {0};
    for (int64_t line = 1; line <= HISTORY_ENTRIES_MAX + 5; line++)
        history_list_add(&list, line, STR("\"abc\""));
    assert_int_equal(list.count, HISTORY_ENTRIES_MAX);
    assert_int_equal(list.bytes, 3 * HISTORY_ENTRIES_MAX);
    assert_int_equal(list.first->line, 6);
    assert_null(list.first->previous);
    assert_ptr_equal(list.unsaved, list.first);
    history_list_fini(&list);
    assert_null(list.last);
    assert_null(list.unsaved);
    assert_int_equal(list.bytes, 0);
}

static void what_is_no_text_is_no_entry(void **state)
{
    (void)state;
    struct history_list list = {0};
    history_list_add(&list, 1, STR("7"));
    assert_null(list.first);
    history_list_set_output(&list, 1, STR("\"x\""));
    history_list_fini(&list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_enter_folder, history_leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_touches_the_disk_until_it_is_quiet),
        TEST(inputs_that_keep_coming_are_written_at_last),
        TEST(a_lot_is_written_in_portions),
        TEST(the_end_writes_what_is_left),
        TEST(reading_sees_what_was_just_added),
        TEST(a_result_that_comes_late_is_written_too),
        TEST(a_lock_is_waited_for),
        TEST(a_lock_at_the_first_reading_does_not_end_the_writing),
        TEST(what_cannot_be_used_is_given_up),
        TEST(the_number_stays_when_the_store_goes),
        TEST(without_a_file_nothing_is_kept),
        TEST(the_oldest_are_forgotten),
        TEST(what_is_no_text_is_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
