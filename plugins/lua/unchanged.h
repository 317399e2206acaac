/*
 * Does a cell leave the session as it was? One that only looks (`x`, `#t + 1`, `point.x`) does, when
 * it assigns nothing and calls nothing, be it a metamethod. Then no checkpoint has to be made of it.
 */
#ifndef LUA_UNCHANGED_H
#define LUA_UNCHANGED_H

#include "session.h"

/* By its text: no assignment, declaration or loop. Without memory: false. */
bool unchanged_is_likely(struct hilum_str code);

/* Around the run of such a cell: counts the functions that are called. */
void unchanged_watch(struct hilum_session *session);

/* Was the cell itself the only function? */
bool unchanged_holds(struct hilum_session *session);

#endif
