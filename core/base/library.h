/*
 * A shared library that is loaded when somebody needs it: to link it would cost time at each start.
 * Its functions become members of a struct, with the types of the library's header:
 *
 *     #define FUNCTIONS(X) X(deflate) X(inflate)
 *     struct functions {
 *         FUNCTIONS(LIBRARY_MEMBER)
 *     };
 *     static const char *const names[] = {FUNCTIONS(LIBRARY_NAME)};
 *     library_load("libz.so.1", names, sizeof names / sizeof *names, &functions, &error)
 */
#ifndef HILUM_BASE_LIBRARY_H
#define HILUM_BASE_LIBRARY_H

#include "base/error.h"

#include <stddef.h>

#define LIBRARY_MEMBER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name)   #name,

/*
 * Loads the library for good: it is never closed again, which would be the end of what it keeps for
 * the whole process. `functions` is a struct of `count` function pointers, in the order of their
 * names. May read files. False: `error` says what is missing.
 */
bool library_load(const char *soname, const char *const *names, size_t count, void *functions,
                  struct error *error) __attribute__((warn_unused_result));

#endif
