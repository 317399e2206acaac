/* Which GHC the session is to use, and the session program that fits it. */
#ifndef HILUM_GHC_COMPILER_H
#define HILUM_GHC_COMPILER_H

#include "place.h"

#include <hilum/evaluator.h>

struct compiler {
    char session[PLACE_MAX]; /* the program to start */
    char libdir[PLACE_MAX];  /* ghc --print-libdir; "": that which the session was built with */
};

/*
 * `name` is the compiler that the config asks for; empty: the one on the PATH, or else the one that
 * Hilum was built with, if it is there. Runs no program when it is that one. A GHC that Hilum was not
 * built with gets a session program of its own. On failure a diagnostic says what can be done.
 */
enum hilum_status compiler_choose(const struct hilum_host *host, struct hilum_str name,
                                  struct compiler *compiler);

#endif
