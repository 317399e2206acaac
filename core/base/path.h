/* File names as text: joined and made absolute, without looking at the file system. */
#ifndef HILUM_BASE_PATH_H
#define HILUM_BASE_PATH_H

#include <stdbool.h>

/* Each returns a text that the caller frees, or NULL: out of memory. */

char *path_join(const char *directory, const char *path);

/* From the working directory, when it is relative. */
char *path_absolute(const char *path);

/* Every part of a list that is separated by ':'; empty parts are left out. */
char *path_absolute_list(const char *list);

/* From the folder that `file` is in, when it is relative. */
char *path_beside(const char *file, const char *path);

char *path_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Is there a regular file (or a symbolic link to one)? */
bool path_is_file(const char *path);

#endif
