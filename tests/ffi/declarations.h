/* What the cases use, as the headers declare it. */
int abs(int);
long labs(long j);
long long llabs(long long j);
int atoi(const char *nptr);
long strtol(const char *nptr, char **endptr, int base);
unsigned long strtoul(const char *nptr, char **endptr, int base);
unsigned long long strtoull(const char *nptr, char **endptr, int base);
double strtod(const char *nptr, char **endptr);
float strtof(const char *nptr, char **endptr);
typedef struct { int quot; int rem; } div_t;
typedef struct { long quot; long rem; } ldiv_t;
div_t div(int numer, int denom);
ldiv_t ldiv(long numer, long denom);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);
void qsort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t nmemb, size_t size,
              int (*compar)(const void *, const void *));
char *getenv(const char *name);
int setenv(const char *name, const char *value, int overwrite);

size_t strlen(const char *s) __attribute__((nothrow, pure, nonnull(1)));
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *haystack, const char *needle);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *to, const char *from, size_t n);
char *strcat(char *to, const char *from);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strtok_r(char *s, const char *delimiters, char **save);
char *strerror(int error);
char *strdup(const char *s);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *s, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);

int toupper(int c);
int tolower(int c);
int isdigit(int c);
int isalpha(int c);
int isspace(int c);

int snprintf(char *s, size_t n, const char *format, ...);
int sscanf(const char *s, const char *format, ...);

typedef long time_t;
struct tm {
    int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
    long tm_gmtoff;
    const char *tm_zone;
};
struct tm *gmtime_r(const time_t *time, struct tm *result);
time_t timegm(struct tm *tm);
size_t strftime(char *s, size_t max, const char *format, const struct tm *tm);
struct timespec { time_t tv_sec; long tv_nsec; };
int clock_gettime(int clock, struct timespec *now);

int open(const char *path, int flags, ...);
int close(int fd);
int pipe(int fds[2]);
long read(int fd, void *buffer, size_t count);
long write(int fd, const void *buffer, size_t count);
int getpid(void);
int access(const char *path, int mode);
uint32_t htonl(uint32_t host);
uint16_t htons(uint16_t host);
struct in_addr { uint32_t s_addr; };
char *inet_ntoa(struct in_addr in);
int inet_aton(const char *text, struct in_addr *in);
extern char **environ;
extern int opterr;
int printf_no_such_thing(const char *format, ...);
int strlne(const char *);

double sin(double); double cos(double); double tan(double); double asin(double);
double atan2(double y, double x); double exp(double); double exp2(double); double log(double);
double log10(double); double log2(double); double pow(double, double); double sqrt(double);
double cbrt(double); double hypot(double, double); double floor(double); double ceil(double);
double trunc(double); double round(double); double rint(double); double fabs(double);
double fmod(double, double); double remainder(double, double); double copysign(double, double);
double fma(double, double, double); double fmax(double, double); double fmin(double, double);
double fdim(double, double); double ldexp(double, int); double frexp(double, int *);
double modf(double, double *); double tgamma(double); double lgamma(double); double erf(double);
double nextafter(double, double); double scalbn(double, int); int ilogb(double);
long lround(double); long long llround(double); long lrint(double);
float sqrtf(float); float sinf(float); float powf(float, float); float fmaf(float, float, float);
float hypotf(float, float); float ldexpf(float, int); long lroundf(float);
long double sqrtl(long double); long double fabsl(long double); long double powl(long double, long double);
double sinh(double); double cosh(double); double tanh(double); double expm1(double); double log1p(double);
double j0(double); double jn(int, double);

typedef unsigned char Bytef;
typedef unsigned long uLong, uLongf;
typedef unsigned int uInt;
const char *zlibVersion(void);
uLong crc32(uLong crc, const Bytef *buf, uInt len);
uLong adler32(uLong adler, const Bytef *buf, uInt len);
uLong crc32_combine(uLong a, uLong b, long length);
uLong compressBound(uLong sourceLen);
int compress(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen);
int compress2(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen, int level);
int uncompress(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen);
const char *zError(int);
uLong zlibCompileFlags(void);
enum { Z_OK = 0, Z_STREAM_END = 1, Z_DATA_ERROR = -3, Z_BUF_ERROR = -5, Z_FINISH = 4 };
typedef struct z_stream_s {
    const Bytef *next_in; uInt avail_in; uLong total_in;
    Bytef *next_out; uInt avail_out; uLong total_out;
    const char *msg; struct internal_state *state;
    void *(*zalloc)(void *, uInt, uInt); void (*zfree)(void *, void *); void *opaque;
    int data_type; uLong adler; uLong reserved;
} z_stream;
int deflateInit_(z_stream *strm, int level, const char *version, int stream_size);
int deflate(z_stream *strm, int flush);
int deflateEnd(z_stream *strm);
int inflateInit_(z_stream *strm, const char *version, int stream_size);
int inflate(z_stream *strm, int flush);
int inflateEnd(z_stream *strm);

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
typedef struct sqlite3_context sqlite3_context;
typedef struct sqlite3_value sqlite3_value;
typedef long long int sqlite3_int64;
enum { SQLITE_OK = 0, SQLITE_ERROR = 1, SQLITE_ABORT = 4, SQLITE_MISUSE = 21, SQLITE_ROW = 100,
       SQLITE_DONE = 101, SQLITE_INTEGER = 1, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL,
       SQLITE_UTF8 = 1 };
const char *sqlite3_libversion(void);
int sqlite3_libversion_number(void);
int sqlite3_open(const char *filename, sqlite3 **db);
int sqlite3_close(sqlite3 *);
int sqlite3_exec(sqlite3 *, const char *sql, int (*callback)(void *, int, char **, char **),
                 void *, char **errmsg);
int sqlite3_prepare_v2(sqlite3 *db, const char *sql, int bytes, sqlite3_stmt **out, const char **tail);
int sqlite3_step(sqlite3_stmt *);
int sqlite3_reset(sqlite3_stmt *);
int sqlite3_finalize(sqlite3_stmt *);
int sqlite3_bind_int64(sqlite3_stmt *, int, sqlite3_int64);
int sqlite3_bind_double(sqlite3_stmt *, int, double);
int sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, void (*)(void *));
int sqlite3_column_count(sqlite3_stmt *);
int sqlite3_column_type(sqlite3_stmt *, int column);
const char *sqlite3_column_name(sqlite3_stmt *, int column);
int sqlite3_column_int(sqlite3_stmt *, int column);
sqlite3_int64 sqlite3_column_int64(sqlite3_stmt *, int column);
double sqlite3_column_double(sqlite3_stmt *, int column);
const unsigned char *sqlite3_column_text(sqlite3_stmt *, int column);
const void *sqlite3_column_blob(sqlite3_stmt *, int column);
int sqlite3_column_bytes(sqlite3_stmt *, int column);
const char *sqlite3_errmsg(sqlite3 *);
void sqlite3_free(void *);
sqlite3_int64 sqlite3_last_insert_rowid(sqlite3 *);
int sqlite3_changes(sqlite3 *);
int sqlite3_create_function(sqlite3 *db, const char *name, int arguments, int encoding, void *data,
                            void (*function)(sqlite3_context *, int, sqlite3_value **),
                            void (*step)(sqlite3_context *, int, sqlite3_value **),
                            void (*final)(sqlite3_context *));
sqlite3_int64 sqlite3_value_int64(sqlite3_value *);
void sqlite3_result_int64(sqlite3_context *, sqlite3_int64);
int sqlite3_complete(const char *sql);
char *sqlite3_mprintf(const char *, ...);

struct point { int x, y; };
struct rect { struct point a, b; };
union number { int32_t i; float f; uint8_t bytes[4]; };
struct bits { unsigned a : 3; int b : 5; unsigned long long c : 40; bool d : 1; };
struct named { char name[16]; double values[3]; struct point *next; };
struct tail { int count; double values[]; };
struct open { int count; double values[?]; };
struct inner { int tag; union { int i; double d; }; struct { short s, t; }; static const int LIMIT = 42; };
enum color { RED, GREEN = 5, BLUE };
struct __attribute__((packed)) tight { char c; int i; short s; };
struct wide { char c; long double d; } __attribute__((aligned(32)));
typedef int (*binary)(int, int);
typedef struct point points[4];
static const int ANSWER = 6 * 7;
typedef struct node { int value; struct node *next; } node;
