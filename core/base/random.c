#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

bool random_bytes(void *out, size_t size, struct error *error)
{
    char *to = out;
    while (size) {
        ssize_t got = getrandom(to, size, 0);
        if (got < 0 && errno != EINTR)
            return error_set_errno(error, "cannot get random bytes");
        if (got > 0) {
            to += got;
            size -= (size_t)got;
        }
    }
    return true;
}
