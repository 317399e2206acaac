#include "place.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(PLACE_MAX >= PATH_MAX, "realpath needs this much");

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool exists(const char *path)
{
    return access(path, R_OK) == 0;
}

/* The folder that this shared object is in. */
static bool own_folder(char path[PLACE_MAX])
{
    Dl_info info;
    if (!dladdr((void *)(size_t)own_folder, &info) || !info.dli_fname ||
        !realpath(info.dli_fname, path))
        return false;
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    return slash;
}

/* Did snprintf into a path have room? */
static bool is_whole(int size)
{
    return size > 0 && size < PLACE_MAX;
}

/* The first that exists: the variable's, those from our own folder, the installed one. */
static bool find(const char *variable, const char *const *from_here, const char *installed,
                 const char *probe, bool (*fits)(const char *), char path[PLACE_MAX])
{
    char here[PLACE_MAX], probed[PLACE_MAX];
    const char *named = getenv(variable);
    if (named && *named)
        return is_whole(snprintf(path, PLACE_MAX, "%s", named));
    bool known = own_folder(here);
    for (size_t i = 0; known && from_here[i]; i++)
        if (is_whole(snprintf(path, PLACE_MAX, "%s/%s", here, from_here[i])) &&
            is_whole(snprintf(probed, PLACE_MAX, "%s%s", path, probe)) && fits(probed))
            return true;
    return is_whole(snprintf(path, PLACE_MAX, "%s", installed)) &&
           is_whole(snprintf(probed, PLACE_MAX, "%s%s", path, probe)) && fits(probed);
}

bool place_session(char path[PLACE_MAX])
{
    static const char *const from_here[] = {"../hilum-ghc-session",
                                            "../../../libexec/hilum/hilum-ghc-session", NULL};
    return find("HILUM_GHC_SESSION", from_here, HILUM_LIBEXECDIR "/hilum-ghc-session", "",
                is_program, path);
}

bool place_sources(char path[PLACE_MAX])
{
    static const char *const from_here[] = {"..", "../../../share/hilum/ghc", NULL};
    return find("HILUM_GHC_SOURCES", from_here, HILUM_DATADIR "/hilum/ghc", "/build", exists, path);
}

bool place_cache(char path[PLACE_MAX])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        return is_whole(snprintf(path, PLACE_MAX, "%s/hilum", cache));
    return home && home[0] == '/' && is_whole(snprintf(path, PLACE_MAX, "%s/.cache/hilum", home));
}

bool place_program(const char *name, char path[PLACE_MAX])
{
    char candidate[PLACE_MAX];
    const char *list = getenv("PATH");
    if (strchr(name, '/'))
        return is_program(name) && realpath(name, path);
    while (list && *list) {
        int size = (int)strcspn(list, ":");
        if (is_whole(
                snprintf(candidate, sizeof candidate, "%.*s/%s", size, size ? list : ".", name)) &&
            is_program(candidate))
            return realpath(candidate, path);
        list += size + (list[size] == ':');
    }
    return false;
}
