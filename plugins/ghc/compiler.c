#include "compiler.h"
#include "cache.h"
#include "child.h"
#include "program/program.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* GHC_PROGRAM, GHC_VERSION and GHC_LIBDIR are those of the build. */

/* Is that GHC still there? Its library registers itself with the version. */
static bool built_with_is_there(void)
{
    glob_t found;
    bool there =
        glob(GHC_LIBDIR "/package.conf.d/ghc-" GHC_VERSION "*.conf", 0, NULL, &found) == 0 ||
        glob(GHC_LIBDIR "/../package.conf.d/ghc-" GHC_VERSION "*.conf", 0, NULL, &found) == 0;
    globfree(&found);
    return there;
}

/* Is this compiler, without symbolic links, the one of the build? */
static bool is_built_with(const char *path)
{
    char built_with[PLACE_MAX];
    return place_program(GHC_PROGRAM, built_with) && strcmp(path, built_with) == 0 &&
           built_with_is_there();
}

static enum hilum_status refuse(const struct hilum_host *host, const char *message)
{
    static const char hint[] = "install GHC 9 (Debian: apt-get install ghc; elsewhere: "
                               "https://www.haskell.org/ghcup/), or set "
                               "\"evaluators\": {\"ghc\": {\"options\": {\"ghc\": PATH}}} in "
                               "hilum.json, and run the cell again";
    host->diagnostic(host, &(struct hilum_diagnostic){
                               .struct_size = sizeof(struct hilum_diagnostic),
                               .severity = HILUM_SEVERITY_ERROR,
                               .code = {"ghc.missing", 11},
                               .name = {"GhcMissing", 10},
                               .message = {message, strlen(message)},
                               .hints = &(struct hilum_str){hint, sizeof hint - 1},
                               .hint_count = 1,
                           });
    return HILUM_ERROR;
}

static enum hilum_status use_built(const struct hilum_host *host, struct compiler *compiler)
{
    compiler->libdir[0] = '\0';
    return place_session(compiler->session)
               ? HILUM_OK
               : program_refuse(host, "evaluator.refused", "EvaluatorError",
                                "the program hilum-ghc-session was not found; install Hilum again");
}

static enum hilum_status use_other(const struct hilum_host *host, const char *path,
                                   struct compiler *compiler)
{
    char version[64], message[PLACE_MAX + 128];
    const char *const version_argv[] = {path, "--numeric-version", NULL};
    const char *const libdir_argv[] = {path, "--print-libdir", NULL};
    enum child_end end = child_ask(host, version_argv, version, sizeof version);
    if (end == CHILD_SUCCEEDED)
        end = child_ask(host, libdir_argv, compiler->libdir, sizeof compiler->libdir);
    if (end == CHILD_STOPPED)
        return HILUM_INTERRUPTED;
    if (end == CHILD_FAILED || strncmp(version, "9.", 2) != 0 || strchr(version, '/')) {
        snprintf(message, sizeof message, "%s is not GHC 9 (it says: %.40s)", path, version);
        return refuse(host, message);
    }
    if (strcmp(version, GHC_VERSION) == 0 && strcmp(compiler->libdir, GHC_LIBDIR) == 0)
        return use_built(host, compiler);
    return cache_session(
        host,
        &(struct cache_request){.compiler = path, .version = version, .libdir = compiler->libdir},
        compiler->session);
}

enum hilum_status compiler_choose(const struct hilum_host *host, struct hilum_str name,
                                  struct compiler *compiler)
{
    char wanted[PLACE_MAX], path[PLACE_MAX], message[PLACE_MAX + 64];
    const char *named = getenv("HILUM_GHC_SESSION");
    bool is_asked_for = name.size > 0;
    if (named && *named && !is_asked_for)
        return use_built(host, compiler);
    int size = snprintf(wanted, sizeof wanted, "%.*s", is_asked_for ? (int)name.size : 3,
                        is_asked_for ? name.data : "ghc");
    if (size >= PLACE_MAX || !place_program(wanted, path)) {
        if (!is_asked_for && built_with_is_there())
            return use_built(host, compiler);
        snprintf(message, sizeof message,
                 strchr(wanted, '/') ? "the compiler %s is not there"
                                     : "there is no %s on the PATH of the kernel",
                 wanted);
        return refuse(host, message);
    }
    return is_built_with(path) ? use_built(host, compiler) : use_other(host, path, compiler);
}
