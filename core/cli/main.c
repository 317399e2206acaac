/* hilum: the command-line tool; `hilum run` is the kernel process. */
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "base/suggest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", command_run, "run a kernel; frontends do this"},
    {"install", command_install, "tell Jupyter about the kernels"},
    {"list", command_list, "show the evaluators that are found"},
    {"config", command_config, "show and check the settings"},
    {"doctor", command_doctor, "find out why something does not work"},
    {"worker", command_worker, "start a worker by hand"},
    {NULL, NULL, NULL},
};

static void print_help(void)
{
    struct buffer out = {0};
    buffer_append_cstr(&out, "usage: hilum COMMAND [OPTION]...\n\n"
                             "Hilum runs languages as Jupyter kernels.\n\n");
    for (const struct command *command = commands; command->name; command++)
        buffer_append_format(&out, "  %-10s  %s\n", command->name, command->summary);
    buffer_append_cstr(&out, "\n`hilum COMMAND --help` tells more; so does `man hilum`.\n");
    output_print(&out);
    buffer_fini(&out);
}

static void print_version(void)
{
    struct buffer out = {0};
    buffer_append_cstr(&out, "hilum " PACKAGE_VERSION "\n");
    output_print(&out);
    buffer_fini(&out);
}

static int unknown_command(const char *name)
{
    struct suggestion known = {.unknown = str_of(name)};
    struct buffer help = {0};
    for (const struct command *command = commands; command->name; command++)
        suggestion_offer(&known, str_of(command->name));
    suggestion_write(&known, &help);
    output_error("there is no command \"%s\"%.*s", name, STR_FORMAT(buffer_str(&help)));
    output_hint("see `hilum --help`");
    suggestion_fini(&known);
    buffer_fini(&help);
    return ARGS_USAGE;
}

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return EXIT_SUCCESS;
    }
    if (strcmp(name, "--version") == 0) {
        print_version();
        return EXIT_SUCCESS;
    }
    if (argc < 2) {
        output_error("a command is missing");
        output_hint("see `hilum --help`");
        return ARGS_USAGE;
    }
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command->run(argc - 1, argv + 1);
    return unknown_command(name);
}

/* Whoever started us with 0, 1 or 2 closed must not make a file of ours become stdout. */
static bool open_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    if (fd > STDERR_FILENO)
        close(fd);
    return fd > STDERR_FILENO;
}

int main(int argc, char **argv)
{
    if (!open_standard_descriptors())
        return EXIT_FAILURE;
    signal(SIGPIPE, SIG_IGN); /* a reader that stopped is an error of write, see output_finish */
    return output_finish(dispatch(argc, argv));
}
