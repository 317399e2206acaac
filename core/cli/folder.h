/* Folders that appear complete or not at all. */
#ifndef HILUM_CLI_FOLDER_H
#define HILUM_CLI_FOLDER_H

#include "base/error.h"
#include "base/str.h"

/*
 * A folder in the making: filled under a temporary name beside its final place, then put there
 * with one rename. folder_begin makes the parents that are missing.
 */
struct folder {
    char *target;    /* its final place */
    char *temporary; /* where it is filled */
    char *made;      /* the topmost parent that folder_begin had to make; NULL: all were there */
};

bool folder_begin(struct folder *folder, const char *parent, const char *name, struct error *error)
    __attribute__((warn_unused_result));

/* A file in it, readable for all that the umask allows. */
bool folder_write(const struct folder *folder, const char *name, struct str content,
                  struct error *error) __attribute__((warn_unused_result));
bool folder_copy(const struct folder *folder, const char *name, const char *from,
                 struct error *error) __attribute__((warn_unused_result));

/* Puts it in its place; a folder that was there is removed with all that it holds. */
bool folder_commit(struct folder *folder, struct error *error) __attribute__((warn_unused_result));

/* After folder_begin succeeded, in any case. Without a commit it removes all that was made. */
void folder_end(struct folder *folder);

#endif
