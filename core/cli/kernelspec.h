/* kernel.json and the logos beside it: how Jupyter learns of a kernel. */
#ifndef HILUM_CLI_KERNELSPEC_H
#define HILUM_CLI_KERNELSPEC_H

#include "cli/evaluators.h"

struct kernelspec {
    const char *name; /* the folder's: "hilum-lua" */
    const struct evaluator *evaluator;
    const char *executable;     /* hilum, absolute */
    const char *config_file;    /* absolute, for --config; NULL: none */
    const char *evaluator_path; /* for $HILUM_EVALUATOR_PATH; NULL: none */
};

/* Writes it into the folder of kernelspecs `parent`, at once and complete; one of the same name is
 * replaced. */
bool kernelspec_install(const struct kernelspec *spec, const char *parent, struct error *error)
    __attribute__((warn_unused_result));

#endif
