#include "telemetry/targets.h"
#include "base/buffer.h"
#include "base/json_write.h"
#include "base/path.h"
#include "telemetry/replace_file.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void get_host(char *out, size_t size)
{
    if (gethostname(out, size) < 0)
        snprintf(out, size, "localhost");
    out[size - 1] = '\0';
}

/* The process in "hilum-HOST-PID.json"; 0: it is no such file, or another host's. */
static long process_of(const char *name, const char *host)
{
    size_t size = strlen(host);
    char *end;
    if (strncmp(name, "hilum-", 6) != 0 || strncmp(name + 6, host, size) != 0 ||
        name[6 + size] != '-')
        return 0;
    long pid = strtol(name + 6 + size + 1, &end, 10);
    return strcmp(end, ".json") == 0 && pid > 0 ? pid : 0;
}

/* Kernels that were killed have left theirs. */
static void sweep(const char *folder, const char *host)
{
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        long pid = process_of(entry->d_name, host);
        if (pid && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory)
        closedir(directory);
}

static void write_label(struct buffer *out, const char *key, const char *value, const char *after)
{
    json_write_key(out, key);
    json_write_string(out, str_of(value));
    buffer_append_cstr(out, after);
}

char *targets_add(const char *folder, const struct target *target, struct error *error)
{
    char host[128];
    struct buffer text = {0};
    get_host(host, sizeof host);
    if (mkdir(folder, 0755) == 0)
        chmod(folder, 0755);
    sweep(folder, host);
    char *path = path_format("%s/hilum-%s-%ld.json", folder, host, (long)getpid());
    buffer_append_cstr(&text, "[{\"targets\": [");
    json_write_string(&text, str_of(target->address));
    buffer_append_cstr(&text, "], \"labels\": {");
    write_label(&text, "evaluator", target->evaluator, ", ");
    write_label(&text, "user", target->user, ", ");
    write_label(&text, "session", target->session, "}}]\n");
    if (!path || text.failed) {
        error_set(error, "out of memory");
        targets_remove(path);
        path = NULL;
    } else if (!replace_file(path, buffer_str(&text), error)) {
        free(path);
        path = NULL;
    }
    buffer_fini(&text);
    return path;
}

void targets_remove(char *path)
{
    if (path)
        unlink(path);
    free(path);
}
