/*
 * The floor: what a Jupyter kernel would cost that does nothing but move bytes. One thread, one
 * zmq_poll over five sockets; every answer is frames of a real kernel's number and size, made
 * beforehand. No JSON, no signatures, no evaluator. `1+1` and everything else is 2. With --hop
 * each execute also asks another process: the least that running cells out of process costs.
 */
#include "floor_hop.h"
#include "floor_stream.h"
#include "floor_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum endpoint { SHELL, CONTROL, STDIN, HEARTBEAT, IOPUB, ENDPOINTS };

static const struct {
    const char *key;
    int type;
} endpoints[ENDPOINTS] = {
    [SHELL] = {"\"shell_port\"", ZMQ_ROUTER}, [CONTROL] = {"\"control_port\"", ZMQ_ROUTER},
    [STDIN] = {"\"stdin_port\"", ZMQ_ROUTER}, [HEARTBEAT] = {"\"hb_port\"", ZMQ_REP},
    [IOPUB] = {"\"iopub_port\"", ZMQ_XPUB},
};

static const char busy[] = "{\"execution_state\":\"busy\"}";
static const char idle[] = "{\"execution_state\":\"idle\"}";
static const char input[] = "{\"code\":\"1+1\",\"execution_count\":1}";
static const char result[] =
    "{\"execution_count\":1,\"data\":{\"text/plain\":\"2\"},\"metadata\":{}}";
static const char execute_reply[] =
    "{\"status\":\"ok\",\"execution_count\":1,\"user_expressions\":{},\"payload\":[]}";
static const char shutdown_reply[] = "{\"status\":\"ok\",\"restart\":false}";
static const char kernel_info_reply[] =
    "{\"status\":\"ok\",\"protocol_version\":\"5.5\",\"implementation\":\"floor\","
    "\"implementation_version\":\"1.0.0\",\"language_info\":{\"name\":\"floor\","
    "\"version\":\"1.0\",\"mimetype\":\"text/plain\",\"file_extension\":\".txt\","
    "\"pygments_lexer\":\"text\",\"codemirror_mode\":\"text\",\"nbconvert_exporter\":\"script\"},"
    "\"banner\":\"The floor: a bare libzmq loop that answers like a kernel would\","
    "\"debugger\":false,\"supported_features\":[\"kernel subshells\",\"iopub welcome\"],"
    "\"help_links\":[{\"text\":\"Jupyter\",\"url\":\"https://docs.jupyter.org/en/latest/\"},"
    "{\"text\":\"ZeroMQ\",\"url\":\"https://zeromq.org/get-started/\"}]}";

struct floor {
    void *sockets[ENDPOINTS];
    struct wire_request request; /* the last one from shell; its cell may be printing */
    struct wire_request control;
    struct floor_stream stream;
    int hop; /* to the other process; -1: there is none */
};

static void publish_status(struct floor *floor, const struct wire_request *parent,
                           const char *status)
{
    if (!floor->stream.is_blocked)
        wire_publish(floor->sockets[IOPUB], parent, "status", span_of(status));
}

static void finish_execute(struct floor *floor)
{
    wire_reply(floor->sockets[SHELL], &floor->request, "execute_reply", span_of(execute_reply));
    publish_status(floor, &floor->request, idle);
}

static void execute(struct floor *floor)
{
    void *iopub = floor->sockets[IOPUB];
    publish_status(floor, &floor->request, busy);
    wire_publish(iopub, &floor->request, "execute_input", span_of(input));
    if (floor_stream_start(&floor->stream, &floor->request))
        return;
    if (floor->hop >= 0)
        floor_hop_ask(floor->hop, wire_content(&floor->request));
    wire_publish(iopub, &floor->request, "execute_result", span_of(result));
    finish_execute(floor);
}

/* False when the floor shall end. */
static bool answer(struct floor *floor, enum endpoint from, struct wire_request *request)
{
    struct span header = wire_header(request);
    void *socket = floor->sockets[from];
    if (from == SHELL && memmem(header.data, header.size, "\"execute_request\"", 17)) {
        execute(floor);
    } else if (memmem(header.data, header.size, "\"kernel_info_request\"", 21)) {
        publish_status(floor, request, busy);
        wire_reply(socket, request, "kernel_info_reply", span_of(kernel_info_reply));
        publish_status(floor, request, idle);
    } else if (memmem(header.data, header.size, "\"shutdown_request\"", 18)) {
        wire_reply(socket, request, "shutdown_reply", span_of(shutdown_reply));
        return false;
    }
    return true;
}

static void echo_heartbeat(void *socket)
{
    zmq_msg_t beat;
    zmq_msg_init(&beat);
    if (zmq_msg_recv(&beat, socket, ZMQ_DONTWAIT) < 0 || zmq_msg_send(&beat, socket, 0) < 0)
        zmq_msg_close(&beat);
}

static void drop_message(void *socket)
{
    char ignored[64];
    while (zmq_recv(socket, ignored, sizeof ignored, ZMQ_DONTWAIT) >= 0)
        continue;
}

/* While a cell prints, its pipe is in shell's place: one cell at a time. */
static zmq_pollitem_t first_item(const struct floor *floor)
{
    if (floor->stream.fd < 0)
        return (zmq_pollitem_t){floor->sockets[SHELL], 0, ZMQ_POLLIN, 0};
    return (zmq_pollitem_t){NULL, floor->stream.fd,
                            (short)(floor->stream.is_blocked ? 0 : ZMQ_POLLIN), 0};
}

static bool take_first(struct floor *floor)
{
    if (floor->stream.fd < 0)
        return !wire_receive(&floor->request, floor->sockets[SHELL]) ||
               answer(floor, SHELL, &floor->request);
    if (floor_stream_turn(&floor->stream, floor->sockets[IOPUB]))
        finish_execute(floor);
    return true;
}

static void serve(struct floor *floor)
{
    bool is_running = true;
    while (is_running) {
        zmq_pollitem_t items[ENDPOINTS] = {first_item(floor)};
        for (enum endpoint i = CONTROL; i < ENDPOINTS; i++)
            items[i] = (zmq_pollitem_t){floor->sockets[i], 0, ZMQ_POLLIN, 0};
        /* XPUB cannot be polled for room, so a blocked stream looks again every millisecond. */
        if (zmq_poll(items, ENDPOINTS, floor->stream.is_blocked ? 1 : -1) < 0)
            continue;
        if (items[CONTROL].revents && wire_receive(&floor->control, floor->sockets[CONTROL]))
            is_running = answer(floor, CONTROL, &floor->control);
        if (is_running && (items[0].revents || floor->stream.is_blocked))
            is_running = take_first(floor);
        if (items[HEARTBEAT].revents)
            echo_heartbeat(floor->sockets[HEARTBEAT]);
        if (items[STDIN].revents)
            drop_message(floor->sockets[STDIN]);
        if (items[IOPUB].revents)
            drop_message(floor->sockets[IOPUB]);
    }
}

static bool bind_all(struct floor *floor, void *zmq, const char *connection)
{
    for (enum endpoint i = 0; i < ENDPOINTS; i++) {
        char address[64];
        int yes = 1;
        const char *at = strstr(connection, endpoints[i].key);
        if (!at)
            return false;
        at += strlen(endpoints[i].key);
        snprintf(address, sizeof address, "tcp://127.0.0.1:%d", atoi(at + strspn(at, ": ")));
        floor->sockets[i] = zmq_socket(zmq, endpoints[i].type);
        if (i == IOPUB)
            zmq_setsockopt(floor->sockets[i], ZMQ_XPUB_NODROP, &yes, sizeof yes);
        if (zmq_bind(floor->sockets[i], address) != 0)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct floor floor;
    static char connection[4096];
    bool has_hop = argc == 4 && strcmp(argv[1], "--hop") == 0;
    int option = has_hop ? 2 : 1;
    FILE *file =
        argc == option + 2 && strcmp(argv[option], "-f") == 0 ? fopen(argv[option + 1], "r") : NULL;
    if (!file || fread(connection, 1, sizeof connection - 1, file) == 0) {
        fprintf(stderr, "usage: floor [--hop] -f CONNECTION_FILE\n");
        return 2;
    }
    fclose(file);
    wire_request_init(&floor.request);
    wire_request_init(&floor.control);
    floor.stream.fd = -1;
    floor.hop = has_hop ? floor_hop_start() : -1;
    void *zmq = zmq_ctx_new();
    if (!bind_all(&floor, zmq, connection)) {
        fprintf(stderr, "floor: cannot bind: %s\n", zmq_strerror(zmq_errno()));
        return 1;
    }
    serve(&floor);
    for (enum endpoint i = 0; i < ENDPOINTS; i++) {
        int linger = 500;
        zmq_setsockopt(floor.sockets[i], ZMQ_LINGER, &linger, sizeof linger);
        zmq_close(floor.sockets[i]);
    }
    wire_request_fini(&floor.request);
    wire_request_fini(&floor.control);
    zmq_ctx_term(zmq);
    return 0;
}
