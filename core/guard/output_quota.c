#include "guard/output_quota.h"
#include "base/utf8.h"

static uint64_t room(const struct output_quota *quota)
{
    return quota->left_out ? 0 : quota->max - quota->shown;
}

struct str output_quota_take_text(struct output_quota *quota, struct str text)
{
    struct str fits = text;
    if (!quota->max)
        return text;
    if (text.size > room(quota)) {
        fits = str_slice(text, 0, (size_t)room(quota));
        fits = str_slice(fits, 0, fits.size - utf8_incomplete_tail(fits));
    }
    quota->shown += fits.size;
    quota->left_out += text.size - fits.size;
    return fits;
}

bool output_quota_take_whole(struct output_quota *quota, uint64_t size)
{
    if (!quota->max)
        return true;
    bool fits = size <= room(quota);
    *(fits ? &quota->shown : &quota->left_out) += size;
    return fits;
}
