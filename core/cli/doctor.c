#include "cli/doctor.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/evaluators.h"
#include "cli/output.h"
#include "config/paths.h"
#include "history/store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_worker(struct report *report)
{
    char *path;
    struct error error;
    if (!paths_find_worker(&path, &error)) {
        report_add(report, FINDING_FAIL, "%s", error.sentence);
        report_mend("install Hilum again: `make install` where it was built");
        return;
    }
    if (access(path, X_OK) == 0) {
        report_add(report, FINDING_OK, "worker program %s", path);
    } else {
        report_add(report, FINDING_FAIL, "worker program %s: %s", path, strerror(errno));
        report_mend("`chmod +x %s`", path);
    }
    free(path);
}

/* Who may write the configuration chooses the code that kernels run. */
static void check_config_file(struct report *report, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        report_add(report, FINDING_FAIL, "configuration %s: %s", path, strerror(errno));
    } else if (status.st_mode & (S_IWGRP | S_IWOTH)) {
        report_add(report, FINDING_WARN, "configuration %s may be written by others", path);
        report_mend("`chmod go-w %s`", path);
    } else if (status.st_uid != geteuid() && status.st_uid != 0) {
        report_add(report, FINDING_WARN, "configuration %s belongs to another user (uid %lu)", path,
                   (unsigned long)status.st_uid);
        report_mend("`ls -l %s` shows whose it is", path);
    } else {
        report_add(report, FINDING_OK, "configuration %s", path);
    }
}

static struct config *check_config(struct report *report, const struct config_overrides *overrides)
{
    struct error error;
    struct config *config = config_load(overrides, &error);
    if (!config) {
        report_add(report, FINDING_FAIL, "configuration: %s", error.sentence);
        report_mend("mend the file; `hilum config` checks it");
    } else if (config_file(config)) {
        check_config_file(report, config_file(config));
    } else {
        report_add(report, FINDING_OK, "no configuration file: the defaults hold");
    }
    return config;
}

static void check_evaluator(struct report *report, const struct evaluator *evaluator,
                            const struct config *config)
{
    if (!evaluator->problem) {
        report_add(report, FINDING_OK, "evaluator %s %s, %s", evaluator->name,
                   evaluator_fact(evaluator, "version"), evaluator->file);
        return;
    }
    report_add(report, FINDING_FAIL, "evaluator %s: %s", evaluator->name, evaluator->problem);
    if (config && config_runs_program(config, evaluator->name))
        report_mend("install the program, or correct its \"command\" in the configuration");
    else if (evaluator->file)
        report_mend("`ldd %s` shows missing libraries; else rebuild or remove it", evaluator->file);
    else
        report_mend("correct its \"library\" in the configuration");
}

static void say_where(void)
{
    char **directories = paths_evaluator_directories();
    for (size_t i = 0; directories && directories[i]; i++)
        report_mend("%s %s", i ? "   " : "in:", directories[i]);
    paths_free_list(directories);
}

static void check_default(struct report *report, const struct config *config,
                          const struct evaluators *list)
{
    const char *name = config_evaluator(config);
    const struct evaluator *chosen = NULL;
    struct error error;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            chosen = &list->items[i];
    if (!chosen) {
        report_add(report, FINDING_FAIL,
                   "the evaluator \"%s\" that the settings choose is not there", name);
        report_mend("install it, or set \"evaluator\" in hilum.json to one of `hilum list`");
    } else if (chosen->problem) {
        report_add(report, FINDING_FAIL, "the evaluator \"%s\" that the settings choose is broken",
                   name);
        report_mend("see above");
    } else if (!config_check_options(config, chosen->known, &error)) {
        report_add(report, FINDING_FAIL, "%s", error.sentence);
        report_mend("mend the file; `hilum config` lists the options");
    } else {
        report_add(report, FINDING_OK, "the settings choose the evaluator \"%s\"", name);
    }
}

static bool check_evaluators(struct report *report, const struct config *config, bool *has_haskell)
{
    struct evaluators list;
    if (!evaluators_init(&list, config))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        check_evaluator(report, &list.items[i], config);
        *has_haskell |= strcmp(list.items[i].name, "ghc") == 0;
    }
    if (!list.count) {
        report_add(report, FINDING_FAIL, "no evaluator was found");
        say_where();
    }
    if (config)
        check_default(report, config, &list);
    evaluators_fini(&list);
    return true;
}

static void check_history(struct report *report, const struct config *config)
{
    struct error error;
    if (!config_flag(config, "history.enabled"))
        return;
    char *file = config_history_file(config);
    if (!history_store_is_there(&error)) {
        report_add(report, FINDING_FAIL, "inputs cannot be kept for later sessions: %s",
                   error.sentence);
        report_mend("`apt-get install libsqlite3-0`; or build Hilum again with libsqlite3-dev");
    } else if (!file) {
        report_add(report, FINDING_FAIL,
                   "inputs cannot be kept for later sessions: the user has no state folder");
        report_mend("set \"history.file\", or XDG_STATE_HOME or HOME in the environment");
    } else {
        report_add(report, FINDING_OK, "inputs are kept for later sessions in %s", file);
    }
    free(file);
}

static void print_summary(const struct report *report)
{
    struct buffer out = {0};
    size_t warnings = report->counts[FINDING_WARN], failures = report->counts[FINDING_FAIL];
    buffer_append_format(&out, "\n%zu ok, %zu warning%s, %zu failure%s\n",
                         report->counts[FINDING_OK], warnings, warnings == 1 ? "" : "s", failures,
                         failures == 1 ? "" : "s");
    output_print(&out);
    buffer_fini(&out);
}

int command_doctor(int argc, char **argv)
{
    struct config_overrides overrides = {0};
    const struct args_option options[] = {
        {"--config", "FILE", "read this configuration file", .text = &overrides.file},
        {0},
    };
    int status;
    if (!args_parse(argc, argv, options,
                    "Checks the installation; exits with 1 when something does not work.", &status))
        return status;
    struct report report = {{0}};
    check_worker(&report);
    struct config *config = check_config(&report, &overrides);
    bool has_haskell = false;
    bool good = check_evaluators(&report, config, &has_haskell);
    if (good && config)
        check_history(&report, config);
    if (good)
        doctor_check_telemetry(&report, config);
    config_free(config);
    if (!good) {
        output_error("out of memory");
        return EXIT_FAILURE;
    }
    doctor_check_jupyter(&report);
    doctor_check_system(&report, has_haskell);
    print_summary(&report);
    return report.counts[FINDING_FAIL] ? EXIT_FAILURE : EXIT_SUCCESS;
}
