/* The doctor's findings: one line each, with the command that mends it. */
#ifndef HILUM_CLI_REPORT_H
#define HILUM_CLI_REPORT_H

#include <stddef.h>

enum finding {
    FINDING_OK,
    FINDING_NOTE, /* for information */
    FINDING_WARN, /* works, but not well or not for everybody */
    FINDING_FAIL, /* something does not work */
};

struct report {
    size_t counts[FINDING_FAIL + 1];
};

/* Prints "ok    ..." at once. */
void report_add(struct report *report, enum finding finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An indented line under the last finding: what to do about it. */
void report_mend(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
