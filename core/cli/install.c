#include "cli/args.h"
#include "cli/commands.h"
#include "cli/jupyter.h"
#include "cli/kernelspec.h"
#include "cli/output.h"
#include "cli/problem.h"
#include "base/path.h"
#include "config/paths.h"

#include <stdlib.h>

struct request {
    struct args_list evaluators; /* none: all that are found */
    const char *name;            /* of the kernelspec */
    const char *prefix;
    bool user, sys_prefix;
    struct config_overrides overrides;
};

/* What all kernelspecs of one call have in common. */
struct site {
    char *parent;   /* the folder of kernelspecs */
    bool is_system; /* it is the one of all users, because no other was asked for */
    char *executable;
    char *config_file;
    char *evaluator_path;
    struct config *config;
};

static void site_fini(struct site *site)
{
    free(site->parent);
    free(site->executable);
    free(site->config_file);
    free(site->evaluator_path);
    config_free(site->config);
}

static int usage_error(const char *sentence)
{
    output_error("install: %s", sentence);
    output_hint("see `hilum install --help`");
    return ARGS_USAGE;
}

static int check_request(const struct request *request)
{
    if (request->user + request->sys_prefix + (request->prefix != NULL) > 1)
        return usage_error("--user, --sys-prefix and --prefix exclude each other");
    if (request->name && request->evaluators.count != 1)
        return usage_error("--name needs exactly one --evaluator");
    if (request->name && !jupyter_kernel_name_is_valid(request->name))
        return usage_error("--name may have letters, digits, '.', '_' and '-' only");
    return EXIT_SUCCESS;
}

static bool find_parent(const struct request *request, char **parent, struct error *error)
{
    const char *prefix = request->prefix ? request->prefix : JUPYTER_SYSTEM_PREFIX;
    if (request->sys_prefix && !(prefix = jupyter_environment_prefix()))
        return error_set(error, "--sys-prefix: neither VIRTUAL_ENV nor CONDA_PREFIX is set; "
                                "activate an environment first, or use --prefix");
    if (!request->user) {
        *parent = jupyter_kernels_in(prefix);
        return *parent || error_set(error, "out of memory");
    }
    char *data = jupyter_user_data();
    *parent = data ? path_join(data, "kernels") : NULL;
    free(data);
    return *parent || error_set(error, "--user: HOME is not set");
}

/* Frontends start kernels in an environment of their own, so what made this call find things is
 * recorded: a configuration that was named, and the search path. */
static bool record_environment(const struct request *request, struct site *site,
                               struct error *error)
{
    const char *named = getenv("HILUM_CONFIG"), *path = getenv("HILUM_EVALUATOR_PATH");
    if (request->overrides.file || (named && *named)) {
        site->config_file = path_absolute(config_file(site->config));
        if (!site->config_file)
            return error_set(error, "out of memory");
    }
    if (path && *path) {
        site->evaluator_path = path_absolute_list(path);
        if (!site->evaluator_path)
            return error_set(error, "out of memory");
    }
    return true;
}

static bool site_init(struct site *site, const struct request *request, struct error *error)
{
    *site = (struct site){.config = config_load(&request->overrides, error)};
    site->is_system = !request->user && !request->sys_prefix && !request->prefix;
    if (site->config && find_parent(request, &site->parent, error) &&
        paths_find_executable(&site->executable, error) && record_environment(request, site, error))
        return true;
    site_fini(site);
    return false;
}

static bool install_one(const struct site *site, const struct evaluator *evaluator,
                        const char *given_name)
{
    struct error error;
    char *name = given_name ? strdup(given_name) : path_format("hilum-%s", evaluator->name);
    const struct kernelspec spec = {
        .name = name,
        .evaluator = evaluator,
        .executable = site->executable,
        .config_file = site->config_file,
        .evaluator_path = site->evaluator_path,
    };
    bool good = name && kernelspec_install(&spec, site->parent, &error);
    if (good) {
        struct buffer out = {0};
        buffer_append_format(&out, "installed %s in %s/%s\n", name, site->parent, name);
        output_print(&out);
        buffer_fini(&out);
    } else {
        output_error("%s was not installed: %s", name ? name : evaluator->name,
                     name ? error.sentence : "out of memory");
        if (site->is_system)
            output_hint("`hilum install --user` installs for you alone");
    }
    free(name);
    return good;
}

static void refuse_broken(const struct evaluator *evaluator)
{
    output_error("evaluator \"%s\" was not installed: %s", evaluator->name, evaluator->problem);
}

static int install_named(const struct site *site, const struct request *request)
{
    int status = EXIT_SUCCESS;
    for (size_t i = 0; i < request->evaluators.count; i++) {
        struct evaluator evaluator;
        if (!evaluator_init(&evaluator, request->evaluators.items[i], site->config)) {
            output_error("out of memory");
            return EXIT_FAILURE;
        }
        if (evaluator.problem)
            refuse_broken(&evaluator);
        if (evaluator.problem || !install_one(site, &evaluator, request->name))
            status = EXIT_FAILURE;
        evaluator_fini(&evaluator);
    }
    return status;
}

/* Broken evaluators were not asked for: they are mentioned and do not fail the others. */
static int install_all(const struct site *site)
{
    struct evaluators list;
    if (!evaluators_init(&list, site->config)) {
        output_error("out of memory");
        return EXIT_FAILURE;
    }
    size_t usable = 0, installed = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].problem) {
            refuse_broken(&list.items[i]);
            continue;
        }
        usable++;
        installed += install_one(site, &list.items[i], NULL);
    }
    if (usable == 0)
        output_error("no evaluator can be installed; see `hilum doctor`");
    evaluators_fini(&list);
    return usable && installed == usable ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void say_what_was_recorded(const struct site *site)
{
    struct buffer out = {0};
    if (site->config_file)
        buffer_append_format(&out, "recorded --config %s\n", site->config_file);
    if (site->evaluator_path)
        buffer_append_format(&out, "recorded HILUM_EVALUATOR_PATH=%s\n", site->evaluator_path);
    output_print(&out);
    buffer_fini(&out);
}

static int install(const struct request *request)
{
    struct site site;
    struct error error;
    if (!site_init(&site, request, &error)) {
        problem_print(&error);
        return EXIT_FAILURE;
    }
    int status = request->evaluators.count ? install_named(&site, request) : install_all(&site);
    if (status == EXIT_SUCCESS)
        say_what_was_recorded(&site);
    site_fini(&site);
    return status;
}

int command_install(int argc, char **argv)
{
    struct request request = {.user = false};
    const struct args_option options[] = {
        {"--evaluator", "NAME", "install this one; default: all that are found",
         .list = &request.evaluators},
        {"--user", NULL, "for this user", .flag = &request.user},
        {"--sys-prefix", NULL, "into the active virtualenv or conda environment",
         .flag = &request.sys_prefix},
        {"--prefix", "DIR", "into DIR/share/jupyter/kernels; default: " JUPYTER_SYSTEM_PREFIX,
         .text = &request.prefix},
        {"--name", "KERNEL", "name of the kernelspec; default: hilum-NAME", .text = &request.name},
        {"--config", "FILE", "let the kernel always use this configuration file",
         .text = &request.overrides.file},
        {0},
    };
    int status;
    if (!args_parse(argc, argv, options, "Installs a Jupyter kernelspec for each evaluator.",
                    &status))
        return status;
    status = check_request(&request);
    return status ? status : install(&request);
}
