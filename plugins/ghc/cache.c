#include "cache.h"
#include "child.h"
#include "program/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_DEPTH_MAX 8
#define LOG_LINES        30
#define PATH_SIZE        (PLACE_MAX + 64)

/* ---- Which build this is ---- */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t hash_file(uint64_t hash, const char *path)
{
    char bytes[16384];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (ssize_t size; fd >= 0 && (size = read(fd, bytes, sizeof bytes)) > 0;)
        hash = hash_bytes(hash, bytes, (size_t)size);
    if (fd >= 0)
        close(fd);
    return hash;
}

static int is_source(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' &&
           (!dot || strcmp(dot, ".hs") == 0 || strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0);
}

/* Names and contents of all sources in a folder, in the order of their names. */
static uint64_t hash_folder(uint64_t hash, const char *folder, int depth)
{
    struct dirent **entries;
    int count = depth < SOURCE_DEPTH_MAX ? scandir(folder, &entries, is_source, alphasort) : -1;
    for (int i = 0; i < count; i++) {
        char path[PATH_SIZE];
        struct stat status;
        int size = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (size < (int)sizeof path && stat(path, &status) == 0) {
            hash = hash_bytes(hash, entries[i]->d_name, strlen(entries[i]->d_name));
            hash = S_ISDIR(status.st_mode) ? hash_folder(hash, path, depth + 1)
                                           : hash_file(hash, path);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return hash;
}

/* ---- Folders ---- */

static bool make_folders(char *path)
{
    for (char *at = path + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        bool good = mkdir(path, 0700) == 0 || errno == EEXIST;
        *at = '/';
        if (!good)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Held until it is closed; dies with us. Interrupts end the wait. */
static int lock_file(const struct hilum_host *host, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) < 0)
        if (errno != EINTR || host->cancelled(host)) {
            close(fd);
            return -1;
        }
    return fd;
}

/* ---- Building ---- */

/* The end of the compiler's output, as notes: a library that is missing is named there. */
static enum hilum_status report_failure(const struct hilum_host *host,
                                        const struct cache_request *request, const char *log)
{
    struct hilum_str lines[LOG_LINES + 2];
    char message[128], head[PATH_SIZE + 256], *text = NULL;
    size_t count = 0, size = 0;
    snprintf(message, sizeof message,
             "the Haskell session program could not be built for GHC %.40s", request->version);
    snprintf(head, sizeof head, "HaskellBuildError: %s; all of the output is in %s", message, log);
    lines[count++] = (struct hilum_str){head, strlen(head)};
    FILE *file = fopen(log, "re");
    ssize_t got = file ? getdelim(&text, &size, '\0', file) : -1;
    if (file)
        fclose(file);
    char *end = got > 0 ? text + got : NULL, *start = end;
    for (int newlines = 0; start && start > text; start--)
        if (start[-1] == '\n' && ++newlines > LOG_LINES)
            break;
    while (start && start < end && count < LOG_LINES + 2) {
        size_t length = strcspn(start, "\n");
        lines[count++] = (struct hilum_str){start, length};
        start += length + 1;
    }
    host->diagnostic(host, &(struct hilum_diagnostic){
                               .struct_size = sizeof(struct hilum_diagnostic),
                               .severity = HILUM_SEVERITY_ERROR,
                               .code = {"ghc.build", 9},
                               .name = {"HaskellBuildError", 17},
                               .message = {message, strlen(message)},
                               .traceback = lines,
                               .traceback_count = count,
                           });
    free(text);
    return HILUM_ERROR;
}

static enum child_end run_script(const struct hilum_host *host, const char *sources,
                                 const char *compiler, const char *target, const char *log)
{
    char script[PATH_SIZE];
    snprintf(script, sizeof script, "%s/build", sources);
    const char *const argv[] = {"sh", script, compiler, target, NULL};
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum child_end end = fd >= 0 ? child_run(host, argv, fd, fd) : CHILD_FAILED;
    if (fd >= 0)
        close(fd);
    return end;
}

static void announce(const struct hilum_host *host, const struct cache_request *request,
                     const char *folder)
{
    char line[PATH_SIZE + 128];
    int size = snprintf(line, sizeof line,
                        "building the Haskell session program for GHC %s in %s; this is done once "
                        "and takes a minute or two",
                        request->version, folder);
    host->log(host, HILUM_LOG_WARNING, (struct hilum_str){line, (size_t)size});
}

/* With the lock held: into a folder beside, which becomes the real one when all is there. */
static enum hilum_status build(const struct hilum_host *host, const struct cache_request *request,
                               const char *sources, const char *folder)
{
    char target[PATH_SIZE + 16], log[PATH_SIZE + 16];
    snprintf(target, sizeof target, "%s.building", folder);
    snprintf(log, sizeof log, "%s.log", folder);
    announce(host, request, folder);
    remove_tree(target);
    if (mkdir(target, 0700) < 0)
        return program_refuse(host, "ghc.build", "HaskellBuildError",
                              "the cache folder cannot be written");
    enum child_end end = run_script(host, sources, request->compiler, target, log);
    if (end == CHILD_SUCCEEDED && rename(target, folder) == 0) {
        unlink(log);
        return HILUM_OK;
    }
    remove_tree(target);
    return end == CHILD_STOPPED ? HILUM_INTERRUPTED : report_failure(host, request, log);
}

static bool is_built(const char *folder, char session[PLACE_MAX])
{
    int size = snprintf(session, PLACE_MAX, "%s/hilum-ghc-session", folder);
    return size < PLACE_MAX && access(session, X_OK) == 0;
}

enum hilum_status cache_session(const struct hilum_host *host, const struct cache_request *request,
                                char session[PLACE_MAX])
{
    char cache[PLACE_MAX], sources[PLACE_MAX], folder[PATH_SIZE], lock[PATH_SIZE + 8];
    if (!place_sources(sources))
        return program_refuse(host, "ghc.build", "HaskellBuildError",
                              "the sources of the Haskell session program were not found; install "
                              "Hilum again");
    if (!place_cache(cache))
        return program_refuse(host, "ghc.build", "HaskellBuildError",
                              "neither XDG_CACHE_HOME nor HOME is set, so there is no place for "
                              "the Haskell session program");
    uint64_t hash =
        hash_bytes(UINT64_C(14695981039346656037), request->libdir, strlen(request->libdir));
    int size = snprintf(folder, sizeof folder, "%s/ghc-%s", cache, request->version);
    if (size >= PLACE_MAX || !make_folders(folder))
        return program_refuse(host, "ghc.build", "HaskellBuildError",
                              "the cache folder cannot be made");
    snprintf(folder + size, sizeof folder - (size_t)size, "/%016llx",
             (unsigned long long)hash_folder(hash, sources, 0));
    if (is_built(folder, session))
        return HILUM_OK;
    snprintf(lock, sizeof lock, "%s.lock", folder);
    int fd = lock_file(host, lock);
    if (fd < 0)
        return host->cancelled(host) ? HILUM_INTERRUPTED
                                     : program_refuse(host, "ghc.build", "HaskellBuildError",
                                                      "the cache folder cannot be locked");
    enum hilum_status status =
        is_built(folder, session) ? HILUM_OK : build(host, request, sources, folder);
    close(fd);
    return status == HILUM_OK && !is_built(folder, session)
               ? program_refuse(host, "ghc.build", "HaskellBuildError", "the build made no program")
               : status;
}
