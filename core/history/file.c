#include "history/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_folders(const char *path, struct error *error)
{
    char *folder = strdup(path);
    if (!folder)
        return error_set(error, "out of memory");
    bool good = true;
    for (char *slash = strchr(folder + 1, '/'); slash && good; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) < 0 && errno != EEXIST && access(folder, F_OK) < 0)
            good = error_set_errno(error, "cannot make the folder %s", folder);
        *slash = '/';
    }
    free(folder);
    return good;
}

/* A file that exists is not opened here: closing it would drop the locks that this process has on
 * it by another connection. */
bool history_file_make(const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) == 0)
        return S_ISREG(status.st_mode) || error_set(error, "%s is not a regular file", path);
    if (!make_folders(path, error))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return error_set_errno(error, "cannot make %s", path);
    return true;
}
