#include "base/buffer.h"
#include "test.h"

#include <limits.h>

/* Linked with --wrap=realloc: the allocation that is to fail, counted from 1; 0: none. */
static unsigned failing_allocation;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
    if (failing_allocation && --failing_allocation == 0)
        return NULL;
    return __real_realloc(memory, size);
}

static void a_zeroed_buffer_is_empty_and_can_be_freed(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_str(buffer_str(&buffer), STR(""));
    buffer_append(&buffer, (struct str){NULL, 0});
    assert_false(buffer.failed);
    buffer_fini(&buffer);
    buffer_fini(&buffer);
}

static void appends_stand_in_order(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_append(&buffer, STR("one "));
    buffer_append_cstr(&buffer, "two ");
    buffer_append_byte(&buffer, '3');
    buffer_append_cstr(&buffer, NULL);
    buffer_append_format(&buffer, " %s %d", "four", 5);
    assert_str(buffer_str(&buffer), STR("one two 3 four 5"));
    buffer_fini(&buffer);
}

static void a_large_buffer_holds_every_byte(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    for (unsigned i = 0; i < 1u << 20; i++)
        buffer_append_byte(&buffer, (char)(i * 7));
    assert_int_equal(buffer.size, 1u << 20);
    for (unsigned i = 0; i < 1u << 20; i++)
        assert_int_equal(buffer.data[i], (char)(i * 7));
    buffer_fini(&buffer);
}

static void integers_are_written_as_printf_writes_them(void **state)
{
    (void)state;
    static const long long values[] = {0, 1, -1, 9, 10, -10, 1234567890, LLONG_MAX, LLONG_MIN};
    for (size_t i = 0; i < COUNT(values); i++) {
        struct buffer buffer = {0};
        char text[32];
        snprintf(text, sizeof text, "%lld", values[i]);
        buffer_append_integer(&buffer, values[i]);
        assert_str(buffer_str(&buffer), str_of(text));
        buffer_fini(&buffer);
    }
}

static void the_maximum_can_be_reached_but_not_passed(void **state)
{
    (void)state;
    static const size_t maxima[] = {1, 2, 255, 256, 257, 1000, 4096};
    for (size_t i = 0; i < COUNT(maxima); i++) {
        struct buffer buffer = {.max = maxima[i]};
        for (size_t n = 0; n < maxima[i]; n++)
            buffer_append_byte(&buffer, 'x');
        assert_false(buffer.failed);
        assert_int_equal(buffer.size, maxima[i]);
        buffer_append_byte(&buffer, 'y');
        assert_true(buffer.failed);
        assert_int_equal(buffer.size, maxima[i]);
        assert_true(buffer.capacity <= maxima[i]);
        buffer_fini(&buffer);
    }
}

static void a_formatted_text_may_fill_the_buffer(void **state)
{
    (void)state;
    struct buffer buffer = {.max = 4};
    buffer_append_format(&buffer, "%s", "1234");
    assert_false(buffer.failed);
    assert_str(buffer_str(&buffer), STR("1234"));
    buffer_append_format(&buffer, "%s", "");
    assert_false(buffer.failed);
    buffer_append_format(&buffer, "%d", 5);
    assert_true(buffer.failed);
    assert_str(buffer_str(&buffer), STR("1234"));
    buffer_fini(&buffer);
}

static void a_failed_buffer_ignores_what_follows_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct buffer buffer = {.max = 8};
    buffer_append(&buffer, STR("12345"));
    buffer_append(&buffer, STR("6789"));
    assert_true(buffer.failed);
    buffer_append_byte(&buffer, 'a');
    buffer_append_integer(&buffer, 1);
    buffer_append_format(&buffer, "b");
    assert_null(buffer_reserve(&buffer, 1));
    assert_true(buffer.failed);
    assert_str(buffer_str(&buffer), STR("12345"));
    buffer_fini(&buffer);
}

static void clearing_forgets_a_failure_and_keeps_the_maximum(void **state)
{
    (void)state;
    for (size_t keep = 0; keep <= 1000; keep += 1000) {
        struct buffer buffer = {.max = 3};
        buffer_append(&buffer, STR("1234"));
        assert_true(buffer.failed);
        buffer_clear(&buffer, keep);
        assert_false(buffer.failed);
        buffer_append(&buffer, STR("123"));
        assert_str(buffer_str(&buffer), STR("123"));
        buffer_append_byte(&buffer, '4');
        assert_true(buffer.failed);
        buffer_fini(&buffer);
    }
}

static void clearing_keeps_memory_up_to_the_given_size(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_append(&buffer, STR("some text"));
    buffer_clear(&buffer, buffer.capacity);
    assert_non_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    buffer_append(&buffer, STR("some text"));
    buffer_clear(&buffer, buffer.capacity - 1);
    assert_null(buffer.data);
    assert_int_equal(buffer.capacity, 0);
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {BUFFER_MAX_DEFAULT + 1, SIZE_MAX / 4, SIZE_MAX / 2, SIZE_MAX - 1,
                                   SIZE_MAX};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct buffer buffer = {0};
        buffer_append(&buffer, STR("kept"));
        assert_null(buffer_reserve(&buffer, sizes[i]));
        assert_true(buffer.failed);
        assert_str(buffer_str(&buffer), STR("kept"));
        buffer_fini(&buffer);
    }
}

static void reserved_room_counts_only_when_committed(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    char *to = buffer_reserve(&buffer, 10);
    assert_non_null(to);
    assert_int_equal(buffer.size, 0);
    memcpy(to, "abcdefghij", 10);
    buffer_commit(&buffer, 3);
    assert_str(buffer_str(&buffer), STR("abc"));
    buffer_fini(&buffer);
}

static void consuming_removes_from_the_front(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_append(&buffer, STR("abcdef"));
    buffer_consume(&buffer, 0);
    assert_str(buffer_str(&buffer), STR("abcdef"));
    buffer_consume(&buffer, 2);
    assert_str(buffer_str(&buffer), STR("cdef"));
    buffer_consume(&buffer, 4);
    assert_int_equal(buffer.size, 0);
    buffer_append(&buffer, STR("x"));
    buffer_consume(&buffer, 100);
    assert_int_equal(buffer.size, 0);
    buffer_fini(&buffer);
    buffer_consume(&buffer, 1);
}

static void a_failing_allocation_marks_the_buffer_and_loses_nothing(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 10; n++) {
        struct buffer buffer = {0};
        failing_allocation = n;
        for (unsigned i = 0; i < 256u << 8; i++)
            buffer_append_byte(&buffer, 'x');
        failing_allocation = 0;
        /* Capacities are 256, 512, 1024, ...: the n-th allocation was to make room for the next. */
        size_t held = n == 1 ? 0 : (size_t)256 << (n - 2);
        assert_true(buffer.failed);
        assert_int_equal(buffer.size, held);
        for (size_t i = 0; i < held; i++)
            assert_int_equal(buffer.data[i], 'x');
        buffer_fini(&buffer);
    }
}

static void slices_are_clipped_to_the_text(void **state)
{
    (void)state;
    struct str text = STR("abcdef");
    assert_str(str_slice(text, 1, 3), STR("bc"));
    assert_str(str_slice(text, 4, SIZE_MAX), STR("ef"));
    assert_str(str_slice(text, 6, 9), STR(""));
    assert_str(str_slice(text, 9, 12), STR(""));
    assert_str(str_slice(text, 3, 2), STR(""));
    assert_str(str_slice((struct str){NULL, 0}, 1, 2), STR(""));
    assert_true(str_has_prefix(text, STR("abc")));
    assert_true(str_has_prefix(text, STR("")));
    assert_false(str_has_prefix(STR("ab"), STR("abc")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zeroed_buffer_is_empty_and_can_be_freed),
        cmocka_unit_test(appends_stand_in_order),
        cmocka_unit_test(a_large_buffer_holds_every_byte),
        cmocka_unit_test(integers_are_written_as_printf_writes_them),
        cmocka_unit_test(the_maximum_can_be_reached_but_not_passed),
        cmocka_unit_test(a_formatted_text_may_fill_the_buffer),
        cmocka_unit_test(a_failed_buffer_ignores_what_follows_and_keeps_what_it_has),
        cmocka_unit_test(clearing_forgets_a_failure_and_keeps_the_maximum),
        cmocka_unit_test(clearing_keeps_memory_up_to_the_given_size),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(reserved_room_counts_only_when_committed),
        cmocka_unit_test(consuming_removes_from_the_front),
        cmocka_unit_test(a_failing_allocation_marks_the_buffer_and_loses_nothing),
        cmocka_unit_test(slices_are_clipped_to_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
