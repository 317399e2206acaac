/*
 * Where Hilum's own files are, so that an installed tree may be moved and a build tree works
 * without being installed: next to the running executable first, then where `make install` put
 * them. An executable is in a build tree when hilum-worker and plugins/ are beside it.
 */
#ifndef HILUM_CONFIG_PATHS_H
#define HILUM_CONFIG_PATHS_H

#include "base/buffer.h"
#include "base/error.h"

/* Each sets *path (a NUL-terminated text that the caller frees) or says where it looked. */

/* The worker executable: hilum-worker beside the running executable (build tree), or
 * ../libexec/hilum/hilum-worker from there, or the compiled-in libexecdir. */
bool paths_find_worker(char **path, struct error *error) __attribute__((warn_unused_result));

/* The shared object of an evaluator: `library` when it is given, else NAME.so in each directory of
 * paths_evaluator_directories, in order. */
bool paths_find_evaluator(const char *name, const char *library, char **path, struct error *error)
    __attribute__((warn_unused_result));

/* A file that belongs to an evaluator (its logos): NAME/file in the directories of $HILUM_DATA_PATH
 * (separated by ':'), the build tree's plugins/, $XDG_DATA_HOME/hilum (~/.local/share when unset),
 * ../share/hilum from the executable, the compiled-in $(datadir)/hilum. */
bool paths_find_resource(const char *name, const char *file, char **path, struct error *error)
    __attribute__((warn_unused_result));

/* The running executable, without symbolic links. */
bool paths_find_executable(char **path, struct error *error) __attribute__((warn_unused_result));

/* The directories that are searched for evaluators: those of $HILUM_EVALUATOR_PATH (separated by
 * ':'), the build tree's plugins/NAME/.libs, $XDG_DATA_HOME/hilum/evaluators (~/.local/share when
 * unset), ../lib/hilum/evaluators from the executable, the compiled-in $(libdir)/hilum/evaluators.
 * A NULL-terminated array that the caller frees with paths_free_list; NULL: out of memory. */
char **paths_evaluator_directories(void);
void paths_free_list(char **list);

/* The names of all evaluators in those directories, sorted, each once; as above. */
char **paths_evaluator_names(void);

/* hilum.json of this user, as described in config.h. NULL also when there is no home. */
char *paths_user_config(void);

/* $XDG_STATE_HOME/hilum/history.sqlite (~/.local/state when unset). NULL as above. */
char *paths_user_history(void);

/* "$NAME" when it is set to an absolute path, else $HOME/`under_home`; NULL also without a home. */
char *paths_xdg(const char *name, const char *under_home);

#endif
