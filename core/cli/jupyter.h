/* Where Jupyter keeps its kernelspecs and runtime files (as jupyter_core.paths says). */
#ifndef HILUM_CLI_JUPYTER_H
#define HILUM_CLI_JUPYTER_H

#include <stdbool.h>
#include <stddef.h>

/* Each returns a path that the caller frees, or NULL: no home, or out of memory. */

/* $JUPYTER_DATA_DIR, $XDG_DATA_HOME/jupyter or ~/.local/share/jupyter. */
char *jupyter_user_data(void);

/* $JUPYTER_RUNTIME_DIR, or runtime/ in the user's data. */
char *jupyter_runtime(void);

/* $VIRTUAL_ENV or $CONDA_PREFIX, borrowed; NULL: neither. */
const char *jupyter_environment_prefix(void);

/* Kernelspecs of all users go here. */
#define JUPYTER_SYSTEM_PREFIX "/usr/local"

/* PREFIX/share/jupyter/kernels. */
char *jupyter_kernels_in(const char *prefix);

/* The folders of kernelspecs that Jupyter searches, first ones first. */
#define JUPYTER_FOLDERS_MAX 16
struct jupyter_folders {
    char *items[JUPYTER_FOLDERS_MAX];
    size_t count;
};

void jupyter_folders_init(struct jupyter_folders *folders);
void jupyter_folders_fini(struct jupyter_folders *folders);

/* Letters, digits, '.', '_' and '-': what Jupyter accepts as a kernel's name. */
bool jupyter_kernel_name_is_valid(const char *name);

#endif
