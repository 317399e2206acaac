#include "library_path.h"

#include "similar.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#define MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#else
#define MULTIARCH "."
#endif

static const char *const folders[] = {"/usr/local/lib",
                                      "/usr/lib/" MULTIARCH,
                                      "/lib/" MULTIARCH,
                                      "/usr/lib64",
                                      "/usr/lib",
                                      "/lib",
                                      NULL};

bool library_file_name(const char *name, char *file, size_t room)
{
    bool is_complete = strchr(name, '/') || strchr(name, '.');
    bool has_prefix = is_complete || strncmp(name, "lib", 3) == 0;
    int size =
        snprintf(file, room, "%s%s%s", has_prefix ? "" : "lib", name, is_complete ? "" : ".so");
    return size > 0 && (size_t)size < room;
}

static void each_file(void (*visit)(void *context, const char *folder, const char *name),
                      void *context)
{
    for (const char *const *folder = folders; *folder; folder++) {
        DIR *directory = opendir(*folder);
        struct dirent *entry;
        while (directory && (entry = readdir(directory)))
            visit(context, *folder, entry->d_name);
        if (directory)
            closedir(directory);
    }
}

struct version_search {
    const char *file;
    char *path;
    size_t room;
    long best;
};

static void visit_version(void *context, const char *folder, const char *name)
{
    struct version_search *search = context;
    size_t size = strlen(search->file);
    if (strncmp(name, search->file, size) != 0 || name[size] != '.')
        return;
    char *end;
    long version = strtol(name + size + 1, &end, 10);
    if (end == name + size + 1 || *end != '\0' || version <= search->best)
        return;
    if (snprintf(search->path, search->room, "%s/%s", folder, name) < (int)search->room)
        search->best = version;
}

bool library_versioned(const char *file, char *path, size_t room)
{
    struct version_search search = {file, path, room, -1};
    if (!strchr(file, '/'))
        each_file(visit_version, &search);
    return search.best >= 0;
}

static void visit_name(void *context, const char *folder, const char *name)
{
    char plain[SIMILAR_BYTES];
    const char *end = strstr(name, ".so");
    (void)folder;
    if (strncmp(name, "lib", 3) != 0 || !end || (size_t)(end - name) - 3 >= sizeof(plain))
        return;
    memcpy(plain, name + 3, (size_t)(end - name) - 3);
    plain[end - name - 3] = '\0';
    similar_offer(context, plain);
}

void library_offer_names(struct similar *similar)
{
    each_file(visit_name, similar);
}
