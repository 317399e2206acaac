/* Errors that have a place in a file, with the line that is meant. */
#ifndef HILUM_CLI_PROBLEM_H
#define HILUM_CLI_PROBLEM_H

#include "base/error.h"

/* Prints the sentence with its code and, when it is about a place, the line of the file with a
 * caret, on stderr. */
void problem_print(const struct error *error);

/* The same for a person; for a log, which has a line for each thing, only the sentence. */
void problem_log(const struct error *error);

#endif
