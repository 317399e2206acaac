#include "symbols.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What of a library's dynamic section leads to its symbols. */
struct tables {
    const ElfW(Sym) * symbols;
    const char *names;
    const uint32_t *gnu_hash;
    const uint32_t *hash;
};

/* glibc has relocated the addresses already, except in libraries that it must not write to, such as
 * the vDSO. */
static const void *address_of(const struct link_map *map, ElfW(Addr) address)
{
    return (const void *)(address < map->l_addr ? address + map->l_addr : address);
}

static struct tables tables_of(const struct link_map *map)
{
    struct tables tables = {0};
    for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
        const void *address = address_of(map, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            tables.symbols = address;
        else if (entry->d_tag == DT_STRTAB)
            tables.names = address;
        else if (entry->d_tag == DT_GNU_HASH)
            tables.gnu_hash = address;
        else if (entry->d_tag == DT_HASH)
            tables.hash = address;
    }
    return tables;
}

/* A GNU hash table says only where its chains begin; the last chain ends at the last symbol. */
static uint32_t count_by_gnu_hash(const uint32_t *table)
{
    uint32_t bucket_count = table[0], first = table[1], bloom_words = table[2], last = 0;
    const ElfW(Addr) *bloom = (const ElfW(Addr) *)(table + 4);
    const uint32_t *buckets = (const uint32_t *)(bloom + bloom_words);
    const uint32_t *chains = buckets + bucket_count;
    for (uint32_t i = 0; i < bucket_count; i++)
        if (buckets[i] > last)
            last = buckets[i];
    if (last < first)
        return first;
    while (!(chains[last - first] & 1))
        last++;
    return last + 1;
}

static void visit_map(const struct link_map *map, void (*visit)(void *context, const char *name),
                      void *context)
{
    struct tables tables = tables_of(map);
    if (!tables.symbols || !tables.names || (!tables.gnu_hash && !tables.hash))
        return;
    uint32_t count = tables.gnu_hash ? count_by_gnu_hash(tables.gnu_hash) : tables.hash[1];
    for (uint32_t i = 1; i < count; i++) {
        const ElfW(Sym) *symbol = &tables.symbols[i];
        unsigned type = symbol->st_info & 0xF, binding = symbol->st_info >> 4;
        bool is_code_or_data = type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC;
        if (symbol->st_shndx != SHN_UNDEF && is_code_or_data && binding != STB_LOCAL)
            visit(context, tables.names + symbol->st_name);
    }
}

void symbols_each(void *handle, void (*visit)(void *context, const char *name), void *context)
{
    struct link_map *map = NULL;
    void *program = handle ? NULL : dlopen(NULL, RTLD_LAZY);
    if (dlinfo(handle ? handle : program, RTLD_DI_LINKMAP, &map) != 0)
        map = NULL;
    if (handle && map)
        visit_map(map, visit, context);
    for (; !handle && map; map = map->l_next)
        visit_map(map, visit, context);
    if (program)
        dlclose(program);
}
