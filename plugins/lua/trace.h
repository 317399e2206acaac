/* Lua's traceback as places with the code that is there. */
#ifndef LUA_TRACE_H
#define LUA_TRACE_H

#include "session.h"

enum { TRACE_PLACES = 64 };

/* "cell 3:12": where something went wrong. */
struct trace_place {
    struct hilum_str source; /* data is NULL when there is no place */
    long line;
};

/* Reads "source:line: " at the start of a text; *size is what it takes. */
struct trace_place trace_read_place(struct hilum_str text, size_t *size);

/* Takes the places of cells off the start of a message and returns the last one. Places in files
 * stay, since nothing else would say where the message comes from. */
struct trace_place trace_take_places(const struct sources *sources, struct hilum_str *message);

struct trace {
    struct hilum_place places[TRACE_PLACES]; /* innermost first, linked to a list */
    size_t count;
    struct text strings[TRACE_PLACES]; /* what the places own */
};

/* The traceback that the session keeps, and before it `place` when no call is there: it was in a
 * coroutine, say. `message` tells which token of the innermost line it is about. */
void trace_read(struct trace *trace, struct hilum_session *session, struct trace_place place,
                struct hilum_str message);

/* Adds a place with the code that is there. */
void trace_add(struct trace *trace, struct sources *sources, struct trace_place place,
               struct hilum_span mark, const char *label);

void trace_free(struct trace *trace);

#endif
