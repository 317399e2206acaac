#include "evaluator/ring.h"
#include "evaluator/ring_page.h"
#include "evaluator/ring_writer.h"
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both sides in one process: the writer maps the memory a second time. */
struct pair {
    struct ring *ring;
    struct ring_writer writer;
    struct ring_page *page; /* for a worker that writes what it should not */
    struct buffer got;      /* what was taken, as "<stream><text>" for each change of stream */
    int stream;
};

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    struct error error = {{0}};
    int fds[2];
    assert_non_null(pair);
    pair->stream = -1;
    pair->ring = ring_new(&error);
    assert_non_null(pair->ring);
    ring_fds(pair->ring, fds);
    pair->page = mmap(NULL, sizeof *pair->page, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
    assert_true(pair->page != MAP_FAILED);
    assert_true(ring_writer_open(&pair->writer, dup(fds[0]), dup(fds[1])));
    ring_handed_over(pair->ring);
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    ring_writer_close(&pair->writer);
    munmap(pair->page, sizeof *pair->page);
    ring_free(pair->ring);
    buffer_fini(&pair->got);
    free(pair);
    return 0;
}

static bool never(void)
{
    return false;
}

static bool always(void)
{
    return true;
}

static void put(struct pair *pair, int stream, struct str text)
{
    assert_true(ring_writer_put(&pair->writer, stream, text, never));
}

/* Takes what is there up to `until`, at most `step` bytes at a time. */
static enum ring_result take_until(struct pair *pair, uint32_t until, size_t step)
{
    struct ring_piece piece;
    enum ring_result result;
    while ((result = ring_next(pair->ring, until, &piece)) == RING_PIECE) {
        struct str text = str_slice(piece.text, 0, step);
        if (piece.stream != pair->stream)
            buffer_append_byte(&pair->got, (char)('0' + piece.stream));
        pair->stream = piece.stream;
        buffer_append(&pair->got, text);
        ring_take(pair->ring, (uint32_t)text.size);
    }
    return result;
}

static void take(struct pair *pair)
{
    uint32_t head;
    assert_true(ring_look(pair->ring, &head));
    assert_int_equal(take_until(pair, head, SIZE_MAX), RING_END);
    assert_int_equal(ring_tail(pair->ring), head);
}

static bool is_woken(const struct pair *pair)
{
    struct pollfd poll_in = {.fd = ring_wake_fd(pair->ring), .events = POLLIN};
    uint64_t count;
    return poll(&poll_in, 1, 0) == 1 && read(poll_in.fd, &count, sizeof count) == sizeof count;
}

static void text_arrives_with_its_stream_in_order(void **state)
{
    struct pair *pair = *state;
    put(pair, 0, STR("one"));
    put(pair, 0, STR(" two"));
    put(pair, 1, STR("three"));
    put(pair, 1, STR(""));
    put(pair, 0, STR("four"));
    take(pair);
    assert_str(buffer_str(&pair->got), STR("0one two1three0four"));
}

static void text_says_what_was_read_from_the_pipes_before(void **state)
{
    struct pair *pair = *state;
    struct ring_piece piece;
    uint32_t head;
    put(pair, 0, STR("a"));
    assert_int_equal(ring_count(pair->ring, 1, 5), 5);
    put(pair, 0, STR("b"));
    assert_true(ring_look(pair->ring, &head));
    assert_int_equal(ring_next(pair->ring, head, &piece), RING_PIECE);
    assert_int_equal(piece.after[1], 0);
    assert_str(piece.text, STR("a"));
    ring_take(pair->ring, 1);
    assert_int_equal(ring_next(pair->ring, head, &piece), RING_PIECE);
    assert_int_equal(piece.after[0], 0);
    assert_int_equal(piece.after[1], 5);
    assert_str(piece.text, STR("b"));
}

static void nothing_beyond_the_given_end_is_taken(void **state)
{
    struct pair *pair = *state;
    put(pair, 0, STR("before"));
    uint32_t until = pair->writer.head;
    put(pair, 0, STR("after"));
    put(pair, 1, STR("later"));
    assert_int_equal(take_until(pair, until, SIZE_MAX), RING_END);
    assert_str(buffer_str(&pair->got), STR("0before"));
    take(pair);
    assert_str(buffer_str(&pair->got), STR("0beforeafter1later"));
}

/* Random prints, random amounts taken: many times around, also around the end of the counts. */
static void whatever_is_put_comes_out_the_same(void **state)
{
    struct pair *pair = *state;
    struct test_random random = {8};
    struct buffer want = {0};
    static char text[5000];
    int stream = -1;
    for (int round = 0; round < 20000; round++) {
        size_t size = test_random_below(&random, round % 100 ? 40 : sizeof text);
        int next = (int)test_random_below(&random, 2);
        memset(text, 'a' + round % 26, size);
        if (size && next != stream) {
            buffer_append_byte(&want, (char)('0' + next));
            stream = next;
        }
        buffer_append(&want, (struct str){text, size});
        put(pair, next, (struct str){text, size});
        if (pair->writer.head - ring_tail(pair->ring) > RING_SIZE - sizeof text ||
            pair->writer.mark_head - pair->page->mark_tail > RING_MARKS - 2 ||
            test_random_below(&random, 50) == 0) {
            uint32_t head;
            assert_true(ring_look(pair->ring, &head));
            assert_int_equal(take_until(pair, head, 1 + test_random_below(&random, 9000)),
                             RING_END);
        }
    }
    take(pair);
    assert_false(want.failed || pair->got.failed);
    assert_true(str_equal(buffer_str(&pair->got), buffer_str(&want)));
    buffer_fini(&want);
}

static void a_sleeping_kernel_is_woken_once(void **state)
{
    struct pair *pair = *state;
    assert_true(ring_sleep(pair->ring, 1));
    assert_false(is_woken(pair));
    put(pair, 0, STR("x"));
    assert_true(is_woken(pair));
    put(pair, 0, STR("y"));
    assert_false(is_woken(pair));
    assert_false(ring_sleep(pair->ring, 1));
    take(pair);
    assert_true(ring_sleep(pair->ring, 3));
    put(pair, 0, STR("xy"));
    assert_false(is_woken(pair));
    put(pair, 0, STR("z"));
    assert_true(is_woken(pair));
}

/* A child of ours takes what we put. */
static void a_full_ring_makes_the_writer_wait(void **state)
{
    struct pair *pair = *state;
    static char text[3 * RING_SIZE];
    memset(text, 'x', sizeof text);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        size_t taken = 0;
        while (taken < sizeof text) {
            uint32_t head;
            struct ring_piece piece;
            if (!ring_look(pair->ring, &head))
                _exit(1);
            if (ring_next(pair->ring, head, &piece) != RING_PIECE)
                continue;
            if (piece.text.data[0] != 'x')
                _exit(2);
            ring_take(pair->ring, (uint32_t)piece.text.size);
            taken += piece.text.size;
        }
        _exit(0);
    }
    int status = -1;
    assert_true(ring_writer_put(&pair->writer, 0, (struct str){text, sizeof text}, never));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void an_interrupt_ends_the_wait_for_room(void **state)
{
    struct pair *pair = *state;
    static char text[RING_SIZE + 1];
    struct sigaction action = {.sa_handler = on_alarm};
    /* Again and again: the first may come before the wait. */
    const struct itimerval often = {{0, 1000}, {0, 1000}}, never_again = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_false(ring_writer_put(&pair->writer, 0, (struct str){text, sizeof text}, always));
    assert_int_equal(setitimer(ITIMER_REAL, &never_again, NULL), 0);
    signal(SIGALRM, SIG_DFL);
}

static void a_forked_process_does_not_own_the_ring(void **state)
{
    struct pair *pair = *state;
    int status = -1;
    assert_true(ring_writer_is_ours(&pair->writer));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(ring_writer_is_ours(&pair->writer));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(ring_writer_is_ours(&pair->writer));
}

/* A copy from an earlier moment goes on where the dead one stopped. */
static void a_checkpoint_goes_on_behind_the_session_that_died(void **state)
{
    struct pair *pair = *state;
    struct ring_writer copy = pair->writer;
    put(pair, 0, STR("lived"));
    put(pair, 1, STR("on"));
    /* It died between a mark and its text. */
    pair->page->marks[pair->writer.mark_head % RING_MARKS] =
        (struct ring_mark){pair->writer.head, 0, {0, 0}};
    atomic_store(&pair->page->mark_head, pair->writer.mark_head + 1);
    ring_writer_own(&copy);
    assert_true(ring_writer_put(&copy, 1, STR("resumed"), never));
    take(pair);
    assert_str(buffer_str(&pair->got), STR("0lived1onresumed"));
}

/* ---- A worker that writes nonsense ---- */

static void a_head_too_far_is_nonsense(void **state)
{
    struct pair *pair = *state;
    uint32_t head;
    atomic_store(&pair->page->head, RING_SIZE + 1);
    assert_false(ring_look(pair->ring, &head));
    atomic_store(&pair->page->head, (uint32_t)-1);
    assert_false(ring_look(pair->ring, &head));
}

static void text_without_a_mark_is_nonsense(void **state)
{
    struct pair *pair = *state;
    struct ring_piece piece;
    atomic_store(&pair->page->head, 5);
    assert_int_equal(ring_next(pair->ring, 5, &piece), RING_NONSENSE);
}

static void a_third_stream_is_nonsense(void **state)
{
    struct pair *pair = *state;
    struct ring_piece piece;
    put(pair, 0, STR("x"));
    pair->page->marks[0].stream = 2;
    assert_int_equal(ring_next(pair->ring, 1, &piece), RING_NONSENSE);
}

static void more_marks_than_there_is_room_for_are_nonsense(void **state)
{
    struct pair *pair = *state;
    struct ring_piece piece;
    put(pair, 0, STR("x"));
    atomic_store(&pair->page->mark_head, RING_MARKS + 1);
    assert_int_equal(ring_next(pair->ring, 1, &piece), RING_NONSENSE);
}

/* Whatever is in the page: pieces are within it, and there is an end. */
static void a_page_of_random_bytes_is_survived(void **state)
{
    struct pair *pair = *state;
    struct test_random random = {9};
    const uint32_t values[] = {0, 1, 7, RING_MARKS, RING_SIZE - 1, RING_SIZE, UINT32_MAX};
    for (int round = 0; round < 20000; round++) {
        struct ring_piece piece;
        uint32_t head, tail = ring_tail(pair->ring);
        struct ring_mark *mark = &pair->page->marks[test_random_below(&random, 8)];
        atomic_store(&pair->page->head, tail + values[test_random_below(&random, COUNT(values))]);
        atomic_store(&pair->page->mark_head, (uint32_t)test_random_below(&random, 2 * RING_MARKS));
        atomic_store(&pair->page->tail, (uint32_t)test_random_next(&random));
        *mark = (struct ring_mark){tail + values[test_random_below(&random, COUNT(values))],
                                   (uint32_t)test_random_below(&random, 3),
                                   {(uint32_t)test_random_next(&random), 0}};
        if (!ring_look(pair->ring, &head))
            continue;
        for (size_t pieces = 0; ring_next(pair->ring, head, &piece) == RING_PIECE; pieces++) {
            assert_true(pieces <= RING_MARKS + 2);
            assert_in_range(piece.stream, 0, 1);
            assert_in_range(piece.text.size, 1, RING_SIZE);
            buffer_clear(&pair->got, SIZE_MAX);
            buffer_append(&pair->got, piece.text);
            ring_take(pair->ring, (uint32_t)piece.text.size);
        }
    }
}

static void a_worker_cannot_take_the_memory_away(void **state)
{
    (void)state;
    struct error error = {{0}};
    struct ring *ring = ring_new(&error);
    int fds[2];
    assert_non_null(ring);
    ring_fds(ring, fds);
    assert_true(ftruncate(fds[0], 0) < 0);
    ring_free(ring);
}

static void other_memory_is_no_ring(void **state)
{
    (void)state;
    struct ring_writer writer = {.page = NULL};
    int memory = memfd_create("other", MFD_CLOEXEC);
    assert_true(memory >= 0);
    assert_int_equal(ftruncate(memory, 4096), 0);
    assert_false(ring_writer_open(&writer, dup(memory), dup(memory)));
    assert_int_equal(ftruncate(memory, sizeof(struct ring_page)), 0);
    assert_false(ring_writer_open(&writer, memory, dup(memory)));
    assert_false(ring_writer_is_ours(&writer));
}

static void what_was_begun_last_can_be_seen(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(ring_begun(pair->ring), 0);
    ring_writer_begin(&pair->writer, ((int64_t)1 << 32) + 7);
    assert_int_equal(ring_begun(pair->ring), 7);
    /* A process that user code has forked off is not the session. */
    *pair->writer.owned = false;
    ring_writer_begin(&pair->writer, 8);
    assert_int_equal(ring_begun(pair->ring), 7);
}

int main(void)
{
#define RING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RING_TEST(text_arrives_with_its_stream_in_order),
        RING_TEST(text_says_what_was_read_from_the_pipes_before),
        RING_TEST(nothing_beyond_the_given_end_is_taken),
        RING_TEST(whatever_is_put_comes_out_the_same),
        RING_TEST(a_sleeping_kernel_is_woken_once),
        RING_TEST(a_full_ring_makes_the_writer_wait),
        RING_TEST(an_interrupt_ends_the_wait_for_room),
        RING_TEST(a_forked_process_does_not_own_the_ring),
        RING_TEST(a_checkpoint_goes_on_behind_the_session_that_died),
        RING_TEST(a_head_too_far_is_nonsense),
        RING_TEST(text_without_a_mark_is_nonsense),
        RING_TEST(a_third_stream_is_nonsense),
        RING_TEST(more_marks_than_there_is_room_for_are_nonsense),
        RING_TEST(a_page_of_random_bytes_is_survived),
        RING_TEST(what_was_begun_last_can_be_seen),
        cmocka_unit_test(a_worker_cannot_take_the_memory_away),
        cmocka_unit_test(other_memory_is_no_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
