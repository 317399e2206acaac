#include "connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Below the range from which Linux picks ports for outgoing connections: a connect to a port that
 * is not open yet could otherwise be given that very port as its own and connect to itself.
 */
#define PORT_FIRST 15000
#define PORT_LAST  31000

void random_hex(char digits[65])
{
    unsigned char bytes[32];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        abort();
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static bool port_is_free(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int yes = 1;
    struct sockaddr_in address = loopback(port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool is_free = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_free;
}

/* Goes round the range, so that two kernels that are up together never get the same port. */
static int next_free_port(void)
{
    static int candidate;
    if (candidate == 0) {
        unsigned start = 0;
        if (getrandom(&start, sizeof start, 0) != sizeof start)
            abort();
        candidate = PORT_FIRST + (int)(start % (PORT_LAST - PORT_FIRST));
    }
    for (int tries = PORT_FIRST; tries <= PORT_LAST; tries++) {
        candidate = candidate >= PORT_LAST ? PORT_FIRST : candidate + 1;
        if (port_is_free(candidate))
            return candidate;
    }
    return 0;
}

bool connection_is_open(const struct connection *connection, enum port port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct sockaddr_in address = loopback(connection->ports[port]);
    bool is_open = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_open;
}

static bool write_file(const struct connection *connection)
{
    int fd = open(connection->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    const int *ports = connection->ports;
    int written = dprintf(
        fd,
        "{\"shell_port\": %d, \"iopub_port\": %d, \"stdin_port\": %d, \"control_port\": %d,\n"
        " \"hb_port\": %d, \"ip\": \"127.0.0.1\", \"transport\": \"tcp\",\n"
        " \"key\": \"%s\", \"signature_scheme\": \"hmac-sha256\", \"kernel_name\": \"bench\"}\n",
        ports[PORT_SHELL], ports[PORT_IOPUB], ports[PORT_STDIN], ports[PORT_CONTROL],
        ports[PORT_HEARTBEAT], connection->key);
    return (close(fd) == 0) & (written > 0);
}

bool connection_create(struct connection *connection, const char *directory)
{
    static unsigned number;
    for (int i = 0; i < PORT_COUNT; i++) {
        connection->ports[i] = next_free_port();
        if (connection->ports[i] == 0)
            return false;
    }
    random_hex(connection->key);
    int length = snprintf(connection->file, sizeof connection->file, "%s/kernel-%u.json", directory,
                          ++number);
    return length > 0 && (size_t)length < sizeof connection->file && write_file(connection);
}
