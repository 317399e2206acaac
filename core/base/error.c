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
        error->code = NULL;
        error->place.line = 0;
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
        snprintf(error->sentence, sizeof error->sentence, "%.300s: %.700s", text, cause);
    }
    return false;
}

bool error_code(struct error *error, const char *code)
{
    if (error)
        error->code = code;
    return false;
}

bool error_at(struct error *error, const char *file, size_t line, size_t column, size_t length)
{
    if (!error)
        return false;
    error->place = (struct error_place){.line = line, .column = column, .length = length};
    if (strlen(file) < sizeof error->place.file)
        strcpy(error->place.file, file);
    return false;
}
