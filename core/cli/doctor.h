/* The doctor's examinations, by subject. Each adds its findings to the report. */
#ifndef HILUM_CLI_DOCTOR_H
#define HILUM_CLI_DOCTOR_H

#include "cli/report.h"
#include "config/config.h"

/* Kernelspecs, Jupyter itself, its runtime folder. */
void doctor_check_jupyter(struct report *report);

/* Limits of the system that hurt a kernel; languages that need a program. */
void doctor_check_system(struct report *report);

#endif
