#include "protocol/connection_file.h"
#include "base/path.h"
#include "telemetry/log.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 10)

/* jansson copies text as it reads and never wipes it, but all of it goes through its free. */
static void wipe_and_free(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

static bool check(int fd, const char *name, bool warn, struct error *error)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return error_set_errno(error, "connection file %s", name);
    if (!S_ISREG(status.st_mode))
        return error_set(error, "connection file %s is not a regular file", name);
    if (status.st_size > (off_t)FILE_MAX)
        return error_set(error, "connection file %s has %lld bytes, at most %zu are sensible", name,
                         (long long)status.st_size, FILE_MAX);
    if (warn && status.st_uid != geteuid() && status.st_uid != 0)
        log_warning("connection file %s belongs to user %u, not to the one running the kernel",
                    name, (unsigned)status.st_uid);
    if (warn && status.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH))
        log_warning("connection file %s can be read or written by others (mode %03o) and holds the "
                    "key; `chmod 600` it",
                    name, (unsigned)status.st_mode & 0777);
    return true;
}

static json_t *parse(const char *text, size_t size, const char *name, struct error *error)
{
    json_error_t problem;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    if (root)
        return root;
    char *quoted = strstr(problem.text, " near '");
    if (quoted) /* that may be the key */
        *quoted = '\0';
    error_set(error, "connection file %s, line %d, column %d: %s", name, problem.line,
              problem.column, problem.text);
    explicit_bzero(problem.text, sizeof problem.text);
    return NULL;
}

/* json_loadfd makes a system call for each byte. */
static json_t *read_all(int fd, const char *name, struct error *error)
{
    json_t *root = NULL;
    char text[FILE_MAX];
    size_t size = 0;
    ssize_t got = 0;
    while (size < sizeof text && (got = read(fd, text + size, sizeof text - size)) > 0)
        size += (size_t)got;
    if (got < 0)
        error_set_errno(error, "cannot read connection file %s", name);
    else
        root = parse(text, size, name, error);
    explicit_bzero(text, size);
    return root;
}

static json_t *load(const char *name, bool warn, struct error *error)
{
    json_t *root = NULL;
    /* Not blocking, in case somebody names a FIFO. */
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, "cannot open connection file %s", name);
        return NULL;
    }
    if (check(fd, name, warn, error))
        root = read_all(fd, name, error);
    close(fd);
    if (root && !json_is_object(root)) {
        error_set(error, "connection file %s: expected a JSON object", name);
        json_decref(root);
        return NULL;
    }
    return root;
}

bool connection_file_open(struct connection_file *file, const char *name, bool warn,
                          struct error *error)
{
    *file = (struct connection_file){.name = name};
    json_get_alloc_funcs(&file->saved_malloc, &file->saved_free);
    json_set_alloc_funcs(malloc, wipe_and_free);
    file->root = load(name, warn, error);
    if (file->root)
        return true;
    connection_file_close(file);
    return false;
}

void connection_file_close(struct connection_file *file)
{
    json_decref(file->root);
    json_set_alloc_funcs(file->saved_malloc, file->saved_free);
    file->root = NULL;
}

bool connection_file_has(const struct connection_file *file, const char *key)
{
    return json_object_get(file->root, key) != NULL;
}

const char *connection_file_string(const struct connection_file *file, const char *key,
                                   const char *fallback, struct error *error)
{
    json_t *value = json_object_get(file->root, key);
    if (!value && fallback)
        return fallback;
    if (json_is_string(value))
        return json_string_value(value);
    error_set(error, "connection file %s: \"%s\" %s, expected a string", file->name, key,
              value ? "is not a string" : "is missing");
    return NULL;
}

/* The file's text is small, so it is written with one call or not at all. */
static bool write_text(int fd, const char *text)
{
    size_t size = strlen(text);
    ssize_t written = write(fd, text, size);
    if (written >= 0 && (size_t)written < size)
        errno = ENOSPC;
    return written == (ssize_t)size;
}

static bool write_beside(const char *path, const char *text, struct error *error)
{
    char *temporary = path_format("%s.XXXXXX", path);
    if (!temporary)
        return error_set(error, "out of memory");
    int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    bool good = fd >= 0 && write_text(fd, text);
    good = (fd < 0 || close(fd) == 0) && good;
    good = good && rename(temporary, path) == 0;
    if (!good) {
        error_set_errno(error, "cannot write connection file %s", path);
        if (fd >= 0)
            unlink(temporary);
    }
    free(temporary);
    return good;
}

bool connection_file_replace(const struct connection_file *file, struct error *error)
{
    /* Through symbolic links: it is their target that clients read. */
    char *path = realpath(file->name, NULL);
    char *text = json_dumps(file->root, JSON_INDENT(2));
    bool good = false;
    if (!path)
        error_set_errno(error, "cannot write connection file %s", file->name);
    else if (!text)
        error_set(error, "out of memory");
    else
        good = write_beside(path, text, error);
    wipe_and_free(text);
    free(path);
    return good;
}
