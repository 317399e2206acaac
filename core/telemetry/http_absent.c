/* telemetry/http without libmicrohttpd: ./configure --disable-metrics. */
#include "telemetry/http.h"

#include <unistd.h>

bool http_is_there(struct error *error)
{
    return error_set(error, "this build cannot serve metrics: it was configured without "
                            "libmicrohttpd");
}

struct http *http_open(struct loop *loop, int listener, const struct http_page *page,
                       struct error *error)
{
    (void)loop, (void)page;
    close(listener);
    (void)!http_is_there(error);
    return NULL;
}

void http_close(struct http *http)
{
    (void)http;
}
