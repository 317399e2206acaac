#include "protocol/registration.h"
#include "test.h"

#define DELIMITER                                                                                  \
    {                                                                                              \
        "<IDS|MSG>", 9                                                                             \
    }

static struct signer service, kernel;

static int open_signers(void **state)
{
    (void)state;
    return signer_init(&service, STR("hmac-sha256"), STR("key"), NULL) &&
                   signer_init(&kernel, STR("hmac-sha256"), STR("key"), NULL)
               ? 0
               : -1;
}

static int close_signers(void **state)
{
    (void)state;
    signer_fini(&service);
    signer_fini(&kernel);
    return 0;
}

/* The service signs one frame; the kernel's signer knows four. */
static struct str sign(struct str content, char hex[SIGNER_HEX_SIZE])
{
    struct str frames[SIGNER_FRAMES] = {STR(""), STR(""), STR(""), content};
    return (struct str){hex, signer_sign(&service, frames, hex)};
}

static void the_message_has_the_specified_members(void **state)
{
    (void)state;
    struct buffer out = {0};
    const struct connection connection = {
        .kernel_id = (char[]){"a \"b\""},
        .ports = {[CHANNEL_SHELL] = 1,
                  [CHANNEL_CONTROL] = 65535,
                  [CHANNEL_IOPUB] = 3,
                  [CHANNEL_STDIN] = 4,
                  [CHANNEL_HB] = 5},
    };
    registration_write(&connection, &out);
    assert_str(buffer_str(&out),
               STR("{\"kernel_id\":\"a \\\"b\\\"\",\"shell_port\":\"1\",\"control_port\":\"65535\","
                   "\"iopub_port\":\"3\",\"stdin_port\":\"4\",\"hb_port\":\"5\"}"));
    buffer_fini(&out);
}

static void a_signed_answer_is_the_acknowledgement(void **state)
{
    (void)state;
    static const struct str contents[] = {{"ACK", 3}, {"", 0}, {"{\"status\":\"ok\"}", 15}};
    for (size_t i = 0; i < COUNT(contents); i++) {
        char hex[SIGNER_HEX_SIZE];
        const struct str frames[] = {
            {"identity", 8}, DELIMITER, sign(contents[i], hex), contents[i]};
        assert_true(registration_check(frames, 4, &kernel, NULL));
        assert_true(registration_check(frames + 1, 3, &kernel, NULL));
    }
}

static void an_answer_cut_anywhere_is_none(void **state)
{
    (void)state;
    char hex[SIGNER_HEX_SIZE];
    const struct str frames[] = {DELIMITER, sign(STR("ACK"), hex), STR("ACK"), STR("more")};
    for (size_t count = 0; count <= COUNT(frames); count++) {
        struct error error = {.sentence = ""};
        assert_int_equal(registration_check(frames, count, &kernel, &error), count == 3);
        assert_int_equal(error.sentence[0] != '\0', count != 3);
    }
}

static void a_wrong_signature_is_none(void **state)
{
    (void)state;
    char hex[SIGNER_HEX_SIZE];
    struct str frames[] = {DELIMITER, sign(STR("ACK"), hex), STR("ACK")};
    struct error error;
    hex[0] = hex[0] == '0' ? '1' : '0';
    assert_false(registration_check(frames, 3, &kernel, &error));
    assert_non_null(strstr(error.sentence, "signature"));
    frames[1] = STR("");
    assert_false(registration_check(frames, 3, &kernel, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_has_the_specified_members),
        cmocka_unit_test_setup_teardown(a_signed_answer_is_the_acknowledgement, open_signers,
                                        close_signers),
        cmocka_unit_test_setup_teardown(an_answer_cut_anywhere_is_none, open_signers,
                                        close_signers),
        cmocka_unit_test_setup_teardown(a_wrong_signature_is_none, open_signers, close_signers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
