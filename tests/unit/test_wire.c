#include "protocol/wire.h"
#include "base/json_scan.h"
#include "test.h"

#define HEADER "{\"msg_id\":\"m1\",\"msg_type\":\"execute_request\"}"

/* A client's signer and the kernel's, with the same key. */
static struct signer client, kernel;

static int open_signers(void **state)
{
    (void)state;
    return signer_init(&client, STR("hmac-sha256"), STR("key"), NULL) &&
                   signer_init(&kernel, STR("hmac-sha256"), STR("key"), NULL)
               ? 0
               : -1;
}

static int close_signers(void **state)
{
    (void)state;
    signer_fini(&client);
    signer_fini(&kernel);
    return 0;
}

/* What a client sends; parse_signed fills in the signature. */
#define SIGNATURE_INDEX 2
static char signature[SIGNER_HEX_SIZE];

static void sample(struct str frames[9])
{
    static const struct str frames_of_a_message[] = {
        {"client", 6},
        {"<IDS|MSG>", 9},
        {signature, SIGNER_HEX_SIZE},
        {HEADER, sizeof HEADER - 1},
        {"{}", 2},
        {"{\"cellId\":\"x\"}", 14},
        {"{\"code\":\"1\"}", 12},
        {"\0\xFF", 2},
        {NULL, 0},
    };
    memcpy(frames, frames_of_a_message, sizeof frames_of_a_message);
}

static enum wire_fault parse_signed(const struct str *frames, size_t count,
                                    struct wire_incoming *message, struct error *error)
{
    signer_sign(&client, frames + SIGNATURE_INDEX + 1, signature);
    return wire_parse(frames, count, &kernel, message, error);
}

static void a_message_is_taken_apart(void **state)
{
    (void)state;
    struct str frames[9];
    struct wire_incoming message;
    struct error error;
    sample(frames);
    assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_FINE);
    assert_int_equal(message.identity_count, 1);
    assert_str(message.identities[0], STR("client"));
    assert_str(message.header, STR(HEADER));
    assert_str(message.parent_header, STR("{}"));
    assert_str(message.metadata, STR("{\"cellId\":\"x\"}"));
    assert_str(message.content, STR("{\"code\":\"1\"}"));
    assert_int_equal(message.buffer_count, 2);
    assert_str(message.buffers[0], frames[7]);
    assert_str(message.buffers[1], STR(""));
    assert_str(message.msg_id, STR("m1"));
    assert_str(message.msg_type, STR("execute_request"));
}

static void the_same_message_is_not_taken_twice(void **state)
{
    (void)state;
    struct str frames[9];
    struct wire_incoming message;
    struct error error;
    sample(frames);
    assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_FINE);
    assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_REPLAYED);
}

static void a_message_cut_anywhere_names_its_fault(void **state)
{
    (void)state;
    struct str frames[9];
    struct wire_incoming message;
    sample(frames);
    for (size_t count = 0; count < 7; count++) {
        struct error error = {.sentence = ""};
        enum wire_fault fault = wire_parse(frames, count, &kernel, &message, &error);
        assert_int_equal(fault, count < 2 ? WIRE_NO_DELIMITER : WIRE_MISSING_FRAMES);
        assert_true(error.sentence[0]);
    }
}

static void a_wrong_signature_is_noticed_before_json_is_read(void **state)
{
    (void)state;
    struct str frames[9];
    struct wire_incoming message;
    struct error error;
    sample(frames);
    memset(signature, '0', sizeof signature);
    frames[3] = STR("not json");
    assert_int_equal(wire_parse(frames, 9, &kernel, &message, &error), WIRE_BAD_SIGNATURE);
    frames[2] = STR("");
    assert_int_equal(wire_parse(frames, 9, &kernel, &message, &error), WIRE_BAD_SIGNATURE);
}

static void what_is_no_object_is_refused_in_each_place(void **state)
{
    (void)state;
    static const struct str texts[] = {
        {"", 0}, {"[]", 2}, {"null", 4}, {"{", 1}, {"{\"a\":\xFF}", 7}};
    for (size_t place = 3; place < 7; place++) {
        for (size_t i = 0; i < COUNT(texts); i++) {
            struct str frames[9];
            struct wire_incoming message;
            struct error error = {.sentence = ""};
            sample(frames);
            frames[place] = texts[i];
            assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_BAD_JSON);
            assert_true(error.sentence[0]);
        }
    }
}

static void headers_without_id_or_type_are_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{}",
        "{\"msg_id\":\"a\"}",
        "{\"msg_type\":\"a\"}",
        "{\"msg_id\":\"\",\"msg_type\":\"a\"}",
        "{\"msg_id\":\"a\",\"msg_type\":\"\"}",
        "{\"msg_id\":1,\"msg_type\":\"a\"}",
        "{\"msg_id\":\"a\",\"msg_type\":null}",
        "{\"msg_id\":[\"a\"],\"msg_type\":\"a\"}",
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct str frames[9];
        struct wire_incoming message;
        struct error error = {.sentence = ""};
        sample(frames);
        frames[3] = str_of(headers[i]);
        assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_BAD_HEADER);
        assert_non_null(strstr(error.sentence, "must be a string"));
    }
}

static void headers_have_a_maximum(void **state)
{
    (void)state;
    char *text = test_malloc(WIRE_HEADER_MAX + 1);
    memset(text, ' ', WIRE_HEADER_MAX + 1);
    memcpy(text, HEADER, sizeof HEADER - 1);
    struct str frames[9];
    struct wire_incoming message;
    struct error error;
    sample(frames);
    frames[3] = (struct str){text, WIRE_HEADER_MAX};
    assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_FINE);
    frames[3] = (struct str){text, WIRE_HEADER_MAX + 1};
    assert_int_equal(parse_signed(frames, 9, &message, &error), WIRE_TOO_LARGE);
    test_free(text);
}

static void every_fault_has_a_name(void **state)
{
    (void)state;
    for (enum wire_fault fault = WIRE_FINE; fault < WIRE_FAULTS; fault++)
        assert_true(wire_fault_name(fault) && *wire_fault_name(fault));
}

/* ---- composing ---- */

static void assert_member(struct str object, const char *key, struct str want)
{
    struct str value = {NULL, 0};
    assert_true(json_get(object, key, &value));
    assert_str(value, want);
}

static void what_is_composed_can_be_parsed(void **state)
{
    (void)state;
    struct wire_sender sender;
    struct error error;
    assert_true(wire_sender_init(&sender, &kernel, "us\"er", &error));
    static const struct str identities[] = {{"a", 1}, {"\0b", 2}},
                            buffers[] = {{"\xFF", 1}, {NULL, 0}};
    struct wire_outgoing out = {
        .identities = identities,
        .identity_count = 2,
        .msg_type = STR("execute_reply"),
        .parent_header = STR(HEADER),
        .content = STR("{\"status\":\"ok\"}"),
        .buffers = buffers,
        .buffer_count = 2,
    };
    struct wire_frames composed = {0};
    assert_true(wire_compose(&composed, &sender, &out));
    struct str frames[16];
    for (size_t i = 0; i < composed.count; i++)
        frames[i] = wire_frame(&composed, i);
    struct wire_incoming message;
    if (wire_parse(frames, composed.count, &client, &message, &error) != WIRE_FINE)
        fail_msg("%s", error.sentence);
    assert_int_equal(message.identity_count, 2);
    assert_str(message.identities[1], identities[1]);
    assert_str(message.parent_header, STR(HEADER));
    assert_str(message.metadata, STR("{}"));
    assert_str(message.content, STR("{\"status\":\"ok\"}"));
    assert_int_equal(message.buffer_count, 2);
    assert_str(message.buffers[0], STR("\xFF"));
    assert_member(message.header, "msg_type", STR("\"execute_reply\""));
    assert_member(message.header, "username", STR("\"us\\\"er\""));
    assert_member(message.header, "version", STR("\"" WIRE_PROTOCOL_VERSION "\""));
    struct buffer id = {0};
    wire_append_message_id(&sender, sender.sent, &id);
    assert_str(message.msg_id, buffer_str(&id));
    buffer_fini(&id);
    buffer_fini(&composed.bytes);
}

static void the_date_of_a_header_is_iso_8601_in_utc(void **state)
{
    (void)state;
    struct wire_sender sender;
    struct wire_frames frames = {0};
    struct wire_outgoing out = {.msg_type = STR("status")};
    assert_true(wire_sender_init(&sender, &kernel, "user", NULL));
    assert_true(wire_compose(&frames, &sender, &out));
    struct str date;
    assert_true(json_get(wire_frame(&frames, 2), "date", &date));
    static const char pattern[] = "\"0000-00-00T00:00:00.000000Z\"";
    assert_int_equal(date.size, sizeof pattern - 1);
    for (size_t i = 0; i < date.size; i++) {
        if (pattern[i] == '0')
            assert_in_range(date.data[i], '0', '9');
        else
            assert_int_equal(date.data[i], pattern[i]);
    }
    buffer_fini(&frames.bytes);
}

static void message_ids_and_sessions_do_not_repeat(void **state)
{
    (void)state;
    struct wire_sender one, two;
    struct buffer first = {0}, second = {0};
    assert_true(wire_sender_init(&one, &kernel, "user", NULL));
    assert_true(wire_sender_init(&two, &kernel, "user", NULL));
    assert_string_not_equal(one.session, two.session);
    wire_append_message_id(&one, 1, &first);
    wire_append_message_id(&one, 2, &second);
    assert_false(str_equal(buffer_str(&first), buffer_str(&second)));
    buffer_fini(&first);
    buffer_fini(&second);
}

static void too_many_frames_are_refused(void **state)
{
    (void)state;
    static struct str buffers[WIRE_FRAMES_MAX];
    struct wire_sender sender;
    struct wire_frames frames = {0};
    assert_true(wire_sender_init(&sender, &kernel, "user", NULL));
    struct wire_outgoing out = {.msg_type = STR("status"), .buffers = buffers};
    out.buffer_count = WIRE_FRAMES_MAX - 6;
    assert_true(wire_compose(&frames, &sender, &out));
    assert_int_equal(frames.count, WIRE_FRAMES_MAX);
    out.buffer_count++;
    assert_false(wire_compose(&frames, &sender, &out));
    buffer_fini(&frames.bytes);
}

int main(void)
{
#define WITH_SIGNERS(test) cmocka_unit_test_setup_teardown(test, open_signers, close_signers)
    const struct CMUnitTest tests[] = {
        WITH_SIGNERS(a_message_is_taken_apart),
        WITH_SIGNERS(the_same_message_is_not_taken_twice),
        WITH_SIGNERS(a_message_cut_anywhere_names_its_fault),
        WITH_SIGNERS(a_wrong_signature_is_noticed_before_json_is_read),
        WITH_SIGNERS(what_is_no_object_is_refused_in_each_place),
        WITH_SIGNERS(headers_without_id_or_type_are_refused),
        WITH_SIGNERS(headers_have_a_maximum),
        WITH_SIGNERS(every_fault_has_a_name),
        WITH_SIGNERS(what_is_composed_can_be_parsed),
        WITH_SIGNERS(the_date_of_a_header_is_iso_8601_in_utc),
        WITH_SIGNERS(message_ids_and_sessions_do_not_repeat),
        WITH_SIGNERS(too_many_frames_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
