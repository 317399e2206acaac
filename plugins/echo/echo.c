/*
 * echo: the reference evaluator. The result of a cell is its own code. Copy this file to start your
 * own: each thing that Hilum can ask of an evaluator is here once, and nothing else.
 *
 * A cell whose first word is in `commands` does what the help says instead, so that one can see,
 * and test, what the host offers. A cell that ends in a backslash is incomplete.
 */
#include <hilum/evaluator.h>

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "1.0" /* outside of Hilum's build */
#endif

/* What persists between cells. */
struct hilum_session {
    const struct hilum_host *host;
    bool results;               /* option "results" */
    volatile sig_atomic_t stop; /* an interrupt arrived */
};

/* One compiled cell: what to do with the text, which is borrowed from the source. */
struct hilum_unit {
    enum { COMM, DISPLAY, ERROR, INPUT, PRINT, SLEEP, WARN, ECHO } verb;
    struct hilum_str text;
    char line[]; /* the text and a line end: what is printed in one piece is shown in one piece */
};

static const char *const commands[ECHO] = {
    [COMM] = "comm TARGET: opens a comm to TARGET, says hello on it and closes it",
    [DISPLAY] = "display TEXT: shows TEXT as display_data",
    [ERROR] = "error TEXT: fails with TEXT",
    [INPUT] = "input PROMPT: asks for a line, which is the result",
    [PRINT] = "print TEXT: prints TEXT and a newline on stdout",
    [SLEEP] = "sleep SECONDS: waits; an interrupt stops it",
    [WARN] = "warn TEXT: prints TEXT and a newline on stderr",
};

static struct hilum_str str(const char *text)
{
    return (struct hilum_str){text, strlen(text)};
}

/* Hands a text to host->result, host->display or host->inspection. */
static void show(const struct hilum_host *host, struct hilum_str text,
                 void (*how)(const struct hilum_host *, const struct hilum_bundle *))
{
    struct hilum_datum datum = {str("text/plain"), text, HILUM_TEXT};
    struct hilum_bundle bundle = {.struct_size = sizeof(bundle), .data = &datum, .count = 1};
    how(host, &bundle);
}

static enum hilum_status fail(const struct hilum_host *host, struct hilum_str message)
{
    struct hilum_diagnostic diagnostic = {.struct_size = sizeof(diagnostic),
                                          .severity = HILUM_SEVERITY_ERROR,
                                          .code = str("echo.error"),
                                          .name = str("EchoError"),
                                          .message = message,
                                          .span = {.line = 1, .column = 1}};
    host->diagnostic(host, &diagnostic);
    return HILUM_ERROR;
}

static enum hilum_status load(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **session)
{
    struct hilum_session *made = calloc(1, sizeof(*made));
    if (!made)
        return fail(host, str("there is no memory for a session"));
    made->host = host;
    for (size_t i = 0; i < setting_count; i++) /* there is one option: this is "results" */
        made->results = settings[i].value.size == strlen("true");
    *session = made;
    return HILUM_OK;
}

/* The seconds that a text says, -1 if it is no number. Texts do not end in NUL. */
static long seconds_of(struct hilum_str text)
{
    long seconds = text.size > 0 && text.size < 9 ? 0 : -1;
    for (size_t i = 0; i < text.size && seconds >= 0; i++)
        seconds = isdigit((unsigned char)text.data[i]) ? seconds * 10 + text.data[i] - '0' : -1;
    return seconds;
}

/* The command that begins the code; *text becomes what is after it. */
static int parse(struct hilum_str code, struct hilum_str *text)
{
    *text = code;
    for (int verb = 0; verb < ECHO; verb++) {
        size_t size = strcspn(commands[verb], " ");
        size_t blank = code.size > size;
        if (code.size >= size && memcmp(code.data, commands[verb], size + blank) == 0) {
            *text = (struct hilum_str){code.data + size + blank, code.size - size - blank};
            return verb;
        }
    }
    return ECHO;
}

static enum hilum_status compile(struct hilum_session *session, const struct hilum_source *source,
                                 struct hilum_unit **unit)
{
    struct hilum_str text;
    int verb = parse(source->code, &text);
    if (verb == SLEEP && seconds_of(text) < 0)
        return fail(session->host, str("sleep needs a whole number of seconds"));
    struct hilum_unit *made = malloc(sizeof(*made) + text.size + 1);
    if (!made)
        return fail(session->host, str("there is no memory for the cell"));
    made->verb = verb;
    made->text = text;
    if (text.size)
        memcpy(made->line, text.data, text.size);
    made->line[text.size] = '\n';
    *unit = made;
    return HILUM_OK;
}

static void greet(const struct hilum_host *host, struct hilum_str target)
{
    char id[32];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* a cell that ran once does not come twice */
    snprintf(id, sizeof(id), "echo-%lld-%09ld", (long long)now.tv_sec, now.tv_nsec);
    struct hilum_comm_message message = {
        .struct_size = sizeof(message), .comm_id = str(id), .target_name = target};
    host->comm_open(host, &message);
    message.data = str("{\"text\":\"hello\"}");
    host->comm_msg(host, &message);
    message.data = str("{}");
    host->comm_close(host, &message);
}

static enum hilum_status run(struct hilum_session *session, struct hilum_unit *unit)
{
    const struct hilum_host *host = session->host;
    enum hilum_status status;
    enum hilum_stream stream;
    struct hilum_str line;
    session->stop = 0;
    if (HILUM_HAS(host, unchanged)) /* nothing here lasts from cell to cell */
        host->unchanged(host);
    if (host->cancelled(host)) /* the interrupt came before the line above */
        return HILUM_INTERRUPTED;
    switch (unit->verb) {
    case COMM:
        greet(host, unit->text);
        return HILUM_OK;
    case DISPLAY:
        show(host, unit->text, host->display);
        return HILUM_OK;
    case ERROR:
        return fail(host, unit->text);
    case INPUT:
        status = host->input(host, unit->text, false, &line);
        if (status == HILUM_OK)
            show(host, line, host->result);
        if (status == HILUM_UNAVAILABLE)
            return fail(host, str("nobody can be asked"));
        return status == HILUM_END_OF_INPUT ? HILUM_OK : status;
    case PRINT:
    case WARN:
        stream = unit->verb == WARN ? HILUM_STDERR : HILUM_STDOUT;
        host->stream(host, stream, (struct hilum_str){unit->line, unit->text.size + 1});
        return HILUM_OK;
    case SLEEP:
        /* SIGINT ends nanosleep; if it comes just before the call, the next round sees it. */
        for (long tenths = 10 * seconds_of(unit->text); tenths > 0 && !session->stop; tenths--)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        return session->stop ? HILUM_INTERRUPTED : HILUM_OK;
    default:
        if (unit->text.size && session->results)
            show(host, unit->text, host->result);
        return HILUM_OK;
    }
}

static void discard(struct hilum_session *session, struct hilum_unit *unit)
{
    (void)session;
    free(unit);
}

static void unload(struct hilum_session *session)
{
    free(session);
}

static void interrupt(struct hilum_session *session)
{
    session->stop = 1;
}

static enum hilum_status complete(struct hilum_session *session, struct hilum_str code,
                                  size_t cursor)
{
    struct hilum_completion items[ECHO];
    size_t count = 0;
    for (int verb = 0; verb < ECHO; verb++) {
        struct hilum_str name = {commands[verb], strcspn(commands[verb], " ")};
        if (name.size >= cursor && (!cursor || memcmp(name.data, code.data, cursor) == 0))
            items[count++] = (struct hilum_completion){name, str("keyword")};
    }
    session->host->completions(session->host, 0, cursor, items, count);
    return HILUM_OK;
}

/* The help on the command that the code begins with, wherever the cursor is. */
static enum hilum_status inspect(struct hilum_session *session, struct hilum_str code,
                                 size_t cursor, int detail_level)
{
    (void)cursor;
    (void)detail_level;
    struct hilum_str text;
    int verb = parse(code, &text);
    if (verb != ECHO)
        show(session->host, str(commands[verb]), session->host->inspection);
    return HILUM_OK;
}

static enum hilum_completeness is_complete(struct hilum_session *session, struct hilum_str code,
                                           struct hilum_str *indent)
{
    (void)session;
    (void)indent;
    return code.size && code.data[code.size - 1] == '\\' ? HILUM_INCOMPLETE : HILUM_COMPLETE;
}

/* A frontend may open comms to the target "echo" ... */
static enum hilum_status comm_open(struct hilum_session *session,
                                   const struct hilum_comm_message *message)
{
    struct hilum_str known = str("echo");
    (void)session;
    return message->target_name.size == known.size &&
                   memcmp(message->target_name.data, known.data, known.size) == 0
               ? HILUM_OK
               : HILUM_UNAVAILABLE;
}

/* ... and what it says on them comes back. */
static enum hilum_status comm_msg(struct hilum_session *session,
                                  const struct hilum_comm_message *message)
{
    enum hilum_status status = session->host->comm_msg(session->host, message);
    return status == HILUM_OK ? status : fail(session->host, str("only objects can come back"));
}

/* A session that keeps something for each comm would let go of it here. */
static enum hilum_status comm_close(struct hilum_session *session,
                                    const struct hilum_comm_message *message)
{
    (void)session;
    (void)message;
    return HILUM_OK;
}

static const struct hilum_language language = {.name = "echo",
                                               .version = "1.0",
                                               .mimetype = "text/plain",
                                               .file_extension = ".txt",
                                               .pygments_lexer = "text"};

static const struct hilum_option options[] = {
    {"results", HILUM_OPTION_BOOLEAN, "true", "Whether cells have results."},
    {NULL, HILUM_OPTION_STRING, NULL, NULL},
};

static const struct hilum_evaluator evaluator = {
    .abi_version = HILUM_ABI_VERSION,
    .struct_size = sizeof(struct hilum_evaluator),
    .name = "echo",
    .version = "0.1.0",
    .display_name = "Echo",
    .banner = "echo: says what you say",
    .language = &language,
    .capabilities = HILUM_FORK_SAFE,
    .load = load,
    .compile = compile,
    .run = run,
    .discard = discard,
    .unload = unload,
    .options = options,
    .interrupt = interrupt,
    .complete = complete,
    .inspect = inspect,
    .is_complete = is_complete,
    .comm_open = comm_open,
    .comm_msg = comm_msg,
    .comm_close = comm_close,
};

HILUM_EXPORT const struct hilum_evaluator *hilum_evaluator(void)
{
    return &evaluator;
}
