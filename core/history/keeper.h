/*
 * Brings the session's inputs into the store without making anyone wait: they are written together
 * when no input has come for HISTORY_QUIET_MS, and at the end. SQLite is opened for the first
 * writing or reading. A store that is locked is tried again later; one that cannot be used is given
 * up, with one warning, and the session goes on with what is in memory.
 */
#ifndef HILUM_HISTORY_KEEPER_H
#define HILUM_HISTORY_KEEPER_H

#include "base/loop.h"
#include "history/list.h"
#include "history/store.h"

#define HISTORY_QUIET_MS  500  /* without an input before they are written */
#define HISTORY_LATEST_MS 5000 /* after which they are written all the same */

struct history_keeper {
    struct loop *loop;
    struct history_list *list;
    char *path;            /* NULL: nothing is kept, or no longer */
    const char *evaluator; /* borrowed */
    bool keeps_output;
    int64_t started; /* the session's begin, time_t */
    int64_t session; /* its number once it is known; 0 before */
    struct history_store *store;
    struct loop_timer timer;
    int64_t due;       /* loop_now by which what is unsaved is to be written; 0: nothing is */
    unsigned failures; /* locked, in a row */
    bool warned;       /* that it is locked */
};

/* Takes over `path`. */
void history_keeper_init(struct history_keeper *keeper, struct loop *loop,
                         struct history_list *list, char *path, const char *evaluator,
                         bool keeps_output);

/* Writes what is unsaved. */
void history_keeper_fini(struct history_keeper *keeper);

/* Something in the list is unsaved. */
void history_keeper_wake(struct history_keeper *keeper);

/* Before reading: opens the store and saves what can be saved now. `store` may still be NULL. */
void history_keeper_update(struct history_keeper *keeper);

/* This session's number; 1 without a store. */
int64_t history_keeper_session(struct history_keeper *keeper);

/* To be told of what came of using the store; closes one that cannot be used. */
void history_keeper_note(struct history_keeper *keeper, enum store_result result,
                         const struct error *error);

#endif
