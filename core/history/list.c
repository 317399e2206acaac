#include "history/list.h"
#include "base/json_scan.h"

#include <stdlib.h>

/* What the scratch buffer keeps between two inputs. */
#define TEXT_KEEP 4096

static void entry_free(struct history_entry *entry)
{
    free((char *)entry->output.data);
    free(entry);
}

/* The text of a JSON string, until the next call. */
static bool read_text(struct history_list *list, struct str json)
{
    buffer_clear(&list->text, TEXT_KEEP);
    return json_unescape(json, &list->text) && !list->text.failed;
}

static void forget_first(struct history_list *list)
{
    struct history_entry *entry = list->first;
    list->first = entry->next;
    *(entry->next ? &entry->next->previous : &list->last) = NULL;
    if (list->unsaved == entry)
        list->unsaved = entry->next;
    list->count--;
    list->bytes -= entry->source.size + entry->output.size;
    entry_free(entry);
}

void history_list_fini(struct history_list *list)
{
    while (list->first)
        forget_first(list);
    buffer_fini(&list->text);
}

static void forget_the_oldest(struct history_list *list)
{
    while (list->count > HISTORY_ENTRIES_MAX ||
           (list->bytes > HISTORY_BYTES_MAX && list->count > 1))
        forget_first(list);
}

static struct history_entry *entry_new(int64_t line, struct str source)
{
    struct history_entry *entry = malloc(sizeof *entry + source.size);
    if (!entry)
        return NULL;
    *entry = (struct history_entry){.line = line, .source = {entry->bytes, source.size}};
    if (source.size)
        memcpy(entry->bytes, source.data, source.size);
    return entry;
}

void history_list_add(struct history_list *list, int64_t line, struct str source)
{
    struct history_entry *entry =
        read_text(list, source) ? entry_new(line, buffer_str(&list->text)) : NULL;
    if (!entry)
        return;
    entry->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = entry;
    list->last = entry;
    if (!list->unsaved)
        list->unsaved = entry;
    list->count++;
    list->bytes += entry->source.size;
    forget_the_oldest(list);
}

void history_list_set_output(struct history_list *list, int64_t line, struct str output)
{
    struct history_entry *entry = list->last;
    if (!entry || entry->line != line || !read_text(list, output))
        return;
    /* A byte more, so that an empty text is one, too. */
    char *copy = malloc(list->text.size + 1);
    if (!copy)
        return;
    if (list->text.size)
        memcpy(copy, list->text.data, list->text.size);
    list->bytes += list->text.size - entry->output.size;
    free((char *)entry->output.data);
    entry->output = (struct str){copy, list->text.size};
    if (!list->unsaved)
        list->unsaved = entry;
    forget_the_oldest(list);
}
