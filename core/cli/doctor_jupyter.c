#include "cli/doctor.h"
#include "cli/jupyter.h"
#include "base/child.h"
#include "base/path.h"
#include "config/document.h"
#include "config/paths.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define JUPYTER_VERSION_MS 20000

static bool is_same_file(const char *a, const char *b)
{
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

/* argv[0] of a kernel.json, if the kernel is one of ours: "NAME/hilum" that is told to "run". */
static char *kernel_program(const struct document *document)
{
    struct str text = buffer_str(&document->text);
    json_t *json = json_loadb(text.data, text.size, 0, NULL);
    const json_t *argv = json_object_get(json, "argv");
    const char *program = json_string_value(json_array_get(argv, 0));
    const char *verb = json_string_value(json_array_get(argv, 1));
    const char *slash = program ? strrchr(program, '/') : NULL;
    const char *base = slash ? slash + 1 : program;
    bool is_ours = base && verb && strcmp(base, "hilum") == 0 && strcmp(verb, "run") == 0;
    char *copy = is_ours ? strdup(program) : NULL;
    json_decref(json);
    return copy;
}

static void judge_program(struct report *report, const char *folder, const char *program)
{
    char *self = NULL;
    if (access(program, X_OK) != 0) {
        report_add(report, FINDING_FAIL, "kernelspec %s starts %s: %s", folder, program,
                   strerror(errno));
        report_mend("install it again: `hilum install`, or remove the folder");
    } else if (paths_find_executable(&self, NULL) && !is_same_file(self, program)) {
        report_add(report, FINDING_WARN, "kernelspec %s starts %s, which is not this hilum (%s)",
                   folder, program, self);
        report_mend("if this one should run: `hilum install`");
    } else {
        report_add(report, FINDING_OK, "kernelspec %s", folder);
    }
    free(self);
}

/* True when the folder is a kernelspec of ours. */
static bool check_kernelspec(struct report *report, const char *folder)
{
    char *file = path_join(folder, "kernel.json");
    struct document document = {0};
    struct error error;
    bool is_ours = false;
    enum document_result result = file ? document_read(&document, file, &error) : DOCUMENT_ABSENT;
    if (result == DOCUMENT_READ) {
        char *program = kernel_program(&document);
        is_ours = program;
        if (program)
            judge_program(report, folder, program);
        free(program);
    } else if (result == DOCUMENT_BAD && strstr(folder, "/hilum-")) {
        report_add(report, FINDING_FAIL, "kernelspec %s: %s", folder, error.sentence);
        report_mend("install it again: `hilum install`, or remove the folder");
    }
    document_fini(&document);
    free(file);
    return is_ours;
}

static size_t check_kernelspecs_in(struct report *report, const char *parent)
{
    size_t found = 0;
    DIR *directory = opendir(parent);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char *folder = entry->d_name[0] != '.' ? path_join(parent, entry->d_name) : NULL;
        found += folder && check_kernelspec(report, folder);
        free(folder);
    }
    if (directory)
        closedir(directory);
    return found;
}

static void check_kernelspecs(struct report *report)
{
    struct jupyter_folders folders;
    size_t found = 0;
    jupyter_folders_init(&folders);
    for (size_t i = 0; i < folders.count; i++)
        found += check_kernelspecs_in(report, folders.items[i]);
    jupyter_folders_fini(&folders);
    if (found)
        return;
    report_add(report, FINDING_WARN,
               "no kernelspec of Hilum is installed: Jupyter knows no kernel");
    report_mend("`hilum install --user`");
}

/* The first line of what a program prints, when it succeeds. */
static bool first_line(const char *const *argv, char *line, size_t size)
{
    struct child child = {.output.max = DOCUMENT_MAX};
    struct error error;
    bool good = child_run(&child, argv, JUPYTER_VERSION_MS, &error) && child.end == CHILD_EXITED &&
                child.code == 0;
    struct str text = buffer_str(&child.output);
    const char *end = text.size ? memchr(text.data, '\n', text.size) : NULL;
    text = str_slice(text, 0, end ? (size_t)(end - text.data) : text.size);
    size_t length = text.size < size ? text.size : size - 1;
    if (length)
        memcpy(line, text.data, length);
    line[length] = '\0';
    buffer_fini(&child.output);
    return good;
}

static void check_client(struct report *report)
{
    const char *const jupyter[] = {"jupyter", "--version", NULL};
    const char *const client[] = {"python3", "-c",
                                  "import jupyter_client; print(jupyter_client.__version__)", NULL};
    char line[128];
    bool has_jupyter = first_line(jupyter, line, sizeof line);
    bool has_client = first_line(client, line, sizeof line);
    if (has_jupyter)
        report_add(report, FINDING_OK, "jupyter is on the PATH%s%s",
                   has_client ? ", python3 has jupyter_client " : "", has_client ? line : "");
    else if (has_client)
        report_add(report, FINDING_OK, "python3 has jupyter_client %s (no jupyter on the PATH)",
                   line);
    else
        report_add(report, FINDING_WARN, "no jupyter on the PATH and no jupyter_client in python3");
    if (!has_jupyter && !has_client)
        report_mend("`python3 -m pip install jupyterlab`, in an environment of your choice");
}

/* Connection files carry the keys of kernels: nobody else should get at them. */
static void check_runtime(struct report *report)
{
    struct stat status;
    char *path = jupyter_runtime();
    if (!path) {
        report_add(report, FINDING_FAIL, "Jupyter's runtime folder is unknown: HOME is not set");
        report_mend("set HOME, or JUPYTER_RUNTIME_DIR");
    } else if (stat(path, &status) != 0 && errno == ENOENT) {
        report_add(report, FINDING_OK, "Jupyter's runtime folder %s will be made when it is needed",
                   path);
    } else if (access(path, W_OK | X_OK) != 0) {
        report_add(report, FINDING_FAIL, "Jupyter's runtime folder %s cannot be written: %s", path,
                   strerror(errno));
        report_mend("`ls -ld %s` shows whose it is", path);
    } else if (status.st_mode & (S_IWGRP | S_IWOTH)) {
        report_add(report, FINDING_WARN, "others may write in Jupyter's runtime folder %s", path);
        report_mend("`chmod 700 %s`", path);
    } else {
        report_add(report, FINDING_OK, "Jupyter's runtime folder %s", path);
    }
    free(path);
}

void doctor_check_jupyter(struct report *report)
{
    check_kernelspecs(report);
    check_client(report);
    check_runtime(report);
}
