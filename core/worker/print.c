#include "worker/print.h"
#include "worker/host.h"
#include "worker/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* False when the rest of the output is not wanted any more. */
static bool wait_writable(int fd)
{
    if (errno == EINTR)
        return !interrupt_pending();
    if (errno != EAGAIN)
        return false; /* user code closed or replaced the descriptor */
    struct pollfd poll_out = {.fd = fd, .events = POLLOUT};
    return poll(&poll_out, 1, -1) >= 0 || !interrupt_pending();
}

static void write_to(int stream, struct str text)
{
    int fd = stream ? STDERR_FILENO : STDOUT_FILENO;
    while (text.size) {
        ssize_t size = write(fd, text.data, text.size);
        if (size < 0 && !wait_writable(fd))
            return;
        if (size > 0)
            text = str_slice(text, (size_t)size, text.size);
    }
}

/* Without a ring, only a wait keeps the order between stdout and stderr. */
static void write_after_other(struct host *host, int stream, struct str text)
{
    enum hilum_stream name = stream ? HILUM_STDERR : HILUM_STDOUT;
    if (!host->printer.ring.page && host->last_stream && host->last_stream != name)
        host_sync(host);
    host->last_stream = name;
    write_to(stream, text);
}

void print_stream(const struct hilum_host *table, enum hilum_stream name, struct hilum_str text)
{
    struct host *host = host_of(table);
    int stream = name == HILUM_STDERR;
    enum printer_way way = printer_choose(&host->printer, stream);
    if (way == PRINTER_SYNC) {
        host_sync(host);
        way = printer_choose(&host->printer, stream);
    }
    if (way == PRINTER_RING)
        ring_writer_put(&host->printer.ring, stream, str_from_plugin(text), interrupt_pending);
    else if (way == PRINTER_NO_CHOICE)
        write_after_other(host, stream, str_from_plugin(text));
    else
        write_to(stream, str_from_plugin(text));
}

void print_stream_on(const struct hilum_host *table, enum hilum_stream name, struct hilum_str text)
{
    struct host *host = host_of(table);
    if (host->printer.in_order && ring_writer_is_ours(&host->printer.ring))
        ring_writer_put(&host->printer.ring, name == HILUM_STDERR, str_from_plugin(text),
                        interrupt_pending);
    else
        print_stream(table, name, text);
}
