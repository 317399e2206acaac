#include "names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static size_t hash(const char *name, size_t size)
{
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        value = (value ^ (unsigned char)name[i]) * 1099511628211u;
    return (size_t)(value ^ value >> 32);
}

/* The entry of this name, or the free one where it belongs. There is always a free one. */
static struct name_entry *place(const struct names *names, const char *name, size_t size)
{
    size_t i = hash(name, size) & (names->room - 1);
    for (;; i = (i + 1) & (names->room - 1)) {
        struct name_entry *entry = &names->entries[i];
        if (!entry->name || (strncmp(entry->name, name, size) == 0 && entry->name[size] == '\0'))
            return entry;
    }
}

void *names_find(const struct names *names, const char *name, size_t size)
{
    return names->room ? place(names, name, size)->thing : NULL;
}

static bool grow(struct names *names)
{
    struct names larger = {.room = names->room ? names->room * 2 : 64};
    larger.entries = calloc(larger.room, sizeof(*larger.entries));
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < names->room; i++)
        if (names->entries[i].name)
            *place(&larger, names->entries[i].name, strlen(names->entries[i].name)) =
                names->entries[i];
    larger.count = names->count;
    free(names->entries);
    *names = larger;
    return true;
}

bool names_set(struct names *names, const char *name, void *thing)
{
    if (names->count + 1 > names->room / 2 && !grow(names))
        return false;
    struct name_entry *entry = place(names, name, strlen(name));
    if (!entry->name)
        names->count++;
    *entry = (struct name_entry){name, thing};
    return true;
}

void names_free(struct names *names)
{
    free(names->entries);
    *names = (struct names){0};
}
