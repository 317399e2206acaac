#include "similar.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LENGTH = 64 };

static int least(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/* How many letters have to be added, removed, replaced or swapped with a neighbour. */
static int distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int rows[3][MOST_LENGTH + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_size; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= a_size; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1, row[j]);
        }
        int *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b_size];
}

/* How far off a name may be; one that the wanted name begins or ends is near too. */
static int rate(const char *wanted, const char *name)
{
    size_t size = strlen(wanted), other = strlen(name);
    if (size > MOST_LENGTH || other > MOST_LENGTH || size == 0)
        return -1;
    int most = size < 4 ? 1 : size < 8 ? 2 : 3;
    if (abs((int)size - (int)other) <= most) {
        int found = distance(wanted, size, name, other);
        if (found <= most)
            return found;
    }
    bool is_part = size >= 4 && other > size && other <= size + 12 && strstr(name, wanted);
    return is_part ? most + 1 : -1;
}

void similar_offer(void *context, const char *name)
{
    struct similar *similar = context;
    int found = rate(similar->wanted, name);
    size_t i = similar->count;
    if (found < 0)
        return;
    for (size_t j = 0; j < similar->count; j++)
        if (strcmp(similar->best[j].name, name) == 0)
            return;
    while (i > 0 && similar->best[i - 1].distance > found)
        i--;
    if (i == SIMILAR_MOST)
        return;
    if (similar->count < SIMILAR_MOST)
        similar->count++;
    memmove(&similar->best[i + 1], &similar->best[i],
            (similar->count - 1 - i) * sizeof(similar->best[0]));
    strncpy(similar->best[i].name, name, SIMILAR_BYTES - 1);
    similar->best[i].name[SIMILAR_BYTES - 1] = '\0';
    similar->best[i].distance = found;
}
