#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *soname, const char *const *names, size_t count, void *functions,
                  struct error *error)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return error_set(error, "%s", dlerror());
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(library, names[i]);
        if (!function)
            return error_set(error, "%s has no %s", soname, names[i]);
        memcpy((char *)functions + i * sizeof function, &function, sizeof function);
    }
    return true;
}
