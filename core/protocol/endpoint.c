#include "protocol/endpoint.h"
#include "base/path.h"
#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#define IPC "ipc://"
/* Attempts to find a path that nobody uses, among 65535. */
#define IPC_ATTEMPTS 100
#define ENDPOINT_MAX 256

bool endpoint_is_ipv6(bool is_ipc, const char *ip)
{
    return !is_ipc && strchr(ip, ':');
}

char *endpoint_text(bool is_ipc, const char *ip, int port)
{
    if (is_ipc)
        return path_format(IPC "%s-%d", ip, port);
    /* ZeroMQ binds to addresses, not to names. */
    if (strcmp(ip, "localhost") == 0)
        ip = "127.0.0.1";
    bool is_ipv6 = endpoint_is_ipv6(is_ipc, ip);
    if (port == 0)
        return path_format(is_ipv6 ? "tcp://[%s]:*" : "tcp://%s:*", ip);
    return path_format(is_ipv6 ? "tcp://[%s]:%d" : "tcp://%s:%d", ip, port);
}

/* At random: of two kernels that look at the same time, the second would take the first's path
 * away, because ZeroMQ replaces what is there. */
static bool choose_path(const char *ip, int *port, struct error *error)
{
    for (int i = 0; i < IPC_ATTEMPTS; i++) {
        uint16_t number;
        if (!random_bytes(&number, sizeof number, error))
            return false;
        char *text = endpoint_text(true, ip, number);
        if (!text)
            return error_set(error, "out of memory");
        bool is_free = number && access(text + strlen(IPC), F_OK) != 0;
        free(text);
        *port = number;
        if (is_free)
            return true;
    }
    return error_set(error, "no free path %s-NUMBER was found in %d attempts", ip, IPC_ATTEMPTS);
}

static bool read_port(void *socket, int *port, struct error *error)
{
    char text[ENDPOINT_MAX] = "";
    size_t size = sizeof text;
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, text, &size) < 0)
        return error_set(error, "cannot find out the chosen port: %s", zmq_strerror(errno));
    const char *colon = strrchr(text, ':');
    *port = colon ? atoi(colon + 1) : 0;
    return *port > 0 || error_set(error, "cannot find out the chosen port: \"%s\" has none", text);
}

bool endpoint_bind(void *socket, bool is_ipc, const char *ip, int *port, char **file,
                   struct error *error)
{
    *file = NULL;
    if (is_ipc && *port == 0 && !choose_path(ip, port, error))
        return false;
    char *text = endpoint_text(is_ipc, ip, *port);
    bool good = text || error_set(error, "out of memory");
    if (good && zmq_bind(socket, text) < 0)
        good = error_set(error, "cannot listen on %s: %s", text, zmq_strerror(errno));
    else if (good && *port == 0)
        good = read_port(socket, port, error);
    if (good && is_ipc)
        good = (*file = strdup(text + strlen(IPC))) || error_set(error, "out of memory");
    free(text);
    return good;
}
