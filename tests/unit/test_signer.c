#include "protocol/signer.h"
#include "test.h"

/* RFC 4231, section 4: HMAC-SHA-256. Case 5 is about truncation, which Jupyter does not use. Keys
 * and data that are one byte over and over are given as that byte and a count. */
static const struct {
    struct str key;
    unsigned key_repeat;
    struct str data;
    unsigned data_repeat;
    const char *hex;
} vectors[] = {
    {{"\x0b", 1},
     20,
     {"Hi There", 8},
     1,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {{"Jefe", 4},
     1,
     {"what do ya want for nothing?", 28},
     1,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {{"\xaa", 1},
     20,
     {"\xdd", 1},
     50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {{"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
      "\x18\x19",
      25},
     1,
     {"\xcd", 1},
     50,
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {{"\xaa", 1},
     131,
     {"Test Using Larger Than Block-Size Key - Hash Key First", 54},
     1,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {{"\xaa", 1},
     131,
     {"This is a test using a larger than block-size key and a larger than block-size data. The key "
      "needs to be hashed before being used by the HMAC algorithm.",
      152},
     1,
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static struct buffer repeated(struct str text, unsigned count)
{
    struct buffer out = {0};
    while (count--)
        buffer_append(&out, text);
    return out;
}

static struct signer opened(struct str key)
{
    struct signer signer;
    struct error error;
    if (!signer_init(&signer, STR("hmac-sha256"), key, &error))
        fail_msg("%s", error.sentence);
    return signer;
}

static void split(struct str data, size_t a, size_t b, size_t c, struct str frames[SIGNER_FRAMES])
{
    frames[0] = str_slice(data, 0, a);
    frames[1] = str_slice(data, a, b);
    frames[2] = str_slice(data, b, c);
    frames[3] = str_slice(data, c, SIZE_MAX);
}

static void signatures_are_those_of_rfc_4231_however_the_data_is_split_into_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct buffer key = repeated(vectors[i].key, vectors[i].key_repeat);
        struct buffer data = repeated(vectors[i].data, vectors[i].data_repeat);
        struct signer signer = opened(buffer_str(&key));
        for (size_t at = 0; at <= data.size; at++) {
            struct str frames[SIGNER_FRAMES];
            char hex[SIGNER_HEX_SIZE];
            split(buffer_str(&data), at / 3, at / 2, at, frames);
            assert_int_equal(signer_sign(&signer, frames, hex), SIGNER_HEX_SIZE);
            struct str got = {hex, sizeof hex};
            assert_str(got, str_of(vectors[i].hex));
        }
        signer_fini(&signer);
        buffer_fini(&data);
        buffer_fini(&key);
    }
}

static void sample_frames(struct str frames[SIGNER_FRAMES], const char *content)
{
    frames[0] = STR("{\"msg_id\":\"1\"}");
    frames[1] = frames[2] = STR("{}");
    frames[3] = str_of(content);
}

static void a_good_signature_is_accepted_once(void **state)
{
    (void)state;
    struct signer signer = opened(STR("key"));
    struct str frames[SIGNER_FRAMES];
    char hex[SIGNER_HEX_SIZE];
    sample_frames(frames, "{}");
    signer_sign(&signer, frames, hex);
    struct str signature = {hex, sizeof hex};
    assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_GOOD);
    assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_REPLAYED);
    assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_REPLAYED);
    signer_fini(&signer);
}

static void every_changed_digit_is_noticed(void **state)
{
    (void)state;
    struct signer signer = opened(STR("key"));
    struct str frames[SIGNER_FRAMES];
    char hex[SIGNER_HEX_SIZE];
    sample_frames(frames, "{}");
    signer_sign(&signer, frames, hex);
    struct str signature = {hex, sizeof hex};
    for (size_t i = 0; i < sizeof hex; i++) {
        char digit = hex[i];
        hex[i] = digit == '0' ? '1' : '0';
        assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_WRONG);
        hex[i] = digit;
    }
    assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_GOOD);
    signer_fini(&signer);
}

static void a_signature_of_another_length_is_wrong(void **state)
{
    (void)state;
    struct signer signer = opened(STR("key"));
    struct str frames[SIGNER_FRAMES];
    char hex[2 * SIGNER_HEX_SIZE] = {0};
    sample_frames(frames, "{}");
    signer_sign(&signer, frames, hex);
    for (size_t size = 0; size <= sizeof hex; size++) {
        struct str signature = {hex, size};
        if (size != SIGNER_HEX_SIZE)
            assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_WRONG);
    }
    signer_fini(&signer);
}

static void the_signature_covers_each_frame_and_depends_on_the_key(void **state)
{
    (void)state;
    struct signer signer = opened(STR("key")), other = opened(STR("Key"));
    struct str frames[SIGNER_FRAMES];
    char hex[SIGNER_HEX_SIZE];
    struct str signature = {hex, sizeof hex};
    sample_frames(frames, "{}");
    signer_sign(&signer, frames, hex);
    assert_int_equal(signer_verify(&other, frames, signature), SIGNER_WRONG);
    for (size_t i = 0; i < SIGNER_FRAMES; i++) {
        struct str frame = frames[i];
        frames[i] = STR("{\"x\":1}");
        assert_int_equal(signer_verify(&signer, frames, signature), SIGNER_WRONG);
        frames[i] = frame;
    }
    signer_fini(&signer);
    signer_fini(&other);
}

static void without_a_key_nothing_is_signed_or_checked(void **state)
{
    (void)state;
    struct signer signer;
    struct str frames[SIGNER_FRAMES];
    char hex[SIGNER_HEX_SIZE];
    assert_true(signer_init(&signer, STR("anything"), STR(""), NULL));
    sample_frames(frames, "{}");
    assert_int_equal(signer_sign(&signer, frames, hex), 0);
    assert_int_equal(signer_verify(&signer, frames, STR("")), SIGNER_GOOD);
    assert_int_equal(signer_verify(&signer, frames, STR("nonsense")), SIGNER_GOOD);
    signer_fini(&signer);
}

static void another_scheme_is_refused_by_name(void **state)
{
    (void)state;
    struct signer signer;
    struct error error;
    assert_false(signer_init(&signer, STR("hmac-md5"), STR("key"), &error));
    assert_string_equal(error.sentence,
                        "signature_scheme \"hmac-md5\" is not supported, expected \"hmac-sha256\"");
    signer_fini(&signer);
}

/* Verifies message number n; what is signed anew each time. */
static enum signer_verdict receive(struct signer *signer, unsigned n)
{
    struct str frames[SIGNER_FRAMES];
    char hex[SIGNER_HEX_SIZE], content[32];
    snprintf(content, sizeof content, "{\"n\":%u}", n);
    sample_frames(frames, content);
    signer_sign(signer, frames, hex);
    return signer_verify(signer, frames, (struct str){hex, sizeof hex});
}

static void replays_are_noticed_among_the_last_messages(void **state)
{
    (void)state;
    struct signer signer = opened(STR("key"));
    for (unsigned n = 0; n < 5 * SIGNER_MEMORY; n++) {
        assert_int_equal(receive(&signer, n), SIGNER_GOOD);
        if (n % 97 == 0) {
            unsigned oldest = n < SIGNER_MEMORY - 1 ? 0 : n - (SIGNER_MEMORY - 1);
            assert_int_equal(receive(&signer, n), SIGNER_REPLAYED);
            assert_int_equal(receive(&signer, oldest), SIGNER_REPLAYED);
        }
    }
    signer_fini(&signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_rfc_4231_however_the_data_is_split_into_frames),
        cmocka_unit_test(a_good_signature_is_accepted_once),
        cmocka_unit_test(every_changed_digit_is_noticed),
        cmocka_unit_test(a_signature_of_another_length_is_wrong),
        cmocka_unit_test(the_signature_covers_each_frame_and_depends_on_the_key),
        cmocka_unit_test(without_a_key_nothing_is_signed_or_checked),
        cmocka_unit_test(another_scheme_is_refused_by_name),
        cmocka_unit_test(replays_are_noticed_among_the_last_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
