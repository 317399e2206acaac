#include "kernel_script.h"

#include <signal.h>
#include <time.h>

struct script script;

/* The kernel's clock: time passes by itself, and as the script says. */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = __real_clock_gettime(clock, now);
    int64_t nanoseconds = now->tv_nsec + script.passed % 1000 * 1000000;
    now->tv_sec += script.passed / 1000 + nanoseconds / 1000000000;
    now->tv_nsec = nanoseconds % 1000000000;
    return result;
}

void script_start(struct str text)
{
    script.rest = text;
    script_next();
}

void script_next(void)
{
    script.line = fuzz_take_until(&script.rest, '\n');
    script.looks = 0;
    script.kind = (char)fuzz_take_byte(&script.line);
    if (!script.kind && script.rest.size)
        script.kind = '#';
}

/* To this thread, where the kernel has blocked them: libFuzzer has threads of its own. */
static void end(void)
{
    script.full = false;
    if (!script.ended)
        raise(SIGTERM);
    script.ended = true;
}

static bool is_free_step(void)
{
    switch (script.kind) {
    case 'T':
        raise(SIGINT);
        return true;
    case 'F':
    case 'f':
        script.full = script.kind == 'F';
        script.was_full |= script.full;
        return true;
    case 'Z':
    case 'z':
        script.passed += script.kind == 'Z' ? 15 : 40000;
        return true;
    case 'N':
    case 'n':
        script.has_offspring = script.kind == 'N';
        return true;
    case 'X':
        script.no_start = true;
        return true;
    case 'W':
    case 'w':
    case 'G':
    case 'L':
    case 'l':
    case 'O':
    case 'E':
    case 'D':
    case 'd':
        return !script.has_worker;
    default:
        return !strchr("SCIRPUH", script.kind);
    }
}

bool script_look(void)
{
    while (script.kind && (is_free_step() || ++script.looks > SCRIPT_PATIENCE))
        script_next();
    if (!script.kind)
        end();
    return script.kind != '\0';
}
