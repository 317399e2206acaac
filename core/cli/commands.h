/* The commands of the tool. Each gets its own part of argv (argv[0] is the command's name) and
 * returns the exit status: 0 done, 1 failed, 2 wrong usage. */
#ifndef HILUM_CLI_COMMANDS_H
#define HILUM_CLI_COMMANDS_H

int command_run(int argc, char **argv);
int command_worker(int argc, char **argv);
int command_install(int argc, char **argv);
int command_list(int argc, char **argv);
int command_config(int argc, char **argv);
int command_doctor(int argc, char **argv);

#endif
