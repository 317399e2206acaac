/* The doctor's examinations, by subject. Each adds its findings to the report. */
#ifndef HILUM_CLI_DOCTOR_H
#define HILUM_CLI_DOCTOR_H

#include "cli/report.h"
#include "config/config.h"

/* Kernelspecs, Jupyter itself, its runtime folder. */
void doctor_check_jupyter(struct report *report);

/* Limits of the system that hurt a kernel; GHC, which the Haskell evaluator needs when it is there. */
void doctor_check_system(struct report *report, bool has_haskell);

/* Metrics and the log; `config` is NULL when it is bad. */
void doctor_check_telemetry(struct report *report, const struct config *config);

#endif
