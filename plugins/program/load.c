/* The life of the program: started, greeted, loaded, ended. */
#include "exchange.h"
#include "forward.h"
#include "launch.h"
#include "program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An orderly end, within the half second that `unload` has. */
#define UNLOAD_MS 400
/* What a message shows of a command. A code point that is cut in two is replaced by the host. */
#define COMMAND_MAX 200

static const struct {
    const char *name;
    enum program_capability bit;
} capabilities[] = {
    {"compile", PROGRAM_COMPILE},
    {"interrupt", PROGRAM_INTERRUPT},
    {"checkpoint", PROGRAM_CHECKPOINT},
    {"complete", PROGRAM_COMPLETE},
    {"inspect", PROGRAM_INSPECT},
    {"is_complete", PROGRAM_IS_COMPLETE},
    {"compile_and_run", PROGRAM_COMPILE_AND_RUN},
};

enum hilum_status program_refuse(const struct hilum_host *host, const char *code, const char *name,
                                 const char *sentence)
{
    host->diagnostic(host, &(struct hilum_diagnostic){
                               .struct_size = sizeof(struct hilum_diagnostic),
                               .severity = HILUM_SEVERITY_ERROR,
                               .code = {code, strlen(code)},
                               .name = {name, strlen(name)},
                               .message = {sentence, strlen(sentence)},
                           });
    return HILUM_ERROR;
}

/* The command as one line, cut where it gets too long for a message. */
static char *join(const char *const *argv)
{
    size_t size = sizeof "...";
    for (size_t i = 0; argv[i]; i++)
        size += strlen(argv[i]) + 1;
    char *line = calloc(1, size);
    for (size_t i = 0; line && argv[i]; i++) {
        if (i)
            strcat(line, " ");
        strcat(line, argv[i]);
    }
    if (line && strlen(line) > COMMAND_MAX)
        strcpy(line + COMMAND_MAX, "...");
    return line;
}

static void end(struct hilum_session *session)
{
    if (session->process.link >= 0)
        close(session->process.link);
    frame_reader_fini(&session->process.reader);
    free(session->command);
    free(session->indent);
    free(session);
}

/* What went wrong while the program was starting; it is gone afterwards. */
static enum hilum_status fail(struct hilum_session *session, enum exchange_result result,
                              const char *problem, const char *phase)
{
    char how[128], sentence[700];
    if (result != EXCHANGE_GONE)
        kill(session->process.pid, SIGKILL);
    launch_reap(session->process.pid, 200, how, sizeof how);
    switch (result) {
    case EXCHANGE_GONE:
        snprintf(sentence, sizeof sentence, "the program `%s` %s %s", session->command, how, phase);
        break;
    case EXCHANGE_NOISE:
        snprintf(sentence, sizeof sentence, "the program `%s` spoke no worker protocol %s (%s)",
                 session->command, phase, problem);
        break;
    case EXCHANGE_STOPPED:
        return HILUM_INTERRUPTED;
    default:
        snprintf(sentence, sizeof sentence, "the program `%s` did not say hello in time",
                 session->command);
    }
    return program_refuse(session->host, "program.failed", "ProgramError", sentence);
}

static void read_capabilities(struct hilum_session *session, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        for (size_t k = 0; name && k < sizeof capabilities / sizeof *capabilities; k++)
            if (strcmp(name, capabilities[k].name) == 0)
                session->capabilities |= capabilities[k].bit;
    }
}

static void pass_facts(struct hilum_session *session, json_t *hello)
{
    json_t *facts = json_object();
    static const char *const keys[] = {"language_info", "banner", "help_links"};
    for (size_t i = 0; i < 3; i++)
        if (json_object_get(hello, keys[i]))
            json_object_set(facts, keys[i], json_object_get(hello, keys[i]));
    char *text = json_dumps(facts, JSON_COMPACT);
    if (text && json_object_size(facts))
        session->host->facts(session->host, (struct hilum_str){text, strlen(text)});
    free(text);
    json_decref(facts);
}

static enum hilum_status take_hello(struct hilum_session *session, json_t *hello)
{
    const char *error = json_string_value(json_object_get(hello, "error"));
    json_int_t version = json_integer_value(json_object_get(hello, "protocol"));
    char sentence[700];
    if (error)
        snprintf(sentence, sizeof sentence, "the program `%s` refuses: %s", session->command,
                 error);
    else if (version != 1)
        snprintf(
            sentence, sizeof sentence,
            "the program `%s` speaks version %lld of the worker protocol, this driver speaks 1",
            session->command, (long long)version);
    else {
        read_capabilities(session, json_object_get(hello, "capabilities"));
        pass_facts(session, hello);
        return HILUM_OK;
    }
    kill(session->process.pid, SIGKILL);
    launch_reap(session->process.pid, 200, (char[8]){0}, 8);
    return program_refuse(session->host, "program.failed", "ProgramError", sentence);
}

static enum hilum_status await_hello(struct hilum_session *session, double seconds)
{
    char problem[FRAME_PROBLEM_SIZE] = "";
    json_t *hello = NULL;
    enum exchange_result result =
        exchange_await(session, "hello", (int)(seconds * 1000), &hello, problem);
    if (result != EXCHANGE_DONE)
        return fail(session, result, problem, "before it said hello");
    enum hilum_status status = take_hello(session, hello);
    json_decref(hello);
    return status;
}

static enum hilum_status await_load(struct hilum_session *session, struct hilum_str settings)
{
    char problem[FRAME_PROBLEM_SIZE] = "";
    json_t *reply = NULL;
    json_t *object = json_loadb(settings.data, settings.size, JSON_ALLOW_NUL, NULL);
    exchange_send(session, "load_request", ++session->request,
                  json_pack("{s:o}", "settings", object ? object : json_object()));
    enum exchange_result result = exchange_await(session, "load_reply", -1, &reply, problem);
    if (result != EXCHANGE_DONE)
        return fail(session, result, problem, "while it was loading");
    enum hilum_status status = exchange_status(session, reply);
    json_decref(reply);
    if (status != HILUM_OK) {
        close(session->process.link);
        session->process.link = -1;
        launch_reap(session->process.pid, 200, (char[8]){0}, 8);
    }
    return status;
}

static enum hilum_status start(struct hilum_session *session, const struct program_start *start)
{
    char problem[512];
    struct program_process *process = &session->process;
    if (!launch(start->argv, start->environment, &process->pid, &process->link, problem,
                sizeof problem))
        return program_refuse(session->host, "program.failed", "ProgramError", problem);
    int64_t pid = process->pid;
    session->host->own_processes(session->host, &pid, 1);
    fstat(STDOUT_FILENO, &process->shown[0]);
    fstat(STDERR_FILENO, &process->shown[1]);
    enum hilum_status status = await_hello(session, start->hello_seconds);
    if (status == HILUM_OK)
        status = await_load(session, start->settings);
    return status;
}

enum hilum_status program_load(const struct hilum_host *host, const struct program_start *how,
                               struct hilum_session **session)
{
    if (!HILUM_HAS(host, lost))
        return program_refuse(host, "evaluator.refused", "EvaluatorError",
                              "this Hilum is too old for evaluators that run as programs");
    struct hilum_session *made = calloc(1, sizeof *made);
    if (!made || !(made->command = join(how->argv))) {
        free(made);
        return program_refuse(host, "evaluator.memory", "MemoryError", "out of memory");
    }
    made->host = host;
    made->process.link = -1;
    made->copy.link = -1;
    enum hilum_status status = start(made, how);
    if (status == HILUM_OK) {
        host->watch(host, made->process.link, exchange_idle, made);
        *session = made;
    } else {
        end(made);
    }
    return status;
}

void program_unload(struct hilum_session *session)
{
    session->host->watch(session->host, -1, NULL, NULL);
    exchange_send(session, "shutdown_request", 0, NULL);
    shutdown(session->process.link, SHUT_WR);
    launch_reap(session->process.pid, UNLOAD_MS, (char[8]){0}, 8);
    end(session);
}
