/* The benchmark: README.md says what is measured and how to read it. */
#include "options.h"

#include "workspace.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

/* Three for each of 200 kernels at once, and some to spare. */
#define SOCKETS_MAX 4096

/* The directory of this program, and the build tree two levels above it. */
static bool find_places(const struct options *options, char bench[PATH_MAX], char build[PATH_MAX])
{
    char guess[PATH_MAX + 8];
    ssize_t length = readlink("/proc/self/exe", bench, PATH_MAX - 1);
    if (length <= 0)
        return false;
    bench[length] = 0;
    *strrchr(bench, '/') = 0;
    snprintf(guess, sizeof guess, "%s/../..", bench);
    return realpath(options->build ? options->build : guess, build) != NULL;
}

static void run_groups(const struct options *options, struct bench *bench)
{
    for (int i = 0; i < BENCH_GROUPS; i++) {
        if (options->has_selection && !options->is_selected[i])
            continue;
        fprintf(stderr, "bench: %s: %s\n", bench_groups[i].name, bench_groups[i].help);
        bench_groups[i].run(bench);
    }
}

static bool measure(const struct options *options)
{
    struct bench bench = {
        .scale = options->is_quick ? &scale_quick : &scale_full,
        .kernels = &options->kernels,
        .report = report_new(&options->kernels),
        .zmq = zmq_ctx_new(),
    };
    zmq_ctx_set(bench.zmq, ZMQ_MAX_SOCKETS, SOCKETS_MAX);
    run_groups(options, &bench);
    report_print(bench.report);
    bool is_good = report_failures(bench.report) == 0;
    if (options->json)
        is_good &= report_write_json(bench.report, options->json, options->is_quick);
    zmq_ctx_term(bench.zmq);
    report_free(bench.report);
    return is_good;
}

int main(int argc, char **argv)
{
    static struct options options;
    char bench[PATH_MAX], build[PATH_MAX];
    if (!options_parse(&options, argc, argv))
        return 2;
    if (!find_places(&options, bench, build)) {
        fprintf(stderr, "bench: no build tree at %s\n", options.build ? options.build : "../..");
        return 2;
    }
    kernels_prepare(&options.kernels, &(struct kernel_places){build, bench});
    if (!workspace_open()) {
        fprintf(stderr, "bench: cannot make a temporary directory\n");
        return 2;
    }
    bool is_good = measure(&options);
    workspace_close();
    kernels_fini(&options.kernels);
    return is_good ? 0 : 1;
}
