#include "worker/plugin.h"

#include <dlfcn.h>
#include <string.h>

/* Where the mandatory part of the table ends. */
#define MANDATORY_SIZE offsetof(struct hilum_evaluator, options)

_Static_assert(offsetof(struct hilum_evaluator, struct_size) == 4, "the head of the ABI is fixed");

typedef const struct hilum_evaluator *entry_point(void);

static bool require(bool present, const char *file, const char *member, struct error *error)
{
    return present || error_set(error, "%s: the evaluator's table has no `%s`, which is mandatory",
                                file, member);
}

static bool check_members(const struct hilum_evaluator *t, const char *file, struct error *error)
{
    return require(t->name && *t->name, file, "name", error) &&
           require(t->version, file, "version", error) &&
           require(t->display_name, file, "display_name", error) &&
           require(t->language, file, "language", error) &&
           require(t->language->name, file, "language->name", error) &&
           require(t->language->version, file, "language->version", error) &&
           require(t->language->mimetype, file, "language->mimetype", error) &&
           require(t->language->file_extension, file, "language->file_extension", error) &&
           require(t->load, file, "load", error) && require(t->compile, file, "compile", error) &&
           require(t->run, file, "run", error) && require(t->discard, file, "discard", error) &&
           require(t->unload, file, "unload", error);
}

bool plugin_copy_table(const struct hilum_evaluator *exported, const char *file,
                       struct hilum_evaluator *table, struct error *error)
{
    if (!exported)
        return error_set(error, "%s: hilum_evaluator() returned no table", file);
    if (exported->abi_version != HILUM_ABI_VERSION)
        return error_set(error,
                         "%s speaks evaluator ABI %u, this Hilum speaks %u; rebuild the evaluator "
                         "against this version's <hilum/evaluator.h>",
                         file, exported->abi_version, HILUM_ABI_VERSION);
    if (exported->struct_size < MANDATORY_SIZE)
        return error_set(error,
                         "%s: its table has %u bytes, but the mandatory members take %zu; set "
                         "struct_size to sizeof(struct hilum_evaluator)",
                         file, exported->struct_size, MANDATORY_SIZE);
    struct hilum_evaluator copy = {0};
    size_t size = exported->struct_size < sizeof copy ? exported->struct_size : sizeof copy;
    memcpy(&copy, exported, size);
    copy.struct_size = (uint32_t)size;
    if (!check_members(&copy, file, error))
        return false;
    *table = copy;
    return true;
}

bool plugin_open(const char *file, struct hilum_evaluator *table, struct error *error)
{
    /* Global, because modules of the language (Lua's C modules) expect the language's symbols. */
    void *object = dlopen(file, RTLD_NOW | RTLD_GLOBAL);
    if (!object)
        return error_set(
            error, "cannot load the evaluator: %s (`ldd -r` on the file shows what is missing)",
            dlerror());
    union {
        void *object;
        entry_point *function;
    } symbol = {dlsym(object, "hilum_evaluator")};
    if (!symbol.object)
        return error_set(error,
                         "%s is no evaluator: it does not export hilum_evaluator() (see "
                         "<hilum/evaluator.h>; is it declared HILUM_EXPORT?)",
                         file);
    return plugin_copy_table(symbol.function(), file, table, error);
}
