#include "telemetry/listener.h"
#include "base/buffer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPECTED "expected ADDRESS:PORT, such as \"127.0.0.1:0\", or \"unix:/PATH\""

char *listener_expand(const char *text)
{
    struct buffer out = {0};
    const char *at = text;
    for (const char *found; (found = strstr(at, "{pid}")); at = found + 5) {
        buffer_append(&out, (struct str){at, (size_t)(found - at)});
        buffer_append_integer(&out, (long long)getpid());
    }
    buffer_append_cstr(&out, at);
    buffer_append_byte(&out, '\0');
    if (out.failed)
        buffer_fini(&out);
    return out.data;
}

static bool parse_path(struct listener *listener, const char *path, struct error *error)
{
    struct sockaddr_un *local = &listener->address.local;
    char *expanded = listener_expand(path);
    bool good = expanded && *expanded == '/' && strlen(expanded) < sizeof local->sun_path;
    if (good) {
        local->sun_family = AF_UNIX;
        strcpy(local->sun_path, expanded);
        listener->size = sizeof *local;
        snprintf(listener->name, sizeof listener->name, "unix:%s", expanded);
    }
    free(expanded);
    return good ||
           error_set(error, "\"unix:%.60s\" must name an absolute path of at most %zu bytes", path,
                     sizeof local->sun_path - 1);
}

/* Splits at the last ':'; false: there is none, or what follows is no port. */
static bool split(const char *text, char *host, size_t size, int *port)
{
    const char *colon = strrchr(text, ':');
    char *end;
    if (!colon || (size_t)(colon - text) >= size || colon[1] < '0' || colon[1] > '9')
        return false;
    long number = strtol(colon + 1, &end, 10);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    *port = (int)number;
    return !*end && number <= 65535;
}

static bool parse_host(struct listener *listener, char *host, int port)
{
    struct sockaddr_in *four = (void *)&listener->address.any;
    struct sockaddr_in6 *six = (void *)&listener->address.any;
    size_t size = strlen(host);
    if (strcmp(host, "localhost") == 0)
        strcpy(host, "127.0.0.1");
    if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        listener->size = sizeof *four;
        return true;
    }
    if (size < 2 || host[0] != '[' || host[size - 1] != ']')
        return false;
    host[size - 1] = '\0';
    if (inet_pton(AF_INET6, host + 1, &six->sin6_addr) != 1)
        return false;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    listener->size = sizeof *six;
    return true;
}

static bool is_loopback(const struct listener *listener)
{
    const struct sockaddr_in *four = (const void *)&listener->address.any;
    const struct sockaddr_in6 *six = (const void *)&listener->address.any;
    if (listener->address.head.sa_family == AF_INET)
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static void write_name(struct listener *listener)
{
    char host[INET6_ADDRSTRLEN];
    const struct sockaddr_in *four = (const void *)&listener->address.any;
    const struct sockaddr_in6 *six = (const void *)&listener->address.any;
    if (listener->address.head.sa_family == AF_INET)
        snprintf(listener->name, sizeof listener->name, "%s:%d",
                 inet_ntop(AF_INET, &four->sin_addr, host, sizeof host), ntohs(four->sin_port));
    else if (listener->address.head.sa_family == AF_INET6)
        snprintf(listener->name, sizeof listener->name, "[%s]:%d",
                 inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host), ntohs(six->sin6_port));
}

bool listener_parse(struct listener *listener, const char *text, bool allow_remote,
                    struct error *error)
{
    char host[INET6_ADDRSTRLEN + 8];
    int port;
    *listener = (struct listener){.fd = -1};
    if (strncmp(text, "unix:", 5) == 0)
        return parse_path(listener, text + 5, error);
    if (!split(text, host, sizeof host, &port) || !parse_host(listener, host, port))
        return error_set(error, "\"%.80s\" is no address; " EXPECTED, text);
    if (!is_loopback(listener) && !allow_remote)
        return error_set(error,
                         "\"%.80s\" can be reached from other machines; use 127.0.0.1 or [::1], or "
                         "set \"metrics.allow_remote\" to true",
                         text);
    write_name(listener);
    return true;
}

bool listener_is_file(const struct listener *listener)
{
    return listener->address.head.sa_family == AF_UNIX;
}

/* A file that a listener has left behind: nobody answers there. */
static bool remove_stale(const struct listener *listener)
{
    struct stat status;
    if (!listener_is_file(listener) || errno != EADDRINUSE)
        return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool dead = probe >= 0 && connect(probe, &listener->address.head, listener->size) < 0 &&
                errno == ECONNREFUSED;
    if (probe >= 0)
        close(probe);
    return dead && lstat(listener->address.local.sun_path, &status) == 0 &&
           S_ISSOCK(status.st_mode) && unlink(listener->address.local.sun_path) == 0;
}

static bool bind_to(const struct listener *listener, int fd)
{
    if (bind(fd, &listener->address.head, listener->size) == 0)
        return true;
    int why = errno;
    if (remove_stale(listener) && bind(fd, &listener->address.head, listener->size) == 0)
        return true;
    errno = why;
    return false;
}

bool listener_open(struct listener *listener, struct error *error)
{
    int yes = 1;
    int family = listener->address.head.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        goto fail;
    if (listener_is_file(listener))
        fchmod(fd, 0600); /* what the file will have */
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!bind_to(listener, fd))
        goto fail;
    if (listen(fd, SOMAXCONN) < 0 ||
        (!listener_is_file(listener) &&
         getsockname(fd, &listener->address.head, &listener->size) < 0))
        goto fail;
    listener->fd = fd;
    write_name(listener);
    return true;
fail:
    error_set_errno(error, "cannot listen at %s", listener->name);
    if (fd >= 0)
        close(fd);
    return false;
}

void listener_forget(struct listener *listener)
{
    if (listener->fd >= 0 && listener_is_file(listener))
        unlink(listener->address.local.sun_path);
    listener->fd = -1;
}
