/*
 * How Prometheus finds kernels, which come and go and listen at ports that were chosen for them: each
 * has a file in one folder that names its address (Prometheus' file_sd_configs), and removes it at
 * its end.
 */
#ifndef HILUM_TELEMETRY_TARGETS_H
#define HILUM_TELEMETRY_TARGETS_H

#include "base/error.h"

struct target {
    const char *address; /* "127.0.0.1:41234" */
    const char *evaluator;
    const char *user;
    const char *session;
};

/* Writes FOLDER/hilum-HOST-PID.json, and removes those of kernels on this host that are dead. The
 * folder is made when it is missing. Returns the file's path for targets_remove; NULL, with the
 * error. */
char *targets_add(const char *folder, const struct target *target, struct error *error)
    __attribute__((warn_unused_result));

/* Removes the file and frees the path. Accepts NULL. */
void targets_remove(char *path);

#endif
