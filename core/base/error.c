#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *error, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->sentence, sizeof error->sentence, format, args);
        va_end(args);
    }
    return false;
}

bool error_set_errno(struct error *error, const char *format, ...)
{
    int number = errno;
    if (error) {
        char text[sizeof error->sentence];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        error_set(error, "%.900s: %s", text, strerror(number));
    }
    return false;
}

bool error_prefix(struct error *error, const char *format, ...)
{
    if (error) {
        char cause[sizeof error->sentence];
        memcpy(cause, error->sentence, sizeof cause);
        char text[sizeof error->sentence];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        error_set(error, "%.300s: %.700s", text, cause);
    }
    return false;
}
