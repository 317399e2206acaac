#include "kernel/queue.h"
#include "test.h"

/* A request whose msg_id is `id`. */
static struct request *new_request(const char *id)
{
    static const struct str identities[] = {{"client", 6}, {"\0\1", 2}};
    char header[64];
    snprintf(header, sizeof header, "{\"msg_id\":\"%s\"}", id);
    struct wire_incoming message = {
        .identities = identities,
        .identity_count = COUNT(identities),
        .header = str_of(header),
        .content = STR("{\"code\":\"\"}"),
        .msg_id = {header + 11, strlen(id)},
    };
    struct request *request = request_new(CHANNEL_SHELL, NULL, &message);
    assert_non_null(request);
    return request;
}

/* An initialised queue contains a pointer to itself, so that it is filled in place. */
static void fill(struct queue *queue, const char *ids)
{
    for (; *ids; ids++)
        queue_push(queue, new_request((char[]){*ids, '\0'}));
}

static void assert_pops(struct queue *queue, const char *ids)
{
    for (; *ids; ids++) {
        struct request *request = queue_pop(queue);
        struct str id = {ids, 1};
        assert_non_null(request);
        assert_str(request->msg_id, id);
        assert_null(request->next);
        request_unref(request);
    }
    assert_null(queue_pop(queue));
    assert_true(queue_is_empty(queue));
    assert_int_equal(queue->count, 0);
    assert_int_equal(queue->bytes, 0);
}

static void requests_leave_in_the_order_they_came(void **state)
{
    (void)state;
    struct queue queue;
    queue_init(&queue, 10);
    assert_true(queue_is_empty(&queue));
    fill(&queue, "abc");
    assert_false(queue_is_empty(&queue));
    assert_pops(&queue, "abc");
    fill(&queue, "de");
    assert_pops(&queue, "de");
    queue_fini(&queue);
}

static void a_full_queue_says_so_and_still_loses_nothing(void **state)
{
    (void)state;
    struct queue queue;
    queue_init(&queue, 2);
    fill(&queue, "a");
    assert_false(queue_is_full(&queue));
    fill(&queue, "b");
    assert_true(queue_is_full(&queue));
    fill(&queue, "c");
    assert_true(queue_is_full(&queue));
    assert_pops(&queue, "abc");
    assert_false(queue_is_full(&queue));
    queue_fini(&queue);
}

static void a_queue_is_also_full_of_bytes(void **state)
{
    (void)state;
    struct queue queue;
    queue_init(&queue, 1000);
    struct request *heavy = new_request("a");
    size_t size = heavy->size;
    /* Pretends to be that large. */
    heavy->size = QUEUE_BYTES_MAX - 1;
    queue_push(&queue, heavy);
    assert_false(queue_is_full(&queue));
    fill(&queue, "b");
    assert_true(queue_is_full(&queue));
    assert_int_equal(queue.bytes, QUEUE_BYTES_MAX - 1 + size);
    assert_pops(&queue, "ab");
    assert_false(queue_is_full(&queue));
    queue_fini(&queue);
}

static void an_ending_queue_drops_what_it_holds(void **state)
{
    (void)state;
    struct queue queue;
    queue_init(&queue, 10);
    struct request *held = request_ref(new_request("a"));
    queue_push(&queue, held);
    fill(&queue, "b");
    queue_fini(&queue);
    assert_true(queue_is_empty(&queue));
    assert_int_equal(held->references, 1);
    request_unref(held);
}

static bool is_vowel(const struct request *request)
{
    return memchr("aeiou", request->msg_id.data[0], 5);
}

static void note(void *context, struct request *request)
{
    buffer_append(context, request->msg_id);
    request_unref(request);
}

static void extracting_takes_the_matching_in_order_and_leaves_the_others_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *queued, *taken, *left;
    } cases[] = {
        {"", "", ""},         {"b", "", "b"},     {"a", "a", ""},     {"aeiou", "aeiou", ""},
        {"bcd", "", "bcd"},   {"abc", "a", "bc"}, {"bca", "a", "bc"}, {"abecidof", "aeio", "bcdf"},
        {"baab", "aa", "bb"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct queue queue;
        struct buffer taken = {0};
        queue_init(&queue, 100);
        fill(&queue, cases[i].queued);
        queue_extract(&queue, is_vowel, note, &taken);
        assert_str(buffer_str(&taken), str_of(cases[i].taken));
        assert_int_equal(queue.count, strlen(cases[i].left));
        /* The end is still the end. */
        char all[32];
        snprintf(all, sizeof all, "%sz", cases[i].left);
        fill(&queue, "z");
        assert_pops(&queue, all);
        buffer_fini(&taken);
        queue_fini(&queue);
    }
}

static void a_request_keeps_its_own_copy_of_what_it_needs(void **state)
{
    (void)state;
    char header[] = "{\"msg_id\":\"x\"}", content[] = "{\"code\":1}", identity[] = "client";
    struct str identities[] = {{identity, 6}, {NULL, 0}};
    struct wire_incoming message = {
        .identities = identities,
        .identity_count = 2,
        .header = str_of(header),
        .content = str_of(content),
        .msg_id = {header + 11, 1},
    };
    struct request *request = request_new(CHANNEL_CONTROL, NULL, &message);
    memset(header, '!', sizeof header - 1);
    memset(content, '!', sizeof content - 1);
    memset(identity, '!', sizeof identity - 1);
    identities[0] = identities[1] = STR("gone");
    assert_int_equal(request->channel, CHANNEL_CONTROL);
    assert_str(request->header, STR("{\"msg_id\":\"x\"}"));
    assert_str(request->content, STR("{\"code\":1}"));
    assert_str(request->msg_id, STR("x"));
    assert_int_equal(request->identity_count, 2);
    assert_str(request->identities[0], STR("client"));
    assert_str(request->identities[1], STR(""));
    assert_int_equal(request->references, 1);
    request_unref(request_ref(request));
    assert_int_equal(request->references, 1);
    request_unref(request);
    request_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_leave_in_the_order_they_came),
        cmocka_unit_test(a_full_queue_says_so_and_still_loses_nothing),
        cmocka_unit_test(a_queue_is_also_full_of_bytes),
        cmocka_unit_test(an_ending_queue_drops_what_it_holds),
        cmocka_unit_test(extracting_takes_the_matching_in_order_and_leaves_the_others_in_order),
        cmocka_unit_test(a_request_keeps_its_own_copy_of_what_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
