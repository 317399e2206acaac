#include "protocol/curve.h"
#include "test.h"

#include <zmq.h>

/* The server's key pair from ZeroMQ's zmq_curve(7). */
#define PUBLIC "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define SECRET "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
/* The client's from the same place. */
#define OTHER "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

int __real_zmq_has(const char *capability);
int __wrap_zmq_has(const char *capability);

/* A libzmq without CURVE is what a test cannot ask a machine for. */
static bool has_nothing;

int __wrap_zmq_has(const char *capability)
{
    return has_nothing ? 0 : __real_zmq_has(capability);
}

static void skip_without_curve(void)
{
    if (!curve_is_available())
        skip();
}

static void a_key_pair_is_accepted(void **state)
{
    (void)state;
    struct curve_key key;
    struct error error;
    skip_without_curve();
    assert_true(curve_key_read(&key, PUBLIC, SECRET, &error));
    assert_string_equal(key.secret, SECRET);
}

static void a_wiped_key_leaves_nothing(void **state)
{
    (void)state;
    static const struct curve_key nothing;
    struct curve_key key;
    struct error error;
    skip_without_curve();
    assert_true(curve_key_read(&key, PUBLIC, SECRET, &error));
    curve_key_wipe(&key);
    assert_memory_equal(&key, &nothing, sizeof key);
}

static void a_refusal_names_the_key_and_shows_none(void **state)
{
    (void)state;
    static const struct {
        const char *public_text, *secret_text, *named;
    } cases[] = {
        {"", SECRET, CURVE_PUBLIC_NAME},
        {PUBLIC, "", CURVE_SECRET_NAME},
        {PUBLIC, SECRET "0", CURVE_SECRET_NAME},
        {"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf", SECRET, CURVE_PUBLIC_NAME},
        {PUBLIC, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh ", CURVE_SECRET_NAME},
        {PUBLIC, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!N\xC3\xA9{Lh", CURVE_SECRET_NAME},
        {PUBLIC, "########################################", CURVE_SECRET_NAME},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct curve_key key;
        struct error error;
        assert_false(curve_key_read(&key, cases[i].public_text, cases[i].secret_text, &error));
        assert_non_null(strstr(error.sentence, cases[i].named));
        assert_non_null(strstr(error.sentence, "40 characters of Z85"));
        assert_null(strstr(error.sentence, "JTKV"));
        assert_string_equal(key.secret, "");
    }
}

static void keys_of_two_pairs_are_refused(void **state)
{
    (void)state;
    struct curve_key key;
    struct error error;
    skip_without_curve();
    assert_false(curve_key_read(&key, OTHER, SECRET, &error));
    assert_non_null(strstr(error.sentence, "pair"));
    assert_string_equal(key.secret, "");
}

static void a_libzmq_without_curve_is_named(void **state)
{
    (void)state;
    struct curve_key key;
    struct error error;
    has_nothing = true;
    assert_false(curve_is_available());
    assert_false(curve_key_read(&key, PUBLIC, SECRET, &error));
    has_nothing = false;
    assert_non_null(strstr(error.sentence, "libzmq was built without CURVE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_pair_is_accepted),
        cmocka_unit_test(a_wiped_key_leaves_nothing),
        cmocka_unit_test(a_refusal_names_the_key_and_shows_none),
        cmocka_unit_test(keys_of_two_pairs_are_refused),
        cmocka_unit_test(a_libzmq_without_curve_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
