/* Where the files of the Haskell evaluator are: beside it in a build tree, or as installed. */
#ifndef HILUM_GHC_PLACE_H
#define HILUM_GHC_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_MAX 4096

/* The session program that was built with Hilum. $HILUM_GHC_SESSION names another one. */
bool place_session(char path[PLACE_MAX]);

/* The folder of its sources, which has the script `build`. $HILUM_GHC_SOURCES names another one. */
bool place_sources(char path[PLACE_MAX]);

/* The user's cache: $XDG_CACHE_HOME/hilum, or ~/.cache/hilum. It need not exist. */
bool place_cache(char path[PLACE_MAX]);

/* A program as execvp would find it, without symbolic links. */
bool place_program(const char *name, char path[PLACE_MAX]);

#endif
