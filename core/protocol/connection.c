#include "protocol/connection.h"
#include "telemetry/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 10)

static const char *const names[CHANNELS] = {"shell", "control", "iopub", "stdin", "hb"};

const char *channel_name_text(enum channel_name channel)
{
    return names[channel];
}

static bool check_file(int fd, const char *file, struct error *error)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return error_set_errno(error, "connection file %s", file);
    if (!S_ISREG(status.st_mode))
        return error_set(error, "connection file %s is not a regular file", file);
    if (status.st_size > (off_t)FILE_MAX)
        return error_set(error, "connection file %s has %lld bytes, at most %zu are sensible", file,
                         (long long)status.st_size, FILE_MAX);
    if (status.st_uid != geteuid() && status.st_uid != 0)
        log_warning("connection file %s belongs to user %u, not to the one running the kernel",
                    file, (unsigned)status.st_uid);
    if (status.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH))
        log_warning("connection file %s can be read or written by others (mode %03o) and holds the "
                    "key; `chmod 600` it",
                    file, (unsigned)status.st_mode & 0777);
    return true;
}

static json_t *load(const char *file, struct error *error)
{
    json_error_t problem;
    json_t *root = NULL;
    /* Not blocking, in case somebody names a FIFO. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, "cannot open connection file %s", file);
        return NULL;
    }
    if (check_file(fd, file, error)) {
        root = json_loadfd(fd, JSON_REJECT_DUPLICATES, &problem);
        if (!root)
            error_set(error, "connection file %s, line %d, column %d: %s", file, problem.line,
                      problem.column, problem.text);
        else if (!json_is_object(root))
            error_set(error, "connection file %s: expected a JSON object", file);
    }
    close(fd);
    if (root && !json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

/* A string member; `fallback` when it is absent and that is not NULL. NULL: error is set. */
static const char *string_of(json_t *root, const char *file, const char *key, const char *fallback,
                             struct error *error)
{
    json_t *value = json_object_get(root, key);
    if (!value && fallback)
        return fallback;
    if (json_is_string(value))
        return json_string_value(value);
    error_set(error, "connection file %s: \"%s\" %s, expected a string", file, key,
              value ? "is not a string" : "is missing");
    return NULL;
}

static bool read_port(json_t *root, const char *file, enum channel_name channel, bool is_tcp,
                      int *port, struct error *error)
{
    char key[32];
    snprintf(key, sizeof key, "%s_port", names[channel]);
    json_t *value = json_object_get(root, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 1 || number > (is_tcp ? 65535 : INT_MAX))
        return error_set(error,
                         "connection file %s: \"%s\" %s, expected a port number from 1 to 65535",
                         file, key, value ? "is no port" : "is missing");
    *port = (int)number;
    return true;
}

static bool read_endpoints(struct connection *c, json_t *root, const char *file,
                           struct error *error)
{
    const char *transport = string_of(root, file, "transport", "tcp", error);
    const char *ip = transport ? string_of(root, file, "ip", "127.0.0.1", error) : NULL;
    if (!ip)
        return false;
    bool is_tcp = strcmp(transport, "tcp") == 0;
    if (!is_tcp && strcmp(transport, "ipc") != 0)
        return error_set(
            error, "connection file %s: \"transport\" is \"%.40s\", expected \"tcp\" or \"ipc\"",
            file, transport);
    c->ipv6 = is_tcp && strchr(ip, ':');
    for (enum channel_name i = 0; i < CHANNELS; i++) {
        if (!read_port(root, file, i, is_tcp, &c->ports[i], error))
            return false;
        const char *format = !is_tcp ? "ipc://%s-%d" : c->ipv6 ? "tcp://[%s]:%d" : "tcp://%s:%d";
        if (asprintf(&c->endpoints[i], format, ip, c->ports[i]) < 0) {
            c->endpoints[i] = NULL;
            return error_set(error, "out of memory");
        }
    }
    return true;
}

bool connection_read(struct connection *connection, const char *file, struct error *error)
{
    *connection = (struct connection){.key = NULL};
    json_t *root = load(file, error);
    if (!root)
        return false;
    const char *key = string_of(root, file, "key", "", error);
    const char *scheme =
        key ? string_of(root, file, "signature_scheme", "hmac-sha256", error) : NULL;
    bool good = scheme && read_endpoints(connection, root, file, error);
    if (good) {
        connection->key = strdup(key);
        connection->signature_scheme = strdup(scheme);
        good =
            (connection->key && connection->signature_scheme) || error_set(error, "out of memory");
    }
    json_decref(root);
    if (!good)
        connection_fini(connection);
    return good;
}

void connection_fini(struct connection *connection)
{
    for (size_t i = 0; i < CHANNELS; i++)
        free(connection->endpoints[i]);
    if (connection->key)
        explicit_bzero(connection->key, strlen(connection->key));
    free(connection->key);
    free(connection->signature_scheme);
    *connection = (struct connection){.key = NULL};
}
