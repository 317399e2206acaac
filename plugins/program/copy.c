#include "copy.h"
#include "exchange.h"
#include "program.h"

#include <string.h>
#include <unistd.h>

/* A fork takes milliseconds; a program that takes this long has other worries. */
#define COPY_MS   2000
#define RESUME_MS 5000

static void drop_copy(struct hilum_session *session)
{
    if (session->copy.link >= 0)
        close(session->copy.link);
    session->copy = (struct program_copy){.link = -1};
}

/* All processes that are the evaluator's: the program, and its copies, of which some may be gone. */
static void declare(struct hilum_session *session)
{
    int64_t pids[COPIES_MAX + 1] = {session->process.pid};
    size_t count = session->copies < COPIES_MAX ? session->copies : COPIES_MAX;
    for (size_t i = 0; i < count; i++)
        pids[i + 1] = session->copy_pids[i];
    session->host->own_processes(session->host, pids, count + 1);
}

static enum hilum_status make_copy(struct hilum_session *session)
{
    struct frame_reader *reader = &session->process.reader;
    if (!(session->capabilities & PROGRAM_CHECKPOINT))
        return HILUM_UNAVAILABLE;
    exchange_begin(session, true);
    frame_reader_drop_passed(reader);
    json_t *reply =
        exchange_try(session, "checkpoint_request", "checkpoint_reply", json_object(), COPY_MS);
    json_int_t pid = json_integer_value(json_object_get(reply, "pid"));
    json_decref(reply);
    if (pid <= 1 || pid > INT32_MAX || !reader->has_passed)
        return HILUM_ERROR;
    session->copy = (struct program_copy){.pid = (pid_t)pid, .link = reader->passed};
    reader->has_passed = false;
    return HILUM_OK;
}

static void stay_session(struct hilum_session *session)
{
    session->copy_pids[session->copies++ % COPIES_MAX] = session->copy.pid;
    drop_copy(session);
    declare(session);
}

/* The session's program is nothing to us: it sees the end of its link when its worker is gone. */
static void become_copy(struct hilum_session *session)
{
    struct program_process *process = &session->process;
    close(process->link);
    frame_reader_fini(&process->reader);
    process->link = session->copy.link;
    process->pid = session->copy.pid;
    session->copy = (struct program_copy){.link = -1};
    session->host->watch(session->host, process->link, exchange_idle, session);
}

static void resume(struct hilum_session *session)
{
    json_t *reply = exchange_try(session, "resume_request", "resume_reply",
                                 json_pack("{s:I}", "group", (json_int_t)getpgrp()), RESUME_MS);
    if (!reply)
        exchange_lose(session, "did not wake up");
    json_decref(reply);
    declare(session);
}

enum hilum_status program_forking(struct hilum_session *session, enum hilum_fork phase)
{
    switch (phase) {
    case HILUM_FORK_PREPARE:
        return make_copy(session);
    case HILUM_FORK_SESSION:
        stay_session(session);
        break;
    case HILUM_FORK_CHECKPOINT:
        become_copy(session);
        break;
    case HILUM_FORK_FAILED:
        drop_copy(session);
        break;
    case HILUM_FORK_RESUMED:
        resume(session);
        break;
    }
    return HILUM_OK;
}
