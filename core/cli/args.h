/* Command-line options as data: a command lists what it takes; parsing, usage errors and --help
 * are made from the list. */
#ifndef HILUM_CLI_ARGS_H
#define HILUM_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#define ARGS_USAGE 2 /* exit status of a usage error */

/* Values of an option that may be given more than once; borrowed from argv. */
#define ARGS_LIST_MAX 32
struct args_list {
    const char *items[ARGS_LIST_MAX];
    size_t count;
};

/* One option. Exactly one of flag, text and list is set: where what was given goes. */
struct args_option {
    const char
        *name; /* "--config", "-f"; without '-': a list of the arguments that are no option */
    const char *value; /* what stands for the value in the help: "FILE"; NULL for a flag */
    const char *help;
    bool *flag;
    const char **text;
    struct args_list *list;
    bool required;
};

/*
 * Takes argv (argv[0] is the command) apart. False when the command should return *status at once:
 * help was asked for and printed, or there was a usage error and stderr says which. `options` ends
 * with a row whose name is NULL; `summary` is one sentence.
 */
bool args_parse(int argc, char **argv, const struct args_option *options, const char *summary,
                int *status);

#endif
