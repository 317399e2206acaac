/* The session program for another GHC than Hilum was built with: built once, kept in the user's
 * cache. */
#ifndef HILUM_GHC_CACHE_H
#define HILUM_GHC_CACHE_H

#include "place.h"

#include <hilum/evaluator.h>

struct cache_request {
    const char *compiler; /* ghc, as a path */
    const char *version;  /* what it says */
    const char *libdir;   /* likewise */
};

/*
 * Sets `session` to the program, building it first when it is not there: that takes a minute, and
 * other kernels wait for it meanwhile. On failure a diagnostic says what can be done.
 */
enum hilum_status cache_session(const struct hilum_host *host, const struct cache_request *request,
                                char session[PLACE_MAX]);

#endif
