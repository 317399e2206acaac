#include "cli/kernelspec.h"
#include "cli/folder.h"
#include "config/paths.h"
#include "protocol/curve.h"

#include <stdlib.h>

static json_t *argv_of(const struct kernelspec *spec)
{
    json_t *argv = json_pack("[s, s, s, s, s, s]", spec->executable, "run", "-f",
                             "{connection_file}", "--evaluator", spec->evaluator->name);
    if (argv && spec->config_file &&
        (json_array_append_new(argv, json_string("--config")) ||
         json_array_append_new(argv, json_string(spec->config_file)))) {
        json_decref(argv);
        return NULL;
    }
    return argv;
}

/* Jupyter expands $NAME in the values of env; "$$" stands for one '$'. */
static json_t *env_value(const char *text)
{
    struct buffer out = {0};
    for (; *text; text++)
        buffer_append_cstr(&out, *text == '$' ? "$$" : (const char[]){*text, '\0'});
    json_t *value = out.failed ? NULL : json_stringn(out.size ? out.data : "", out.size);
    buffer_fini(&out);
    return value;
}

static json_t *env_of(const struct kernelspec *spec)
{
    json_t *env = json_object();
    if (env && spec->evaluator_path &&
        json_object_set_new(env, "HILUM_EVALUATOR_PATH", env_value(spec->evaluator_path)) != 0) {
        json_decref(env);
        return NULL;
    }
    return env;
}

/* The version from which launchers may hand out registration files: JEP 66 says 5.5, the messaging
 * specification 5.6. Others hand out connection files, which are understood as well. */
#define HANDSHAKE_VERSION "5.6"

/* "supported_encryption": JEP 145. */
static json_t *metadata(void)
{
    json_t *encryption = curve_is_available() ? json_pack("[s]", "curve") : json_array();
    return json_pack("{s:b, s:o}", "debugger", 0, "supported_encryption", encryption);
}

/* The text of kernel.json, which the caller frees. */
static char *kernel_json(const struct kernelspec *spec)
{
    json_t *json = json_pack(
        "{s:o, s:s+, s:s, s:s, s:s, s:o, s:o}", "argv", argv_of(spec), "display_name",
        evaluator_fact(spec->evaluator, "display_name"), " (Hilum)", "language",
        evaluator_language_fact(spec->evaluator, "name"), "interrupt_mode", "message",
        "kernel_protocol_version", HANDSHAKE_VERSION, "metadata", metadata(), "env", env_of(spec));
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    return text;
}

/* An evaluator without logos is in order: Jupyter shows a letter. */
static bool copy_logos(const struct folder *folder, const char *name, struct error *error)
{
    static const char *const logos[] = {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"};
    bool good = true;
    for (size_t i = 0; good && i < sizeof logos / sizeof *logos; i++) {
        char *path;
        if (!paths_find_resource(name, logos[i], &path, NULL))
            continue;
        good = folder_copy(folder, logos[i], path, error);
        free(path);
    }
    return good;
}

static bool fill(const struct folder *folder, const struct kernelspec *spec, struct error *error)
{
    struct buffer content = {0};
    char *text = kernel_json(spec);
    if (!text)
        return error_set(error, "cannot make kernel.json: out of memory, or a path is not UTF-8");
    buffer_append_format(&content, "%s\n", text);
    bool good = !content.failed || error_set(error, "out of memory");
    good = good && copy_logos(folder, evaluator_fact(spec->evaluator, "evaluator"), error) &&
           folder_write(folder, "kernel.json", buffer_str(&content), error);
    buffer_fini(&content);
    free(text);
    return good;
}

bool kernelspec_install(const struct kernelspec *spec, const char *parent, struct error *error)
{
    struct folder folder;
    if (!folder_begin(&folder, parent, spec->name, error))
        return false;
    bool good = fill(&folder, spec, error) && folder_commit(&folder, error);
    folder_end(&folder);
    return good;
}
