#include "kernel/flight.h"
#include "kernel/cell.h"
#include "kernel/magic.h"
#include "kernel/state.h"

/* Only behind a cell that the worker has, and that nothing will keep from being the last. */
static bool may_fly(const struct kernel *kernel)
{
    const struct execution *e = &kernel->execution;
    return e->active && e->is_cell && e->sent && !e->interrupted && !e->finishing &&
           kernel->session.state == SESSION_READY && !kernel->shutting_down &&
           !kernel->guard.watches && !publisher_is_congested(&kernel->publisher);
}

static bool fits(const struct flight *flight, const struct request *request, struct cell *cell)
{
    return request->type->handle == execution_handle_execute && !request->doomed &&
           flight->count < FLIGHT_MAX && request->size <= FLIGHT_BYTES_MAX - flight->bytes &&
           !request->names_subshell && cell_read(request, cell) && !magic_is_possible(cell->code);
}

static void send_ahead(struct kernel *kernel, struct request *request, const struct cell *cell)
{
    struct flight *flight = &kernel->flight;
    flight->execution_count += cell->is_counted;
    request->sent_as = ++kernel->execution.last_id;
    flight->count++;
    flight->bytes += request->size;
    flight->last = request;
    session_enqueue(&kernel->session, &(struct link_message){
                                          .type = request->type->name,
                                          .id = request->sent_as,
                                          .execution_count = flight->execution_count,
                                          .more = request->next,
                                          .ahead = true,
                                          .part_count = 1,
                                          .parts = {request->content},
                                      });
}

void flight_fill(struct kernel *kernel)
{
    struct flight *flight = &kernel->flight;
    struct request *request = flight->last ? flight->last->next : kernel->queue.first;
    struct cell cell;
    if (!request || flight->count > FLIGHT_LOW || !may_fly(kernel))
        return;
    if (!flight->count)
        flight->execution_count = kernel->execution.count;
    bool any = false;
    for (; request && fits(flight, request, &cell); request = request->next, any = true)
        send_ahead(kernel, request, &cell);
    if (any)
        session_flush(&kernel->session);
}

bool flight_lands(struct kernel *kernel, const struct request *request)
{
    struct flight *flight = &kernel->flight;
    if (!flight->count)
        return false;
    flight->count--;
    flight->bytes -= request->size;
    if (!flight->count)
        flight->last = NULL;
    return true;
}

void flight_cancel(struct kernel *kernel)
{
    struct request *request = kernel->queue.first;
    for (size_t i = 0; i < kernel->flight.count; i++, request = request->next)
        request->sent_as = 0;
    kernel->flight = (struct flight){.last = NULL};
}
