#include "cli/folder.h"
#include "base/buffer.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files that are copied are logos. */
#define COPY_MAX ((size_t)4 << 20)

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void remove_all(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Makes path[0, size) and what is missing above it; *made gets the size of the topmost made. */
static bool make_parents(char *path, size_t size, size_t *made, struct error *error)
{
    for (size_t end = 1; end <= size; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        char saved = path[end];
        path[end] = '\0';
        bool is_new = mkdir(path, 0777) == 0;
        int number = errno;
        bool good = is_new || access(path, X_OK) == 0;
        errno = number;
        if (!good)
            error_set_errno(error, "cannot make the folder %s", path);
        path[end] = saved;
        if (!good)
            return false;
        if (is_new && *made == 0)
            *made = end;
    }
    return true;
}

/* Removes the empty folders from `path` up to `top`; some may not have been made yet. */
static void unmake_parents(const char *path, const char *top)
{
    char *at = strdup(path);
    while (at && strlen(at) >= strlen(top) && (rmdir(at) == 0 || errno == ENOENT))
        *strrchr(at, '/') = '\0';
    free(at);
}

static bool make_temporary(struct folder *folder, struct error *error)
{
    if (!mkdtemp(folder->temporary))
        return error_set_errno(error, "cannot make a folder %s", folder->temporary);
    mode_t mask = umask(0);
    umask(mask);
    if (chmod(folder->temporary, 0777 & ~mask) == 0)
        return true;
    error_set_errno(error, "cannot set the permissions of %s", folder->temporary);
    rmdir(folder->temporary);
    return false;
}

bool folder_begin(struct folder *folder, const char *parent, const char *name, struct error *error)
{
    size_t made = 0;
    char *path = strdup(parent);
    bool good;
    *folder = (struct folder){.target = path_join(parent, name),
                              .temporary = path_format("%s/.%s-XXXXXX", parent, name)};
    good = (path && folder->target && folder->temporary) || error_set(error, "out of memory");
    good = good && make_parents(path, strlen(path), &made, error);
    if (made)
        folder->made = strndup(parent, made);
    good = good && make_temporary(folder, error);
    free(path);
    if (!good) {
        free(folder->temporary);
        folder->temporary = NULL;
        if (folder->made)
            unmake_parents(parent, folder->made);
        free(folder->made);
        free(folder->target);
        *folder = (struct folder){0};
    }
    return good;
}

static bool write_all(int fd, struct str content)
{
    while (content.size) {
        ssize_t size = write(fd, content.data, content.size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return false;
        content = str_slice(content, (size_t)size, content.size);
    }
    return true;
}

bool folder_write(const struct folder *folder, const char *name, struct str content,
                  struct error *error)
{
    char *path = path_join(folder->temporary, name);
    if (!path)
        return error_set(error, "out of memory");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool good = fd >= 0 && write_all(fd, content);
    if (!good)
        error_set_errno(error, "cannot write %s", path);
    if (fd >= 0 && close(fd) != 0 && good)
        good = error_set_errno(error, "cannot write %s", path);
    free(path);
    return good;
}

bool folder_copy(const struct folder *folder, const char *name, const char *from,
                 struct error *error)
{
    struct buffer content = {.max = COPY_MAX};
    ssize_t size = -1;
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *to;
    while (fd >= 0 && (to = buffer_reserve(&content, 4096)) && (size = read(fd, to, 4096)) > 0)
        buffer_commit(&content, (size_t)size);
    bool good;
    if (content.failed)
        good = error_set(error, "%s is longer than %zu bytes", from, COPY_MAX);
    else if (size < 0)
        good = error_set_errno(error, "cannot read %s", from);
    else
        good = folder_write(folder, name, buffer_str(&content), error);
    if (fd >= 0)
        close(fd);
    buffer_fini(&content);
    return good;
}

/* Where a folder cannot be exchanged in one step (an old file system), there is a moment in which
 * neither is there; a failure brings the old one back. */
static bool replace_in_two_steps(const char *from, const char *target)
{
    char *aside = path_format("%s.old", from);
    bool good = aside && rename(target, aside) == 0;
    if (good && rename(from, target) != 0) {
        int number = errno;
        rename(aside, target);
        errno = number;
        good = false;
    }
    if (good)
        remove_all(aside);
    free(aside);
    return good;
}

static bool put_in_place(const char *from, const char *target)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, target, RENAME_NOREPLACE) == 0)
        return true;
    struct stat status;
    if (lstat(target, &status) != 0)
        return rename(from, target) == 0;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, target, RENAME_EXCHANGE) == 0) {
        remove_all(from);
        return true;
    }
    return replace_in_two_steps(from, target);
}

bool folder_commit(struct folder *folder, struct error *error)
{
    if (!put_in_place(folder->temporary, folder->target))
        return error_set_errno(error, "cannot put %s in its place", folder->target);
    free(folder->temporary);
    folder->temporary = NULL;
    return true;
}

void folder_end(struct folder *folder)
{
    if (folder->temporary) {
        char *slash = strrchr(folder->temporary, '/');
        remove_all(folder->temporary);
        *slash = '\0';
        if (folder->made)
            unmake_parents(folder->temporary, folder->made);
    }
    free(folder->target);
    free(folder->temporary);
    free(folder->made);
    *folder = (struct folder){0};
}
