#include "telemetry/replace_file.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, struct str text)
{
    while (text.size) {
        ssize_t size = write(fd, text.data, text.size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return false;
        text = str_slice(text, (size_t)size, text.size);
    }
    return true;
}

bool replace_file(const char *path, struct str text, struct error *error)
{
    char *fresh = path_format("%s.%ld", path, (long)getpid());
    if (!fresh)
        return error_set(error, "out of memory");
    unlink(fresh); /* of a process that had our number */
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write_all(fd, text) && fchmod(fd, 0644) == 0 && rename(fresh, path) == 0;
    if (!good) {
        error_set_errno(error, "cannot write %s", path);
        if (fd >= 0)
            unlink(fresh);
    }
    if (fd >= 0)
        close(fd);
    free(fresh);
    return good;
}
