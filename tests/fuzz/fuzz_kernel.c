/*
 * The whole kernel, from frames to replies: kernel_main itself, with clients and a worker that a
 * script plays (kernel_script.h says how). Whatever they do, each message that the kernel sends is
 * a good one, `busy` and `idle` come in pairs, and the kernel ends when it is told to.
 */
#include "config/config.h"
#include "kernel/kernel.h"
#include "kernel_script.h"

#include <signal.h>
#include <stdlib.h>

#define CONFIG                                                                                     \
    "{\"queue\":{\"max_requests\":4},\"interrupt\":{\"grace_seconds\":0},"                         \
    "\"evaluators\":{\"lua\":{\"library\":\"/proc/self/exe\"}}}"
#define PORTS "\"shell_port\":1,\"control_port\":2,\"iopub_port\":3,\"stdin_port\":4,\"hb_port\":5"

static struct config *load_config(void)
{
    struct error error;
    setenv("USER", "somebody", 1);
    unsetenv("JPY_PARENT_PID");
    unsetenv("HILUM_EVALUATOR");
    struct config_overrides overrides = {.file = fuzz_file(STR(CONFIG))};
    struct config *config = config_load(&overrides, &error);
    FUZZ_REQUIRE(config);
    return config;
}

/* Signals that came after the kernel had stopped to read them. */
static void forget_signals(void)
{
    static const struct timespec at_once;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    while (sigtimedwait(&set, NULL, &at_once) >= 0)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    struct str text = fuzz_input(data, size);
    bool is_signed = str_has_prefix(text, STR("K\n"));
    if (!config)
        config = load_config();
    const char *connection =
        fuzz_file(is_signed ? STR("{\"key\":\"k\"," PORTS "}") : STR("{" PORTS "}"));
    script = (struct script){.kind = '\0'};
    script_start(text);
    FUZZ_REQUIRE(kernel_main(config, connection) == 0);
    FUZZ_REQUIRE(!script.has_worker);
    /* While IOPub took nothing, the last ones may not have been sent. */
    FUZZ_REQUIRE(script.busy == script.idle || script.was_full);
    forget_signals();
    return 0;
}
