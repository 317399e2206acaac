#include "exchange.h"
#include "diagnose.h"
#include "forward.h"
#include "launch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A program that does not obey interrupt_request gets SIGINT from the kernel, with its process
 * group, and again from us: the first may have come before it had read the request. */
#define INSIST_MS 100
/* A program that has closed its link is given this long to end by itself. */
#define FAREWELL_MS 200

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Sending ---- */

/* Takes bytes off the link while it does not take ours: the program may be blocked sending. */
static bool make_way(struct hilum_session *session)
{
    struct pollfd link = {.fd = session->process.link, .events = POLLIN | POLLOUT};
    if (poll(&link, 1, -1) < 0)
        return errno == EINTR;
    if (!(link.revents & POLLIN))
        return true;
    return frame_read(&session->process.reader, session->process.link) != FRAME_INPUT_ENDED;
}

static bool send_bytes(struct hilum_session *session, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(session->process.link, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            bytes += sent;
            size -= (size_t)sent;
        } else if (errno != EINTR && (errno != EAGAIN || !make_way(session))) {
            return false;
        }
    }
    return true;
}

bool exchange_send(struct hilum_session *session, const char *type, int64_t id, json_t *content)
{
    size_t size = 0;
    char *text = content ? json_dumps(content, JSON_COMPACT) : NULL;
    char *frame =
        text || !content
            ? frame_encode(type, id, (struct hilum_str){text, text ? strlen(text) : 0}, &size)
            : NULL;
    bool good = frame && send_bytes(session, frame, size);
    json_decref(content);
    free(text);
    free(frame);
    return good;
}

/* ---- The end ---- */

/* How the program ended completes the sentence "the worker process ...". */
static _Noreturn void lose(struct hilum_session *session, const char *problem, bool untouched)
{
    char how[128] = "", cause[480];
    if (problem)
        kill(session->process.pid, SIGKILL);
    launch_reap(session->process.pid, FAREWELL_MS, how, sizeof how);
    if (problem)
        snprintf(how, sizeof how, "spoke no worker protocol");
    snprintf(cause, sizeof cause, "ended because its program `%s` %s%s%s%s", session->command, how,
             problem ? " (" : "", problem ? problem : "", problem ? ")" : "");
    session->host->lost(session->host, (struct hilum_str){cause, strlen(cause)}, untouched);
    abort();
}

/* ---- Waiting ---- */

void exchange_told(struct hilum_session *session)
{
    session->told = true;
    session->told_at = now_ms();
}

/* Tells the program that it is interrupted. False: nothing can be told, the wait is to end. */
static bool pass_interrupt(struct hilum_session *session)
{
    if (!session->serving)
        return false;
    bool obeys = session->capabilities & PROGRAM_INTERRUPT;
    if (!session->told) {
        if (obeys)
            exchange_send(session, "interrupt_request", session->request, NULL);
        exchange_told(session);
    } else if (!obeys && now_ms() - session->told_at >= INSIST_MS) {
        kill(session->process.pid, SIGINT);
        exchange_told(session);
    }
    return true;
}

/* SIGINT is held back between the check for an interrupt and the wait: none slips in between. */
static enum exchange_result wait_input(struct hilum_session *session, int64_t deadline)
{
    enum exchange_result result = EXCHANGE_DONE;
    struct pollfd link = {.fd = session->process.link, .events = POLLIN};
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    for (;;) {
        bool interrupted = session->host->cancelled(session->host);
        int64_t left = deadline < 0 ? -1 : deadline - now_ms();
        if (interrupted && !pass_interrupt(session))
            result = EXCHANGE_STOPPED;
        else if (deadline >= 0 && left <= 0)
            result = EXCHANGE_TIMEOUT;
        if (result != EXCHANGE_DONE)
            break;
        if (interrupted && !(session->capabilities & PROGRAM_INTERRUPT) &&
            (left < 0 || left > INSIST_MS))
            left = INSIST_MS;
        struct timespec time = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        if (ppoll(&link, 1, left < 0 ? NULL : &time, &before) > 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static bool is_awaited(const struct hilum_session *session, const struct frame *frame,
                       const char *type)
{
    return type && strcmp(frame->type, type) == 0 &&
           (!session->serving || frame->id == session->request);
}

/* Passes on what has been read; EXCHANGE_DONE with *content NULL: what is awaited has not come. */
static enum exchange_result take_frames(struct hilum_session *session, const char *type,
                                        json_t **content, char problem[FRAME_PROBLEM_SIZE])
{
    struct frame frame;
    *content = NULL;
    for (;;) {
        switch (frame_next(&session->process.reader, &frame, problem)) {
        case FRAME_MORE:
            return EXCHANGE_DONE;
        case FRAME_BROKEN:
            return EXCHANGE_NOISE;
        case FRAME_COMPLETE:
            break;
        }
        if (!is_awaited(session, &frame, type)) {
            forward(session, &frame);
            continue;
        }
        *content = forward_content(session, &frame);
        if (*content)
            return EXCHANGE_DONE;
        snprintf(problem, FRAME_PROBLEM_SIZE, "a %s whose content is no JSON object", type);
        return EXCHANGE_NOISE;
    }
}

enum exchange_result exchange_await(struct hilum_session *session, const char *type, int timeout_ms,
                                    json_t **content, char problem[FRAME_PROBLEM_SIZE])
{
    int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    for (;;) {
        enum exchange_result result = take_frames(session, type, content, problem);
        if (result != EXCHANGE_DONE || *content)
            return result;
        result = wait_input(session, deadline);
        if (result != EXCHANGE_DONE)
            return result;
        if (frame_read(&session->process.reader, session->process.link) == FRAME_INPUT_ENDED)
            return EXCHANGE_GONE;
    }
}

/* Sends a request under a new id, and is serving it from now on. */
static void open_request(struct hilum_session *session, const char *type, json_t *content)
{
    session->request++;
    session->serving = true;
    session->told = false;
    /* What it sent before it died still counts, so a send that fails is no reason to give up. */
    exchange_send(session, type, session->request, content);
}

/* The last answer to a request is there: what came along with it shows in no poll. */
static void close_request(struct hilum_session *session, bool untouched)
{
    char problem[FRAME_PROBLEM_SIZE];
    json_t *none;
    session->serving = false;
    if (take_frames(session, NULL, &none, problem) == EXCHANGE_NOISE)
        lose(session, problem, untouched);
}

/* An answer to the request that is served; NULL: the time is over. */
static json_t *await_answer(struct hilum_session *session, const char *reply, int timeout_ms,
                            bool untouched)
{
    char problem[FRAME_PROBLEM_SIZE];
    json_t *answer = NULL;
    enum exchange_result result = exchange_await(session, reply, timeout_ms, &answer, problem);
    if (result == EXCHANGE_GONE || result == EXCHANGE_NOISE) {
        session->serving = false;
        lose(session, result == EXCHANGE_NOISE ? problem : NULL, untouched);
    }
    return answer;
}

/* A whole request; NULL: the time is over. */
static json_t *ask(struct hilum_session *session, const char *type, const char *reply,
                   json_t *content, int timeout_ms, bool untouched)
{
    open_request(session, type, content);
    json_t *answer = await_answer(session, reply, timeout_ms, untouched);
    close_request(session, untouched);
    return answer;
}

json_t *exchange_ask(struct hilum_session *session, const char *type, const char *reply,
                     json_t *content)
{
    return ask(session, type, reply, content, -1, false);
}

/* What came along with the first answer is left in the reader: it may be the second. */
json_t *exchange_open(struct hilum_session *session, const char *type, const char *first,
                      json_t *content)
{
    open_request(session, type, content);
    json_t *answer = await_answer(session, first, -1, false);
    const char *status = json_string_value(json_object_get(answer, "status"));
    if (!status || strcmp(status, "ok") != 0)
        close_request(session, false);
    return answer;
}

json_t *exchange_finish(struct hilum_session *session, const char *second)
{
    json_t *answer = await_answer(session, second, -1, false);
    close_request(session, false);
    return answer;
}

json_t *exchange_try(struct hilum_session *session, const char *type, const char *reply,
                     json_t *content, int timeout_ms)
{
    return ask(session, type, reply, content, timeout_ms, true);
}

void exchange_lose(struct hilum_session *session, const char *problem)
{
    lose(session, problem, true);
}

static void take_waiting(struct hilum_session *session, bool untouched)
{
    char problem[FRAME_PROBLEM_SIZE];
    json_t *none;
    struct pollfd link = {.fd = session->process.link, .events = POLLIN};
    while (poll(&link, 1, 0) > 0) {
        bool ended =
            frame_read(&session->process.reader, session->process.link) == FRAME_INPUT_ENDED;
        if (take_frames(session, NULL, &none, problem) == EXCHANGE_NOISE)
            lose(session, problem, untouched);
        if (ended)
            lose(session, NULL, untouched);
    }
}

/* A request may be on its way to us by now; nothing of it is begun. */
void exchange_idle(struct hilum_session *session)
{
    take_waiting(session, true);
}

/* ---- Between requests ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool send_descriptors(struct hilum_session *session)
{
    static const int fds[] = {STDOUT_FILENO, STDERR_FILENO};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof fds)];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof fds),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), fds, sizeof fds);
    size_t size = 0;
    char *text = frame_encode("redirect", 0, (struct hilum_str){NULL, 0}, &size);
    struct iovec part = {text, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    /* A message this short goes whole into an empty socket, or not at all. */
    bool sent = text && sendmsg(session->process.link, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
                            (ssize_t)size;
    free(text);
    return sent;
}

static void redirect(struct hilum_session *session)
{
    struct stat now[2];
    struct stat *shown = session->process.shown;
    if (fstat(STDOUT_FILENO, &now[0]) < 0 || fstat(STDERR_FILENO, &now[1]) < 0 ||
        (is_same(&now[0], &shown[0]) && is_same(&now[1], &shown[1])))
        return;
    if (send_descriptors(session))
        memcpy(shown, now, sizeof now);
}

void exchange_begin(struct hilum_session *session, bool untouched)
{
    take_waiting(session, untouched);
    redirect(session);
}

enum hilum_status exchange_status(struct hilum_session *session, const json_t *answer)
{
    const char *status = json_string_value(json_object_get(answer, "status"));
    if (status && strcmp(status, "ok") == 0)
        return HILUM_OK;
    if (status && strcmp(status, "aborted") == 0)
        return HILUM_INTERRUPTED;
    if (json_object_get(answer, "ename"))
        diagnose_error(session, answer);
    return HILUM_ERROR;
}
