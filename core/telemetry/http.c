#include "telemetry/http.h"
#include "base/library.h"

#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define SONAME "libmicrohttpd.so.12"
/* Of a connection: the request's head, and the answer's. */
#define CONNECTION_MEMORY ((size_t)8 << 10)
/* Until those are looked at that wait behind others. */
#define AGAIN_MS 1

/* The functions that are used, with the types of the header. */
#define FUNCTIONS(X)                                                                               \
    X(MHD_start_daemon)                                                                            \
    X(MHD_stop_daemon)                                                                             \
    X(MHD_get_daemon_info)                                                                         \
    X(MHD_get_timeout)                                                                             \
    X(MHD_run)                                                                                     \
    X(MHD_lookup_connection_value)                                                                 \
    X(MHD_create_response_from_buffer)                                                             \
    X(MHD_add_response_header)                                                                     \
    X(MHD_queue_response)                                                                          \
    X(MHD_destroy_response)

struct functions {
    FUNCTIONS(LIBRARY_MEMBER)
};

struct http {
    struct loop *loop;
    struct http_page page;
    struct functions call;
    struct MHD_Daemon *daemon;
    struct loop_watch watch;    /* its epoll descriptor */
    struct loop_watch arrivals; /* the socket that listens */
    struct loop_timer timer;    /* when it wants to be called, whatever happens */
};

static bool load(struct functions *call, struct error *error)
{
    static const char *const names[] = {FUNCTIONS(LIBRARY_NAME)};
    return library_load(SONAME, names, sizeof names / sizeof *names, call, error) ||
           error_prefix(error, "metrics need libmicrohttpd (Debian: libmicrohttpd12)");
}

bool http_is_there(struct error *error)
{
    struct functions call;
    return load(&call, error);
}

static enum MHD_Result send_text(struct http *http, struct MHD_Connection *connection,
                                 unsigned status, const char *type, struct buffer *text)
{
    if (text->failed) {
        buffer_fini(text);
        return MHD_NO;
    }
    /* The response frees the text. */
    struct MHD_Response *response =
        http->call.MHD_create_response_from_buffer(text->size, text->data, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        buffer_fini(text);
        return MHD_NO;
    }
    http->call.MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        http->call.MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = http->call.MHD_queue_response(connection, status, response);
    http->call.MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct http *http, struct MHD_Connection *connection, unsigned status,
                              const char *sentence)
{
    struct buffer text = {0};
    buffer_append_cstr(&text, sentence);
    return send_text(http, connection, status, "text/plain; charset=utf-8", &text);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    struct http *http = context;
    struct buffer text = {0};
    (void)version, (void)upload, (void)upload_size, (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return refuse(http, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (strcmp(url, "/metrics") != 0)
        return refuse(http, connection, MHD_HTTP_NOT_FOUND, "only /metrics\n");
    enum exposition exposition = exposition_choose(http->call.MHD_lookup_connection_value(
        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
    http->page.write(http->page.context, exposition, &text);
    return send_text(http, connection, MHD_HTTP_OK, exposition_type(exposition), &text);
}

/* Somebody is waiting, and there is a place. */
static bool may_accept(const struct http *http)
{
    const union MHD_DaemonInfo *info =
        http->call.MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    struct pollfd arrival = {.fd = http->arrivals.fd, .events = POLLIN};
    return info && info->num_connections < HTTP_CONNECTIONS_MAX && poll(&arrival, 1, 0) > 0;
}

/* Once it was full, MHD listens again only when it is run for some other reason; and it does not take
 * all that wait in one run. So the socket that listens is watched here, too. */
static void go_on(void *context)
{
    struct http *http = context;
    MHD_UNSIGNED_LONG_LONG milliseconds;
    http->call.MHD_run(http->daemon);
    if (may_accept(http))
        loop_start_timer(http->loop, &http->timer, AGAIN_MS);
    else if (http->call.MHD_get_timeout(http->daemon, &milliseconds) == MHD_YES)
        loop_start_timer(http->loop, &http->timer, (int64_t)milliseconds);
    else
        loop_stop_timer(http->loop, &http->timer);
}

static void on_ready(void *context, uint32_t events)
{
    (void)events;
    go_on(context);
}

static bool start(struct http *http, int listener, struct error *error)
{
    http->daemon = http->call.MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, answer, http, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_TIMEOUT_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    if (!http->daemon) {
        close(listener);
        return error_set(error, "libmicrohttpd cannot start");
    }
    const union MHD_DaemonInfo *info =
        http->call.MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info)
        return error_set(error, "libmicrohttpd has no epoll here");
    http->watch = (struct loop_watch){info->epoll_fd, EPOLLIN, on_ready, http};
    http->arrivals = (struct loop_watch){listener, EPOLLIN | EPOLLET, on_ready, http};
    return loop_watch(http->loop, &http->watch, error) &&
           loop_watch(http->loop, &http->arrivals, error);
}

struct http *http_open(struct loop *loop, int listener, const struct http_page *page,
                       struct error *error)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http || !load(&http->call, error)) {
        if (!http)
            error_set(error, "out of memory");
        close(listener);
        free(http);
        return NULL;
    }
    http->loop = loop;
    http->page = *page;
    http->watch.fd = http->arrivals.fd = -1;
    http->timer = (struct loop_timer){.fire = go_on, .context = http};
    if (start(http, listener, error))
        return http;
    http_close(http);
    return NULL;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    loop_stop_timer(http->loop, &http->timer);
    loop_unwatch(http->loop, &http->watch);
    loop_unwatch(http->loop, &http->arrivals);
    if (http->daemon)
        http->call.MHD_stop_daemon(http->daemon); /* closes the socket that listens, too */
    free(http);
}
