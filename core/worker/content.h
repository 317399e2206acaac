/* The content of a request, with what requests about code say in it. */
#ifndef HILUM_WORKER_CONTENT_H
#define HILUM_WORKER_CONTENT_H

#include "base/str.h"

struct content {
    struct str whole; /* a checked JSON object */
    /* Values of its members, raw; without data when they are not there. */
    struct str code;
    struct str limits;
    struct str allow_stdin;
    struct str user_expressions;
};

/* Reads them with one walk: a cell has few microseconds. */
struct content content_read(struct str whole);

#endif
