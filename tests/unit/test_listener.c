#include "telemetry/listener.h"
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

static bool parses(const char *text, bool remote)
{
    struct listener listener;
    struct error error = {{0}};
    bool good = listener_parse(&listener, text, remote, &error);
    assert_true(good || error.sentence[0]);
    return good;
}

static void loopback_addresses_and_files_are_taken(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:0", "127.9.9.9:65535", "localhost:80", "[::1]:9",
                                       "unix:/run/{pid}"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(parses(good[i], false));
}

static void others_need_permission(void **state)
{
    (void)state;
    static const char *const remote[] = {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[fe80::1]:1",
                                         "[::ffff:127.0.0.1]:1"};
    for (size_t i = 0; i < COUNT(remote); i++) {
        assert_false(parses(remote[i], false));
        assert_true(parses(remote[i], true));
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        ":",
        ":1",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "1:-1",
        "[::1]",
        "[::1:1",
        "::1:1",
        "host:1",
        "unix:",
        "unix:relative",
        "[]:1",
        "127.0.0.1:1 ",
        "unix:/a-path-that-is-longer-than-what-fits-into-the-address-of-a-socket-file-"
        "which-is-a-hundred-and-seven-bytes-and-no-more",
        "a-name-that-is-longer-than-any-address-can-be-so-that-it-does-not-fit-anywhere:1"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(parses(bad[i], false));
        assert_false(parses(bad[i], true));
    }
}

static void the_process_number_takes_the_place_of_pid(void **state)
{
    (void)state;
    char expected[80];
    char *expanded = listener_expand("a{pid}b{pid}");
    snprintf(expected, sizeof expected, "a%ldb%ld", (long)getpid(), (long)getpid());
    assert_string_equal(expanded, expected);
    free(expanded);
}

static void a_port_is_chosen_and_named(void **state)
{
    (void)state;
    struct listener listener;
    struct error error;
    assert_true(listener_parse(&listener, "127.0.0.1:0", false, &error));
    assert_true(listener_open(&listener, &error));
    assert_int_not_equal(strcmp(listener.name, "127.0.0.1:0"), 0);
    struct listener second;
    assert_true(listener_parse(&second, listener.name, false, &error));
    assert_false(listener_open(&second, &error));
    assert_non_null(strstr(error.sentence, listener.name));
    close(listener.fd);
    listener_forget(&listener);
}

static void a_socket_file_that_is_in_use_is_left_alone(void **state)
{
    (void)state;
    char text[80], path[64];
    struct listener first, second;
    struct error error;
    struct stat status;
    snprintf(path, sizeof path, "/tmp/hilum-listener-%ld", (long)getpid());
    snprintf(text, sizeof text, "unix:%s", path);
    assert_true(listener_parse(&first, text, false, &error));
    assert_true(listener_open(&first, &error));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(listener_parse(&second, text, false, &error));
    assert_false(listener_open(&second, &error));
    assert_int_equal(stat(path, &status), 0);
    close(first.fd); /* killed: the file stays */
    assert_true(listener_open(&second, &error));
    close(second.fd);
    listener_forget(&second);
    assert_int_not_equal(stat(path, &status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_addresses_and_files_are_taken),
        cmocka_unit_test(others_need_permission),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(the_process_number_takes_the_place_of_pid),
        cmocka_unit_test(a_port_is_chosen_and_named),
        cmocka_unit_test(a_socket_file_that_is_in_use_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
