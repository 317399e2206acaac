#include "cli/jupyter.h"
#include "base/path.h"
#include "config/paths.h"

#include <stdlib.h>
#include <string.h>

static const char *set_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

char *jupyter_user_data(void)
{
    const char *own = set_variable("JUPYTER_DATA_DIR");
    if (own)
        return path_absolute(own);
    char *data = paths_xdg("XDG_DATA_HOME", ".local/share");
    char *path = data ? path_join(data, "jupyter") : NULL;
    free(data);
    return path;
}

char *jupyter_runtime(void)
{
    const char *own = set_variable("JUPYTER_RUNTIME_DIR");
    if (own)
        return path_absolute(own);
    char *data = jupyter_user_data();
    char *path = data ? path_join(data, "runtime") : NULL;
    free(data);
    return path;
}

const char *jupyter_environment_prefix(void)
{
    const char *virtual_env = set_variable("VIRTUAL_ENV");
    return virtual_env ? virtual_env : set_variable("CONDA_PREFIX");
}

char *jupyter_kernels_in(const char *prefix)
{
    char *absolute = path_absolute(prefix);
    char *path = absolute ? path_join(absolute, "share/jupyter/kernels") : NULL;
    free(absolute);
    return path;
}

static void add(struct jupyter_folders *folders, char *path)
{
    bool is_new = path && folders->count < JUPYTER_FOLDERS_MAX;
    for (size_t i = 0; is_new && i < folders->count; i++)
        is_new = strcmp(folders->items[i], path) != 0;
    if (is_new)
        folders->items[folders->count++] = path;
    else
        free(path);
}

static void add_data_folder(struct jupyter_folders *folders, const char *data)
{
    if (data)
        add(folders, path_join(data, "kernels"));
}

void jupyter_folders_init(struct jupyter_folders *folders)
{
    *folders = (struct jupyter_folders){.count = 0};
    const char *path = set_variable("JUPYTER_PATH");
    char *list = path_absolute_list(path ? path : ""), *rest = list;
    for (char *part; list && (part = strsep(&rest, ":"));)
        if (*part)
            add_data_folder(folders, part);
    free(list);
    char *user = jupyter_user_data();
    add_data_folder(folders, user);
    free(user);
    if (jupyter_environment_prefix())
        add(folders, jupyter_kernels_in(jupyter_environment_prefix()));
    add(folders, jupyter_kernels_in(JUPYTER_SYSTEM_PREFIX));
    add(folders, jupyter_kernels_in("/usr"));
}

void jupyter_folders_fini(struct jupyter_folders *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        free(folders->items[i]);
    folders->count = 0;
}

bool jupyter_kernel_name_is_valid(const char *name)
{
    static const char accepted[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789._-";
    size_t size = strlen(name);
    return size > 0 && size <= 100 && strspn(name, accepted) == size && name[0] != '.';
}
