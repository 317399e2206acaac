#include "telemetry/log.h"
#include "base/json_write.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Bytes of a line's text; the rest is cut. */
#define TEXT_MAX 2000
/* A line of at most PIPE_BUF bytes goes into a pipe whole or not at all. */
#define LINE_MAX_BYTES PIPE_BUF

/* The one piece of process-wide state outside the signal plumbing: a log without a handle, so that
 * every module can write a line. */
static struct {
    enum log_level level;
    bool json;
    int file; /* 0: stderr */
    unsigned long lost;
    char evaluator[72];
    char session[48];
    char request[80];
} state = {.level = LOG_LEVEL_WARNING};

static const char *const names[] = {"error", "warning", "info", "debug"};

/* One line before it is written. */
struct line {
    enum log_level level;
    const char *reason; /* NULL: none */
    bool from_worker;
    const char *request;
    struct str text;
};

void log_set_level(enum log_level level)
{
    state.level = level;
}

bool log_wants(enum log_level level)
{
    return level <= state.level;
}

void log_set_json(bool json)
{
    state.json = json;
}

bool log_level_parse(struct str name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_equal(name, str_of(names[i]))) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* Rotated by copying and truncating (logrotate's copytruncate): every write goes to the end. */
bool log_open(const char *file, struct error *error)
{
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0)
        return error_set_errno(error, "cannot open the log file %s", file);
    log_close();
    state.file = fd;
    return true;
}

void log_close(void)
{
    if (state.file)
        close(state.file);
    state.file = 0;
}

static void set(char *out, size_t size, struct str text)
{
    size_t kept = text.size < size ? text.size : size - 1;
    if (kept)
        memcpy(out, text.data, kept);
    out[kept] = '\0';
}

void log_set_evaluator(struct str name)
{
    set(state.evaluator, sizeof state.evaluator, name);
}

void log_set_session(struct str session)
{
    set(state.session, sizeof state.session, session);
}

void log_set_request(struct str msg_id)
{
    set(state.request, sizeof state.request, msg_id);
}

/* RFC 3339, in UTC. */
static void append_time(struct buffer *out)
{
    char stamp[32];
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    buffer_append_format(out, "%s.%03ldZ", stamp, now.tv_nsec / 1000000);
}

static void append_member(struct buffer *out, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    buffer_append_byte(out, ',');
    json_write_key(out, key);
    json_write_string(out, str_of(value));
}

static void write_json(const struct line *line, struct buffer *out)
{
    buffer_append(out, STR("{\"time\":\""));
    append_time(out);
    buffer_append_format(out, "\",\"level\":\"%s\",\"source\":\"%s\",\"pid\":%ld",
                         names[line->level], line->from_worker ? "worker" : "kernel",
                         (long)getpid());
    append_member(out, "evaluator", state.evaluator);
    append_member(out, "session", state.session);
    append_member(out, "request", line->request);
    append_member(out, "reason", line->reason);
    buffer_append(out, STR(",\"message\":"));
    json_write_string(out, line->text);
    buffer_append(out, STR("}\n"));
}

static void append_mark(struct buffer *out, const char *key, const char *value, bool *first)
{
    if (!*value)
        return;
    buffer_append_format(out, "%s%s=%s", *first ? "[" : " ", key, value);
    *first = false;
}

static void write_text(const struct line *line, struct buffer *out)
{
    bool first = true;
    buffer_append(out, STR("hilum: "));
    append_time(out);
    buffer_append_format(out, " %s: ", names[line->level]);
    append_mark(out, "evaluator", state.evaluator, &first);
    append_mark(out, "session", state.session, &first);
    append_mark(out, "request", line->request, &first);
    buffer_append_cstr(out, first ? "" : "] ");
    if (line->from_worker)
        buffer_append_format(out, "%s: ", state.evaluator);
    buffer_append(out, line->text);
    for (size_t i = 0; i < out->size; i++)
        if ((unsigned char)out->data[i] < 0x20 || out->data[i] == 0x7F)
            out->data[i] = ' ';
    buffer_append_byte(out, '\n');
}

/* A regular file is always ready; a pipe is when it has room for PIPE_BUF bytes. */
static bool put(struct str bytes)
{
    struct pollfd sink = {.fd = state.file ? state.file : STDERR_FILENO, .events = POLLOUT};
    return poll(&sink, 1, 0) == 1 && (sink.revents & POLLOUT) &&
           write(sink.fd, bytes.data, bytes.size) >= 0;
}

static void write_line(const struct line *line)
{
    struct buffer out = {0};
    struct line short_line = *line;
    (state.json ? write_json : write_text)(line, &out);
    if (out.size > LINE_MAX_BYTES) {
        /* The escapes took the room: each is at most six bytes for one. */
        short_line.text = str_slice(line->text, 0, TEXT_MAX / 6);
        buffer_clear(&out, LINE_MAX_BYTES);
        (state.json ? write_json : write_text)(&short_line, &out);
    }
    if (!out.failed && !put(buffer_str(&out)))
        state.lost++;
    buffer_fini(&out);
}

static void tell_lost(void)
{
    char text[80];
    unsigned long lost = state.lost;
    if (!lost)
        return;
    state.lost = 0;
    int size = snprintf(text, sizeof text, "%lu log lines were lost: nobody read them", lost);
    write_line(
        &(struct line){.level = LOG_LEVEL_WARNING, .request = "", .text = {text, (size_t)size}});
    if (state.lost)
        state.lost = lost;
}

static void log_format(enum log_level level, const char *reason, const char *format, va_list args)
{
    char text[TEXT_MAX];
    if (!log_wants(level))
        return;
    int size = vsnprintf(text, sizeof text, format, args);
    if (size < 0)
        return;
    tell_lost();
    size_t kept = (size_t)size < sizeof text ? (size_t)size : sizeof text - 1;
    write_line(&(struct line){
        .level = level, .reason = reason, .request = state.request, .text = {text, kept}});
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_format(level, NULL, format, args);
    va_end(args);
}

void log_reason(enum log_level level, const char *reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_format(level, reason, format, args);
    va_end(args);
}

void log_worker_line(enum log_level level, struct str msg_id, struct str text)
{
    char request[sizeof state.request];
    if (!log_wants(level))
        return;
    set(request, sizeof request, msg_id);
    tell_lost();
    write_line(&(struct line){.level = level,
                              .from_worker = true,
                              .request = request,
                              .text = str_slice(text, 0, TEXT_MAX)});
}
