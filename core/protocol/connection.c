#include "protocol/connection.h"
#include "protocol/connection_file.h"
#include "protocol/endpoint.h"
#include "telemetry/log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_KEY_SIZE 32

static const char *const names[CHANNELS] = {"shell", "control", "iopub", "stdin", "hb"};

const char *channel_name_text(enum channel_name channel)
{
    return names[channel];
}

static void port_key(enum channel_name channel, char key[PORT_KEY_SIZE])
{
    snprintf(key, PORT_KEY_SIZE, "%s_port", names[channel]);
}

static bool keep(char **place, const char *text, struct error *error)
{
    *place = strdup(text);
    return *place || error_set(error, "out of memory");
}

static bool bad_port(const struct connection_file *file, const char *key, const char *expected,
                     struct error *error)
{
    return error_set(error, "connection file %s: \"%s\" %s, expected %s", file->name, key,
                     connection_file_has(file, key) ? "is no port" : "is missing", expected);
}

static bool is_port(const struct connection *c, json_int_t number)
{
    return number >= 0 && number <= (c->is_ipc ? INT32_MAX : 65535);
}

static bool read_ports(struct connection *c, const struct connection_file *file,
                       struct error *error)
{
    for (enum channel_name i = 0; i < CHANNELS; i++) {
        char key[PORT_KEY_SIZE];
        port_key(i, key);
        json_t *value = json_object_get(file->root, key);
        if (!json_is_integer(value) || !is_port(c, json_integer_value(value)))
            return bad_port(file, key,
                            "a port number from 1 to 65535, or 0 for one that the kernel chooses",
                            error);
        c->ports[i] = (int)json_integer_value(value);
    }
    return true;
}

/* The specification shows a number; xeus writes and reads a text. */
static bool read_registration_port(const struct connection *c, const struct connection_file *file,
                                   int *port, struct error *error)
{
    static const char key[] = "registration_port";
    json_t *value = json_object_get(file->root, key);
    const char *text = json_string_value(value);
    char *end = NULL;
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : 0;
    if (text && text[0] >= '0' && text[0] <= '9') {
        errno = 0;
        number = strtoll(text, &end, 10);
        number = *end || errno ? 0 : number;
    }
    if (number < 1 || !is_port(c, number))
        return bad_port(file, key, "a port number from 1 to 65535", error);
    *port = (int)number;
    return true;
}

static bool read_registration(struct connection *c, const struct connection_file *file,
                              const char *registration_ip, struct error *error)
{
    int port = 0;
    const char *kernel_id = connection_file_string(file, "kernel_id", NULL, error);
    if (!kernel_id || !read_registration_port(c, file, &port, error) ||
        !keep(&c->kernel_id, kernel_id, error))
        return false;
    c->registration_endpoint = endpoint_text(c->is_ipc, registration_ip, port);
    return c->registration_endpoint || error_set(error, "out of memory");
}

static bool read_transport(struct connection *c, const struct connection_file *file,
                           struct error *error)
{
    const char *transport = connection_file_string(file, "transport", "tcp", error);
    if (!transport)
        return false;
    c->is_ipc = strcmp(transport, "ipc") == 0;
    return c->is_ipc || strcmp(transport, "tcp") == 0 ||
           error_set(error,
                     "connection file %s: \"transport\" is \"%.40s\", expected \"tcp\" or \"ipc\"",
                     file->name, transport);
}

/* A registration file does not say where the kernel listens: where its launcher does, then, which
 * the launcher can reach. An "ip" says otherwise. */
static bool read_place(struct connection *c, const struct connection_file *file,
                       struct error *error)
{
    const char *launcher = NULL;
    bool registers = connection_file_has(file, "registration_port") ||
                     connection_file_has(file, "registration_ip");
    if (!read_transport(c, file, error))
        return false;
    if (registers && !(launcher = connection_file_string(file, "registration_ip", NULL, error)))
        return false;
    const char *ip = connection_file_string(file, "ip", registers ? launcher : "127.0.0.1", error);
    if (!ip || !keep(&c->ip, ip, error))
        return false;
    return registers ? read_registration(c, file, launcher, error) : read_ports(c, file, error);
}

static bool read_signature(struct connection *c, const struct connection_file *file,
                           struct error *error)
{
    const char *key = connection_file_string(file, "key", "", error);
    const char *scheme =
        key ? connection_file_string(file, "signature_scheme", "hmac-sha256", error) : NULL;
    return scheme && keep(&c->key, key, error) && keep(&c->signature_scheme, scheme, error);
}

/* JEP 145: both keys or none; a kernel that has only one of them refuses to start. */
static bool read_curve(struct connection *c, const struct connection_file *file,
                       struct error *error)
{
    bool has_public = connection_file_has(file, CURVE_PUBLIC_NAME);
    bool has_secret = connection_file_has(file, CURVE_SECRET_NAME);
    if (!has_public && !has_secret)
        return true;
    if (!has_public || !has_secret)
        return error_set(error, "connection file %s: \"%s\" is missing, expected both keys or none",
                         file->name, has_public ? CURVE_SECRET_NAME : CURVE_PUBLIC_NAME);
    const char *public_text = connection_file_string(file, CURVE_PUBLIC_NAME, NULL, error);
    const char *secret_text =
        public_text ? connection_file_string(file, CURVE_SECRET_NAME, NULL, error) : NULL;
    if (!secret_text)
        return false;
    return curve_key_read(&c->curve, public_text, secret_text, error) ||
           error_prefix(error, "connection file %s", file->name);
}

bool connection_read(struct connection *connection, const char *file, struct error *error)
{
    struct connection_file content;
    *connection = (struct connection){.ip = NULL};
    if (!connection_file_open(&content, file, true, error))
        return false;
    bool good = read_signature(connection, &content, error) &&
                read_place(connection, &content, error) && read_curve(connection, &content, error);
    connection_file_close(&content);
    for (size_t i = 0; i < CHANNELS; i++)
        connection->ports_chosen |= connection->ports[i] == 0;
    if (!good)
        connection_fini(connection);
    return good;
}

static bool set(const struct connection_file *file, const char *key, json_t *value)
{
    return json_object_set_new(file->root, key, value) == 0;
}

static bool write_ports(const struct connection *c, const struct connection_file *file,
                        struct error *error)
{
    bool good = set(file, "transport", json_string(c->is_ipc ? "ipc" : "tcp")) &&
                set(file, "ip", json_string(c->ip));
    for (enum channel_name i = 0; good && i < CHANNELS; i++) {
        char key[PORT_KEY_SIZE];
        port_key(i, key);
        good = set(file, key, json_integer(c->ports[i]));
    }
    return good ? connection_file_replace(file, error) : error_set(error, "out of memory");
}

bool connection_publish(const struct connection *connection, const char *file, struct error *error)
{
    struct connection_file content;
    const int *ports = connection->ports;
    if (!connection->ports_chosen)
        return true;
    log_info("listening on %s, ports: shell %d, control %d, iopub %d, stdin %d, hb %d",
             connection->ip, ports[CHANNEL_SHELL], ports[CHANNEL_CONTROL], ports[CHANNEL_IOPUB],
             ports[CHANNEL_STDIN], ports[CHANNEL_HB]);
    if (!connection_file_open(&content, file, false, error))
        return false;
    bool good = write_ports(connection, &content, error);
    connection_file_close(&content);
    return good;
}

void connection_fini(struct connection *connection)
{
    if (connection->key)
        explicit_bzero(connection->key, strlen(connection->key));
    curve_key_wipe(&connection->curve);
    free(connection->key);
    free(connection->signature_scheme);
    free(connection->ip);
    free(connection->kernel_id);
    free(connection->registration_endpoint);
    *connection = (struct connection){.ip = NULL};
}
