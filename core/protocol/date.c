#include "protocol/date.h"

#include <time.h>

#define SECOND 1000000

/* Exactly `digits` digits at the start of *text, which is moved past them. */
static bool take_number(struct str *text, size_t digits, int *value)
{
    *value = 0;
    if (text->size < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (text->data[i] < '0' || text->data[i] > '9')
            return false;
        *value = *value * 10 + (text->data[i] - '0');
    }
    *text = str_slice(*text, digits, text->size);
    return true;
}

static bool take_any(struct str *text, const char *characters)
{
    if (!text->size || !strchr(characters, text->data[0]) || !text->data[0])
        return false;
    *text = str_slice(*text, 1, text->size);
    return true;
}

/* ".070860": digits that are missing are taken as nines. */
static int64_t take_fraction(struct str *text)
{
    int64_t value = 0, unit = SECOND / 10;
    int digit;
    if (take_any(text, ".,"))
        while (take_number(text, 1, &digit)) {
            value += digit * unit;
            unit /= 10;
        }
    return value + (unit ? unit * 10 - 1 : 0);
}

/* "Z", "+01:00", "-0130" or nothing (UTC), in seconds. */
static bool take_offset(struct str *text, int *seconds)
{
    int hours, minutes, sign = text->size && text->data[0] == '-' ? -1 : 1;
    *seconds = 0;
    if (!text->size || take_any(text, "Zz"))
        return true;
    if (!take_any(text, "+-") || !take_number(text, 2, &hours))
        return false;
    take_any(text, ":");
    if (!take_number(text, 2, &minutes))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool date_parse(struct str text, int64_t *microseconds)
{
    struct tm tm = {.tm_isdst = 0};
    int offset;
    if (!take_number(&text, 4, &tm.tm_year) || !take_any(&text, "-") ||
        !take_number(&text, 2, &tm.tm_mon) || !take_any(&text, "-") ||
        !take_number(&text, 2, &tm.tm_mday) || !take_any(&text, "Tt ") ||
        !take_number(&text, 2, &tm.tm_hour) || !take_any(&text, ":") ||
        !take_number(&text, 2, &tm.tm_min) || !take_any(&text, ":") ||
        !take_number(&text, 2, &tm.tm_sec))
        return false;
    int64_t fraction = take_fraction(&text);
    if (!take_offset(&text, &offset) || text.size)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *microseconds = ((int64_t)timegm(&tm) - offset) * SECOND + fraction;
    return true;
}

int64_t date_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}
