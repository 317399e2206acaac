#include "telemetry/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* The one piece of process-wide state outside the signal plumbing: a log without a handle, so that
 * every module can write a line. */
static struct {
    enum log_level level;
    char request[80];
} state = {.level = LOG_LEVEL_WARNING};

static const char *const names[] = {"error", "warning", "info", "debug"};

void log_set_level(enum log_level level)
{
    state.level = level;
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

void log_set_request(struct str msg_id)
{
    size_t size = msg_id.size < sizeof state.request ? msg_id.size : sizeof state.request - 1;
    if (size)
        memcpy(state.request, msg_id.data, size);
    state.request[size] = '\0';
}

static void escape_controls(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            *text = ' ';
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level > state.level)
        return;
    char line[2048], stamp[32];
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    int used = snprintf(line, sizeof line, "hilum: %s.%03ldZ %s: %s%s%s", stamp,
                        now.tv_nsec / 1000000, names[level], state.request[0] ? "[" : "",
                        state.request, state.request[0] ? "] " : "");
    va_list args;
    va_start(args, format);
    vsnprintf(line + used, sizeof line - (size_t)used - 1, format, args);
    va_end(args);
    escape_controls(line);
    size_t size = strlen(line);
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* nowhere to complain */
}
