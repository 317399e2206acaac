#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_BYTES = 8 * 1024 * 1024,
    FILE_BYTES = 1024 * 1024,
};

static void drop(struct sources *sources, struct source_cell *cell)
{
    sources->bytes -= cell->size;
    free(cell->name);
    free(cell->code);
    *cell = (struct source_cell){0};
}

static void make_room(struct sources *sources, size_t size)
{
    drop(sources, &sources->cells[sources->next]);
    for (size_t i = 1; i < SOURCE_CELLS && sources->bytes + size > KEPT_BYTES; i++)
        drop(sources, &sources->cells[(sources->next + i) % SOURCE_CELLS]);
}

void sources_keep(struct sources *sources, struct hilum_str name, struct hilum_str code)
{
    if (code.size > KEPT_BYTES)
        return;
    make_room(sources, code.size);
    struct source_cell cell = {strndup(name.data ? name.data : "", name.size),
                               malloc(code.size + 1), code.size};
    if (!cell.name || !cell.code) {
        free(cell.name);
        free(cell.code);
        return;
    }
    if (code.size > 0)
        memcpy(cell.code, code.data, code.size);
    sources->cells[sources->next] = cell;
    sources->next = (sources->next + 1) % SOURCE_CELLS;
    sources->bytes += code.size;
}

void sources_free(struct sources *sources)
{
    for (size_t i = 0; i < SOURCE_CELLS; i++)
        drop(sources, &sources->cells[i]);
    text_free(&sources->file);
}

/* Newest first. */
static const struct source_cell *find_cell(const struct sources *sources, struct hilum_str name)
{
    for (size_t i = 1; i <= SOURCE_CELLS; i++) {
        const struct source_cell *cell =
            &sources->cells[(sources->next + SOURCE_CELLS - i) % SOURCE_CELLS];
        if (cell->name && str_equal(str_of(cell->name), name))
            return cell;
    }
    return NULL;
}

bool sources_has(const struct sources *sources, struct hilum_str name)
{
    return find_cell(sources, name) != NULL;
}

static struct hilum_str read_file(struct sources *sources, const char *path)
{
    char piece[4096];
    size_t size;
    FILE *file = fopen(path, "re");
    text_cut(&sources->file, 0);
    sources->file.truncated = false;
    sources->file.limit = FILE_BYTES;
    if (!file)
        return (struct hilum_str){0};
    while ((size = fread(piece, 1, sizeof(piece), file)) > 0 && !sources->file.truncated)
        text_add(&sources->file, piece, size);
    fclose(file);
    return text_str(&sources->file);
}

struct hilum_str sources_find(struct sources *sources, const char *chunk_name)
{
    if (chunk_name[0] == '@')
        return read_file(sources, chunk_name + 1);
    if (chunk_name[0] != '=')
        return (struct hilum_str){0};
    const struct source_cell *cell = find_cell(sources, str_of(chunk_name + 1));
    return cell ? (struct hilum_str){cell->code, cell->size} : (struct hilum_str){0};
}

struct hilum_str sources_find_short(struct sources *sources, struct hilum_str short_name)
{
    char path[512];
    const struct source_cell *cell = find_cell(sources, short_name);
    if (cell)
        return (struct hilum_str){cell->code, cell->size};
    if (short_name.size < 4 || short_name.size >= sizeof(path) ||
        memcmp(short_name.data + short_name.size - 4, ".lua", 4) != 0)
        return (struct hilum_str){0};
    memcpy(path, short_name.data, short_name.size);
    path[short_name.size] = '\0';
    return read_file(sources, path);
}

struct hilum_str source_line(struct hilum_str code, long number)
{
    struct hilum_str line = {0};
    while (number-- > 0) {
        if (code.size == 0)
            return (struct hilum_str){0};
        line = str_next_line(&code);
    }
    return line;
}
