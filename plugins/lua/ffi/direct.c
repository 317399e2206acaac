#include "direct.h"

#include <string.h>

typedef int64_t to_word(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);
typedef int64_t all_word(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, double, double,
                         double, double, double, double, double, double);
typedef double all_float(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, double, double,
                         double, double, double, double, double, double);

void direct_call(void *function, enum direct_way way, const struct direct *direct, void *result)
{
    const int64_t *i = direct->integers;
    const double *f = direct->floats;
    int64_t word;
    double real;
    if (way == DIRECT_TO_WORD) {
        word = ((to_word *)function)(i[0], i[1], i[2], i[3], i[4], i[5]);
        memcpy(result, &word, sizeof(word));
    } else if (way == DIRECT_ALL_WORD) {
        word = ((all_word *)function)(i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3],
                                      f[4], f[5], f[6], f[7]);
        memcpy(result, &word, sizeof(word));
    } else {
        real = ((all_float *)function)(i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3],
                                       f[4], f[5], f[6], f[7]);
        memcpy(result, &real, sizeof(real));
    }
}
