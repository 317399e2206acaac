#include "protocol/connection.h"
#include "test.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHER_PORTS "\"control_port\":2,\"iopub_port\":3,\"stdin_port\":4,\"hb_port\":5"

/* Reads a file with this text; on failure the error holds the reason. */
static bool read_text(const char *text, struct connection *connection, struct error *error)
{
    char path[64];
    int fd = memfd_create("connection", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0600), 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool good = connection_read(connection, path, error);
    close(fd);
    return good;
}

static void the_largest_port_of_each_transport_is_taken(void **state)
{
    (void)state;
    struct connection connection;
    struct error error = {.sentence = ""};
    assert_true(read_text("{\"shell_port\":65535," OTHER_PORTS "}", &connection, &error));
    assert_false(connection.is_ipc);
    assert_string_equal(connection.ip, "127.0.0.1");
    assert_int_equal(connection.ports[CHANNEL_SHELL], 65535);
    assert_string_equal(connection.key, "");
    connection_fini(&connection);
    assert_true(
        read_text("{\"transport\":\"ipc\",\"ip\":\"k\",\"shell_port\":2147483647," OTHER_PORTS "}",
                  &connection, &error));
    assert_true(connection.is_ipc);
    assert_string_equal(connection.ip, "k");
    assert_int_equal(connection.ports[CHANNEL_SHELL], 2147483647);
    connection_fini(&connection);
}

/* The number of an ipc endpoint has to fit an int, too. */
static void a_port_beyond_its_range_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"shell_port\":65536," OTHER_PORTS "}",
        "{\"shell_port\":-1," OTHER_PORTS "}",
        "{\"transport\":\"ipc\",\"ip\":\"k\",\"shell_port\":2147483648," OTHER_PORTS "}",
        "{\"transport\":\"ipc\",\"ip\":\"k\",\"shell_port\":4294967297," OTHER_PORTS "}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct connection connection;
        struct error error = {.sentence = ""};
        assert_false(read_text(texts[i], &connection, &error));
        assert_non_null(strstr(error.sentence, "\"shell_port\" is no port"));
        assert_null(connection.ip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_port_of_each_transport_is_taken),
        cmocka_unit_test(a_port_beyond_its_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
