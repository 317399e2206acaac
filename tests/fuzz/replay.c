/*
 * Runs a fuzz target over its seeds with an ordinary compiler, for `make check`. Prints TAP.
 *
 *   replay_TARGET             all files in $SRCDIR/tests/fuzz/corpus/TARGET
 *   replay_TARGET FILE...     these: an input that libFuzzer has found, for example
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static struct buffer read_file(const char *path)
{
    struct buffer text = {0};
    FILE *file = fopen(path, "rb");
    FUZZ_REQUIRE(file);
    for (size_t count = 1; count > 0;) {
        char *to = buffer_reserve(&text, 4096);
        FUZZ_REQUIRE(to);
        count = fread(to, 1, 4096, file);
        buffer_commit(&text, count);
    }
    FUZZ_REQUIRE(!ferror(file));
    fclose(file);
    return text;
}

static void replay(size_t number, const char *path)
{
    struct buffer text = read_file(path);
    /* Its exact size on the heap, as libFuzzer hands inputs out. */
    struct str input = fuzz_copy(buffer_str(&text));
    const char *slash = strrchr(path, '/');
    /* Before it runs: the last name is the one that crashed. */
    printf("# %s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput((const uint8_t *)input.data, input.size);
    printf("ok %zu - %s\n", number, slash ? slash + 1 : path);
    free((char *)input.data);
    buffer_fini(&text);
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_folder(const char *program)
{
    char folder[4096], path[8192];
    const char *source = getenv("SRCDIR"), *target = strstr(program, "replay_");
    struct dirent **seeds;
    if (!source || !target) {
        fprintf(stderr, "%s: SRCDIR must be set\n", program);
        return 2;
    }
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source, target + strlen("replay_"));
    int count = scandir(folder, &seeds, is_seed, alphasort);
    if (count <= 0) {
        fprintf(stderr, "%s: no seeds in %s\n", program, folder);
        return 2;
    }
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, seeds[i]->d_name);
        replay((size_t)i + 1, path);
        free(seeds[i]);
    }
    free(seeds);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return replay_folder(argv[0]);
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++)
        replay((size_t)i, argv[i]);
    return 0;
}
