#include "base/path.h"
#include "base/buffer.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_format(const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    return size < 0 ? NULL : text;
}

char *path_join(const char *directory, const char *path)
{
    size_t size = strlen(directory);
    const char *slash = size && directory[size - 1] == '/' ? "" : "/";
    return path_format("%s%s%s", directory, slash, path);
}

char *path_absolute(const char *path)
{
    if (path[0] == '/')
        return strdup(path);
    char *here = getcwd(NULL, 0);
    char *absolute = path_join(here ? here : "", path);
    free(here);
    return absolute;
}

char *path_absolute_list(const char *list)
{
    struct buffer out = {0};
    while (*list) {
        char *part = strndup(list, strcspn(list, ":"));
        char *absolute = part && *part ? path_absolute(part) : NULL;
        if (absolute)
            buffer_append_format(&out, "%s%s", out.size ? ":" : "", absolute);
        else if (!part || *part)
            out.failed = true;
        free(absolute);
        free(part);
        list += strcspn(list, ":");
        list += *list == ':';
    }
    char *text = out.failed ? NULL : strndup(out.size ? out.data : "", out.size);
    buffer_fini(&out);
    return text;
}

char *path_beside(const char *file, const char *path)
{
    if (path[0] == '/')
        return strdup(path);
    char *absolute = path_absolute(file);
    if (!absolute)
        return NULL;
    *(strrchr(absolute, '/') + 1) = '\0';
    char *beside = path_join(absolute, path);
    free(absolute);
    return beside;
}

bool path_is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}
