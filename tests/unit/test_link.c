#include "evaluator/link.h"
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- a stream of messages that has every shape ---- */

static const struct link_message samples[] = {
    {.type = {"hello", 5}, .part_count = 1, .parts = {{"{}", 2}}},
    {.type = {"execute_request", 15},
     .id = 7,
     .execution_count = 3,
     .part_count = 1,
     .parts = {{"{\"code\":\"1+1\\n\"}", 17}}},
    {.type = {"sync_request", 12}, .id = INT64_MAX},
    {.type = {"display_data", 12},
     .id = -1,
     .part_count = 4,
     .parts = {{"{}", 2}, {"\0\n{\"type\":", 10}, {NULL, 0}, {"\xFF", 1}}},
    {.type = {"x", 1}, .part_count = 1, .parts = {{NULL, 0}}},
    {.type = {"execute_reply", 13}, .at = {true, 1, {0, UINT32_MAX}}},
    {.type = {"execute_request", 15}, .id = 8, .more = true, .ahead = true},
    {.type = {"execute_reply", 13}, .id = 8, .halted = true, .forked = true},
    {.type = {"execute_reply", 13}, .id = 9, .offspring = true, .unchanged = true},
    {.type = {"log", 3}, .id = INT64_MIN, .part_count = 1, .parts = {{"{\"text\":\"\n\"}", 12}}},
};

static struct buffer encoded_samples(void)
{
    struct buffer stream = {0};
    for (size_t i = 0; i < COUNT(samples); i++)
        link_encode(&stream, &samples[i]);
    assert_false(stream.failed);
    return stream;
}

static void assert_message(const struct link_message *got, const struct link_message *want)
{
    assert_str(got->type, want->type);
    assert_true(got->id == want->id);
    assert_true(got->execution_count == want->execution_count);
    assert_true(got->more == want->more && got->ahead == want->ahead);
    assert_true(got->halted == want->halted && got->forked == want->forked);
    assert_true(got->offspring == want->offspring && got->unchanged == want->unchanged);
    assert_true(got->at.known == want->at.known);
    assert_true(got->at.ring == want->at.ring);
    assert_true(got->at.raw[0] == want->at.raw[0] && got->at.raw[1] == want->at.raw[1]);
    assert_int_equal(got->part_count, want->part_count);
    for (size_t i = 0; i < want->part_count; i++)
        assert_str(got->parts[i], want->parts[i]);
}

static void feed(struct link_reader *reader, struct str bytes)
{
    buffer_consume(&reader->bytes, reader->consumed);
    reader->consumed = 0;
    buffer_append(&reader->bytes, bytes);
}

/* Takes what is complete; returns the number of messages seen so far. */
static size_t take_all(struct link_reader *reader, size_t seen)
{
    struct link_message message;
    struct error error = {{0}};
    enum link_result result;
    while ((result = link_next(reader, &message, &error)) == LINK_MESSAGE) {
        assert_true(seen < COUNT(samples));
        assert_message(&message, &samples[seen++]);
    }
    if (result == LINK_BROKEN)
        fail_msg("%s", error.sentence);
    return seen;
}

static void messages_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct buffer stream = encoded_samples();
    struct link_reader reader = {0};
    feed(&reader, buffer_str(&stream));
    assert_int_equal(take_all(&reader, 0), COUNT(samples));
    assert_int_equal(reader.consumed, stream.size);
    buffer_fini(&stream);
    link_reader_fini(&reader);
}

static void a_stream_may_be_split_anywhere(void **state)
{
    (void)state;
    struct buffer stream = encoded_samples();
    for (size_t first = 0; first <= stream.size; first++) {
        for (size_t second = first; second <= stream.size; second += 1 + second % 7) {
            struct link_reader reader = {0};
            feed(&reader, str_slice(buffer_str(&stream), 0, first));
            size_t seen = take_all(&reader, 0);
            feed(&reader, str_slice(buffer_str(&stream), first, second));
            seen = take_all(&reader, seen);
            feed(&reader, str_slice(buffer_str(&stream), second, SIZE_MAX));
            assert_int_equal(take_all(&reader, seen), COUNT(samples));
            link_reader_fini(&reader);
        }
    }
    buffer_fini(&stream);
}

static void a_stream_may_come_byte_by_byte(void **state)
{
    (void)state;
    struct buffer stream = encoded_samples();
    struct link_reader reader = {0};
    size_t seen = 0;
    for (size_t i = 0; i < stream.size; i++) {
        feed(&reader, str_slice(buffer_str(&stream), i, i + 1));
        seen = take_all(&reader, seen);
    }
    assert_int_equal(seen, COUNT(samples));
    buffer_fini(&stream);
    link_reader_fini(&reader);
}

static void a_message_borrows_from_the_reader_until_the_next_call(void **state)
{
    (void)state;
    struct buffer stream = encoded_samples();
    struct link_reader reader = {0};
    struct link_message message;
    feed(&reader, buffer_str(&stream));
    assert_int_equal(link_next(&reader, &message, NULL), LINK_MESSAGE);
    const char *start = reader.bytes.data, *end = start + reader.bytes.size;
    assert_true(message.type.data > start && message.type.data < end);
    assert_true(message.parts[0].data > start && message.parts[0].data < end);
    buffer_fini(&stream);
    link_reader_fini(&reader);
}

static void the_content_is_the_first_part(void **state)
{
    (void)state;
    assert_str(link_content(&samples[3]), STR("{}"));
    assert_str(link_content(&samples[2]), STR(""));
}

/* ---- reading from a descriptor ---- */

static void reading_tells_some_none_and_ended_apart(void **state)
{
    (void)state;
    int ends[2];
    struct link_reader reader = {0};
    struct link_message message;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_NONE);
    assert_int_equal(write(ends[1], "{\"type\":\"a\"}\n{\"ty", 17), 17);
    assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_SOME);
    assert_int_equal(link_next(&reader, &message, NULL), LINK_MESSAGE);
    assert_int_equal(link_next(&reader, &message, NULL), LINK_MORE);
    assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_NONE);
    assert_int_equal(write(ends[1], "pe\":\"b\"}\n", 9), 9);
    assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_SOME);
    assert_int_equal(link_next(&reader, &message, NULL), LINK_MESSAGE);
    assert_str(message.type, STR("b"));
    close(ends[1]);
    assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_ENDED);
    close(ends[0]);
    assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_ENDED);
    link_reader_fini(&reader);
}

static void a_message_of_megabytes_is_read_in_pieces(void **state)
{
    (void)state;
    enum { SIZE = 3000001 };
    char *body = test_malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        body[i] = (char)(i * 31 >> 3);
    struct link_message message = {
        .type = STR("big"), .part_count = 2, .parts = {{"{}", 2}, {body, SIZE}}};
    struct buffer stream = {0};
    link_encode(&stream, &message);
    struct link_reader reader = {0};
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    size_t sent = 0;
    enum link_result result = LINK_MORE;
    while (result == LINK_MORE) {
        ssize_t size = write(ends[1], stream.data + sent, stream.size - sent);
        sent += size > 0 ? (size_t)size : 0;
        assert_int_equal(link_read(&reader, ends[0]), LINK_INPUT_SOME);
        result = link_next(&reader, &message, NULL);
    }
    assert_int_equal(result, LINK_MESSAGE);
    struct str sent_body = {body, SIZE};
    assert_str(message.parts[1], sent_body);
    close(ends[0]);
    close(ends[1]);
    test_free(body);
    buffer_fini(&stream);
    link_reader_fini(&reader);
}

/* ---- what is no message ---- */

static enum link_result read_one(struct str bytes, struct link_message *message,
                                 struct error *error)
{
    static struct link_reader reader;
    link_reader_fini(&reader);
    reader.consumed = 0;
    buffer_append(&reader.bytes, bytes);
    return link_next(&reader, message, error);
}

static void hostile_headers_are_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"\n", "the text is empty at byte 0 of the header line"},
        {"x\n", "expected a value at byte 0 of the header line"},
        {"[]\n", "expected an object"},
        {"\"type\"\n", "expected an object"},
        {"{}\n", "no \"type\""},
        {"{\"id\":1}\n", "no \"type\""},
        {"{\"type\":\"\"}\n", "no \"type\""},
        {"{\"type\":1}\n", "\"type\" must be a short plain string"},
        {"{\"type\":null}\n", "\"type\" must be a short plain string"},
        {"{\"type\":\"a\\u0062\"}\n", "\"type\" must be a short plain string"},
        {"{\"type\":\"a\",\"id\":\"1\"}\n", "\"id\" must be an integer"},
        {"{\"type\":\"a\",\"id\":1.5}\n", "\"id\" must be an integer"},
        {"{\"type\":\"a\",\"id\":9223372036854775808}\n", "\"id\" must be an integer"},
        {"{\"type\":\"a\",\"id\":null}\n", "\"id\" must be an integer"},
        {"{\"type\":\"a\",\"execution_count\":\"x\"}\n", "\"execution_count\" must be an integer"},
        {"{\"type\":\"a\",\"parts\":{}}\n", "\"parts\" must be an array"},
        {"{\"type\":\"a\",\"parts\":1}\n", "\"parts\" must be an array"},
        {"{\"type\":\"a\",\"parts\":null}\n", "\"parts\" must be an array"},
        {"{\"type\":\"a\",\"at\":1}\n", "\"at\" must be three counts"},
        {"{\"type\":\"a\",\"at\":[1,2]}\n", "\"at\" must be three counts"},
        {"{\"type\":\"a\",\"at\":[1,2,3,4]}\n", "\"at\" must be three counts"},
        {"{\"type\":\"a\",\"at\":[1,-2,3]}\n", "\"at\" must be three counts"},
        {"{\"type\":\"a\",\"at\":[1,2,4294967296]}\n", "\"at\" must be three counts"},
        {"{\"type\":\"a\",\"parts\":[-1]}\n", "byte counts, got -1"},
        {"{\"type\":\"a\",\"parts\":[1.0]}\n", "byte counts, got 1.0"},
        {"{\"type\":\"a\",\"parts\":[\"1\"]}\n", "byte counts, got \"1\""},
        {"{\"type\":\"a\",\"parts\":[[1]]}\n", "byte counts, got [1]"},
        {"{\"type\":\"a\",\"parts\":[null]}\n", "byte counts, got null"},
        {"{\"type\":\"a\",\"parts\":[99999999999999999999]}\n", "byte counts"},
        {"{\"type\":\"a\",\"parts\":[268435457]}\n", "parts of more than 268435456 bytes"},
        {"{\"type\":\"a\",\"parts\":[268435456,1]}\n", "parts of more than 268435456 bytes"},
        {"{\"type\":\"a\",\"parts\":[9223372036854775807,9223372036854775807]}\n",
         "parts of more than 268435456 bytes"},
        {"{\"type\":\"a\xFF\"}\n", "invalid UTF-8"},
        {"{\"type\":\"a\"}}\n", "more text after the value"},
        {"{\"type\":\"a\"\n,\"id\":1}\n", "expected ',' or '}'"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct link_message message;
        struct error error = {{0}};
        if (read_one(str_of(cases[i].line), &message, &error) != LINK_BROKEN)
            fail_msg("accepted: %s", cases[i].line);
        if (!strstr(error.sentence, cases[i].reason))
            fail_msg("%s", error.sentence);
    }
}

static void a_broken_link_stays_broken(void **state)
{
    (void)state;
    struct link_reader reader = {0};
    struct link_message message;
    feed(&reader, STR("nonsense\n{\"type\":\"a\"}\n"));
    assert_int_equal(link_next(&reader, &message, NULL), LINK_BROKEN);
    assert_int_equal(link_next(&reader, &message, NULL), LINK_BROKEN);
    link_reader_fini(&reader);
}

/* {"type":"a","x":"........"} and a newline, of exactly `size` bytes without the newline. */
static struct buffer header_line_of(size_t size)
{
    struct buffer line = {0};
    buffer_append(&line, STR("{\"type\":\"a\",\"x\":\""));
    while (line.size < size - 2)
        buffer_append_byte(&line, 'x');
    buffer_append(&line, STR("\"}\n"));
    return line;
}

static void a_header_line_may_have_4096_bytes_and_no_more(void **state)
{
    (void)state;
    struct link_message message;
    struct error error;
    struct buffer most = header_line_of(LINK_HEADER_MAX),
                  more = header_line_of(LINK_HEADER_MAX + 1);
    assert_int_equal(read_one(buffer_str(&most), &message, &error), LINK_MESSAGE);
    assert_int_equal(read_one(str_slice(buffer_str(&most), 0, LINK_HEADER_MAX), &message, &error),
                     LINK_MORE);
    assert_int_equal(read_one(buffer_str(&more), &message, &error), LINK_BROKEN);
    assert_string_equal(error.sentence, "a header line of more than 4096 bytes");
    assert_int_equal(
        read_one(str_slice(buffer_str(&more), 0, LINK_HEADER_MAX + 1), &message, &error),
        LINK_BROKEN);
    buffer_fini(&most);
    buffer_fini(&more);
}

static void a_type_may_have_64_bytes_and_no_more(void **state)
{
    (void)state;
    char line[200];
    struct link_message message;
    struct error error;
    snprintf(line, sizeof line, "{\"type\":\"%0*d\"}\n", LINK_TYPE_MAX, 0);
    assert_int_equal(read_one(str_of(line), &message, &error), LINK_MESSAGE);
    assert_int_equal(message.type.size, LINK_TYPE_MAX);
    snprintf(line, sizeof line, "{\"type\":\"%0*d\"}\n", LINK_TYPE_MAX + 1, 0);
    assert_int_equal(read_one(str_of(line), &message, &error), LINK_BROKEN);
}

static void a_message_may_have_256_parts_and_no_more(void **state)
{
    (void)state;
    for (int count = LINK_PARTS_MAX; count <= LINK_PARTS_MAX + 1; count++) {
        struct buffer line = {0};
        struct link_message message;
        struct error error;
        buffer_append(&line, STR("{\"type\":\"a\",\"parts\":["));
        for (int i = 0; i < count; i++)
            buffer_append_cstr(&line, i ? ",1" : "1");
        buffer_append(&line, STR("]}\n"));
        for (int i = 0; i < count; i++)
            buffer_append_byte(&line, (char)i);
        enum link_result result = read_one(buffer_str(&line), &message, &error);
        if (count == LINK_PARTS_MAX) {
            assert_int_equal(result, LINK_MESSAGE);
            assert_int_equal((unsigned char)message.parts[LINK_PARTS_MAX - 1].data[0],
                             LINK_PARTS_MAX - 1);
        } else {
            assert_int_equal(result, LINK_BROKEN);
            assert_string_equal(error.sentence, "more than 256 parts");
        }
        buffer_fini(&line);
    }
}

static void unknown_members_and_white_space_are_ignored(void **state)
{
    (void)state;
    struct link_message message;
    struct error error;
    assert_int_equal(
        read_one(STR(" { \"x\" : [ {} ] , \"parts\" : [ 2 ] ,\t\"type\" : \"a\" } \r\n{}"),
                 &message, &error),
        LINK_MESSAGE);
    assert_str(message.type, STR("a"));
    assert_str(link_content(&message), STR("{}"));
}

static void random_bytes_never_break_the_reader(void **state)
{
    (void)state;
    static const char alphabet[] = "{}[]:,\"\\typeidars0123456789-.\n \xFF";
    struct buffer stream = encoded_samples();
    struct test_random random = {6};
    for (int round = 0; round < 20000; round++) {
        struct link_reader reader = {0};
        feed(&reader, buffer_str(&stream));
        for (size_t i = 1 + test_random_below(&random, 4); i > 0; i--)
            reader.bytes.data[test_random_below(&random, stream.size)] =
                alphabet[test_random_below(&random, sizeof alphabet)];
        struct link_message message;
        size_t count = 0;
        while (link_next(&reader, &message, NULL) == LINK_MESSAGE) {
            assert_true(message.type.size > 0 && message.type.size <= LINK_TYPE_MAX);
            assert_true(message.part_count <= LINK_PARTS_MAX);
            for (size_t i = 0; i < message.part_count; i++)
                assert_true(message.parts[i].data + message.parts[i].size <=
                            reader.bytes.data + reader.bytes.size);
            assert_true(++count <= stream.size);
        }
        link_reader_fini(&reader);
    }
    buffer_fini(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_out_as_they_went_in),
        cmocka_unit_test(a_stream_may_be_split_anywhere),
        cmocka_unit_test(a_stream_may_come_byte_by_byte),
        cmocka_unit_test(a_message_borrows_from_the_reader_until_the_next_call),
        cmocka_unit_test(the_content_is_the_first_part),
        cmocka_unit_test(reading_tells_some_none_and_ended_apart),
        cmocka_unit_test(a_message_of_megabytes_is_read_in_pieces),
        cmocka_unit_test(hostile_headers_are_refused_with_the_reason),
        cmocka_unit_test(a_broken_link_stays_broken),
        cmocka_unit_test(a_header_line_may_have_4096_bytes_and_no_more),
        cmocka_unit_test(a_type_may_have_64_bytes_and_no_more),
        cmocka_unit_test(a_message_may_have_256_parts_and_no_more),
        cmocka_unit_test(unknown_members_and_white_space_are_ignored),
        cmocka_unit_test(random_bytes_never_break_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
