#include "config/paths.h"
#include "base/path.h"
#include "base/str.h"
#include "config/settings.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

struct list {
    char **items; /* NULL-terminated */
    size_t count;
    bool failed;
};

void paths_free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

static bool list_has(const struct list *list, const char *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], item) == 0)
            return true;
    return false;
}

/* A place that is there already is not taken again. A NULL item is memory that ran out. */
static void list_take(struct list *list, char *item)
{
    if (item && list_has(list, item)) {
        free(item);
        return;
    }
    char **items = item ? realloc(list->items, (list->count + 2) * sizeof *items) : NULL;
    if (!items) {
        free(item);
        list->failed = true;
        return;
    }
    items[list->count++] = item;
    items[list->count] = NULL;
    list->items = items;
}

/* A NULL item is a place that does not exist here. */
static void list_take_if(struct list *list, char *item)
{
    if (item)
        list_take(list, item);
}

static char **list_finish(struct list *list)
{
    if (!list->failed && !list->items)
        list->items = calloc(1, sizeof *list->items);
    if (list->failed) {
        paths_free_list(list->items);
        return NULL;
    }
    return list->items;
}

/* The non-empty parts of a ':' list in an environment variable. */
static void list_add_environment(struct list *list, const char *name)
{
    const char *value = getenv(name);
    char *absolute = path_absolute_list(value ? value : "");
    char *rest = absolute;
    for (char *part; absolute && (part = strsep(&rest, ":"));)
        if (*part)
            list_take(list, strdup(part));
    list->failed |= !absolute;
    free(absolute);
}

bool paths_find_executable(char **path, struct error *error)
{
    char *found = realpath("/proc/self/exe", NULL);
    if (!found)
        return error_set_errno(error, "cannot tell where this executable is (/proc/self/exe)");
    *path = found;
    return true;
}

/* The folder of the running executable; NULL: unknown. */
static char *executable_directory(void)
{
    char *path = NULL;
    if (!paths_find_executable(&path, NULL))
        return NULL;
    char *slash = strrchr(path, '/');
    slash[slash == path] = '\0';
    return path;
}

/* `path` from the folder of the executable, which has no symbolic links in it: "../" can be taken
 * off as text. */
static char *from_executable(const char *path)
{
    char *directory = executable_directory();
    while (directory && strncmp(path, "../", 3) == 0) {
        char *slash = strrchr(directory, '/');
        slash[slash == directory] = '\0';
        path += 3;
    }
    char *joined = directory ? path_join(directory, path) : NULL;
    free(directory);
    return joined;
}

/* The plugins/ folder of the build tree that this executable is in, or NULL. */
static char *build_tree_plugins(void)
{
    char *worker = from_executable("hilum-worker");
    bool is_build_tree = worker && path_is_file(worker);
    free(worker);
    char *plugins = is_build_tree ? from_executable("plugins") : NULL;
    if (plugins && access(plugins, X_OK) == 0)
        return plugins;
    free(plugins);
    return NULL;
}

char *paths_xdg(const char *name, const char *under_home)
{
    const char *value = getenv(name), *home = getenv("HOME");
    if (value && value[0] == '/')
        return strdup(value);
    return home && home[0] == '/' ? path_join(home, under_home) : NULL;
}

static char *under_xdg(const char *name, const char *under_home, const char *rest)
{
    char *base = paths_xdg(name, under_home);
    char *path = base ? path_join(base, rest) : NULL;
    free(base);
    return path;
}

char *paths_user_config(void)
{
    return under_xdg("XDG_CONFIG_HOME", ".config", "hilum/hilum.json");
}

char *paths_user_history(void)
{
    return under_xdg("XDG_STATE_HOME", ".local/state", "hilum/history.sqlite");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_build_tree_evaluators(struct list *list)
{
    char *plugins = build_tree_plugins();
    DIR *directory = plugins ? opendir(plugins) : NULL;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (!evaluator_name_is_valid(str_of(entry->d_name)))
            continue;
        char *libs = path_format("%s/%s/.libs", plugins, entry->d_name);
        if (libs && access(libs, X_OK) == 0)
            list_take(list, libs);
        else
            free(libs);
    }
    if (directory)
        closedir(directory);
    free(plugins);
}

char **paths_evaluator_directories(void)
{
    struct list list = {0};
    list_add_environment(&list, "HILUM_EVALUATOR_PATH");
    add_build_tree_evaluators(&list);
    list_take_if(&list, under_xdg("XDG_DATA_HOME", ".local/share", "hilum/evaluators"));
    list_take_if(&list, from_executable("../lib/hilum/evaluators"));
    list_take(&list, strdup(HILUM_LIBDIR "/hilum/evaluators"));
    return list_finish(&list);
}

static char **resource_directories(void)
{
    struct list list = {0};
    list_add_environment(&list, "HILUM_DATA_PATH");
    list_take_if(&list, build_tree_plugins());
    list_take_if(&list, under_xdg("XDG_DATA_HOME", ".local/share", "hilum"));
    list_take_if(&list, from_executable("../share/hilum"));
    list_take(&list, strdup(HILUM_DATADIR "/hilum"));
    return list_finish(&list);
}

/* The first of directories/relative that is a regular file; else the error lists the places. */
static bool find_in(char *const *directories, const char *relative, const char *what, char **path,
                    struct error *error)
{
    struct buffer places = {0};
    for (size_t i = 0; directories && directories[i]; i++) {
        char *candidate = path_join(directories[i], relative);
        if (candidate && path_is_file(candidate)) {
            *path = candidate;
            buffer_fini(&places);
            return true;
        }
        buffer_append_format(&places, "%s%s", places.size ? ", " : "", candidate ? candidate : "");
        free(candidate);
    }
    error_set(error, "%s was not found; looked for %.*s", what, STR_FORMAT(buffer_str(&places)));
    buffer_fini(&places);
    return false;
}

bool paths_find_worker(char **path, struct error *error)
{
    struct list list = {0};
    list_take_if(&list, from_executable(""));
    list_take_if(&list, from_executable("../libexec/hilum"));
    list_take(&list, strdup(HILUM_LIBEXECDIR));
    char **directories = list_finish(&list);
    bool found = find_in(directories, "hilum-worker", "the worker program", path, error);
    paths_free_list(directories);
    return found;
}

static bool find_library(const char *name, const char *library, char **path, struct error *error)
{
    if (!path_is_file(library))
        return error_set(error, "the library %s of evaluator \"%s\" does not exist", library, name);
    *path = strdup(library);
    return *path || error_set(error, "out of memory");
}

bool paths_find_evaluator(const char *name, const char *library, char **path, struct error *error)
{
    if (library)
        return find_library(name, library, path, error);
    if (!evaluator_name_is_valid(str_of(name)))
        return error_set(error,
                         "\"%.60s\" cannot be an evaluator's name; expected lower case letters, "
                         "digits, - and _",
                         name);
    char **directories = paths_evaluator_directories();
    char *file = path_format("%s.so", name), *what = path_format("evaluator \"%s\"", name);
    bool found = file && what ? find_in(directories, file, what, path, error)
                              : error_set(error, "out of memory");
    free(what);
    free(file);
    paths_free_list(directories);
    return found;
}

bool paths_find_resource(const char *name, const char *file, char **path, struct error *error)
{
    char **directories = resource_directories();
    char *relative = path_format("%s/%s", name, file);
    bool found = relative ? find_in(directories, relative, file, path, error)
                          : error_set(error, "out of memory");
    free(relative);
    paths_free_list(directories);
    return found;
}

static bool contains(const struct list *list, struct str name)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(str_of(list->items[i]), name))
            return true;
    return false;
}

static void add_names(struct list *list, const char *path)
{
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        struct str file = str_of(entry->d_name);
        struct str name = str_slice(file, 0, file.size > 3 ? file.size - 3 : 0);
        if (evaluator_name_is_valid(name) && strcmp(entry->d_name + name.size, ".so") == 0 &&
            !contains(list, name))
            list_take(list, strndup(name.data, name.size));
    }
    if (directory)
        closedir(directory);
}

char **paths_evaluator_names(void)
{
    struct list list = {0};
    char **directories = paths_evaluator_directories();
    for (size_t i = 0; directories && directories[i]; i++)
        add_names(&list, directories[i]);
    list.failed |= !directories;
    paths_free_list(directories);
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, by_name);
    return list_finish(&list);
}
