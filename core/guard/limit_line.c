#include "guard/limit_line.h"
#include "base/suggest.h"

/* More is no limit, and would not fit. */
#define AMOUNT_MAX (INT64_C(1) << 52)

struct unit {
    enum limit_unit of;
    struct str name;
    int64_t scale;
};

static const struct unit units[] = {
    {LIMIT_UNIT_TIME, STR("ms"), 1},
    {LIMIT_UNIT_TIME, STR("s"), 1000},
    {LIMIT_UNIT_TIME, STR("min"), 60000},
    {LIMIT_UNIT_TIME, STR("h"), 3600000},
    {LIMIT_UNIT_BYTES, STR("B"), 1},
    {LIMIT_UNIT_BYTES, STR("kB"), 1000},
    {LIMIT_UNIT_BYTES, STR("KB"), 1000},
    {LIMIT_UNIT_BYTES, STR("MB"), 1000000},
    {LIMIT_UNIT_BYTES, STR("GB"), 1000000000},
    {LIMIT_UNIT_BYTES, STR("KiB"), 1024},
    {LIMIT_UNIT_BYTES, STR("MiB"), 1048576},
    {LIMIT_UNIT_BYTES, STR("GiB"), 1073741824},
    {LIMIT_UNIT_COUNT, STR(""), 1},
};

static const char *const expectations[] = {
    [LIMIT_UNIT_TIME] = "a time with its unit (ms, s, min, h), such as 5s",
    [LIMIT_UNIT_BYTES] = "a size with its unit (B, kB, MB, GB, KiB, MiB, GiB), such as 200MB",
    [LIMIT_UNIT_COUNT] = "a whole number, such as 50",
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word; empty at the end. */
static struct str take_word(struct str *line)
{
    size_t start = 0;
    while (start < line->size && is_blank(line->data[start]))
        start++;
    size_t end = start;
    while (end < line->size && !is_blank(line->data[end]))
        end++;
    struct str word = str_slice(*line, start, end);
    *line = str_slice(*line, end, line->size);
    return word;
}

static const struct unit *find_unit(enum limit_unit of, struct str name)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].of == of && str_equal(units[i].name, name))
            return &units[i];
    return NULL;
}

/* Digits with an optional fraction. What is smaller than the unit's last whole part is cut off. */
static bool parse_amount(struct str text, enum limit_unit of, int64_t *amount)
{
    double number = 0, place = 1;
    size_t i = 0, digits = 0;
    bool fraction = false;
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' && !fraction && digits) {
            fraction = true;
            digits = 0;
        } else if (c >= '0' && c <= '9') {
            place = fraction ? place / 10 : 1;
            number = fraction ? number + (c - '0') * place : number * 10 + (c - '0');
            digits++;
        } else {
            break;
        }
    }
    const struct unit *unit = find_unit(of, str_slice(text, i, text.size));
    if (!digits || !unit || (fraction && of == LIMIT_UNIT_COUNT))
        return false;
    number *= (double)unit->scale;
    if (!(number + 0.5 >= 1 && number <= (double)AMOUNT_MAX))
        return false;
    *amount = (int64_t)(number + 0.5);
    return *amount > 0;
}

static bool unknown_word(struct str word, struct error *error)
{
    struct suggestion known = {.unknown = word};
    struct buffer hint = {0};
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        suggestion_offer(&known, str_of(limits_table[kind].word));
    suggestion_write(&known, &hint);
    error_set(error, "%%limit knows no \"%.*s\"%.*s", STR_FORMAT(str_slice(word, 0, 60)),
              STR_FORMAT(buffer_str(&hint)));
    suggestion_fini(&known);
    buffer_fini(&hint);
    return false;
}

static const struct limit_description *find_row(struct str word)
{
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        if (str_equal(word, str_of(limits_table[kind].word)))
            return &limits_table[kind];
    return NULL;
}

static bool refuse_more(const struct limit_description *row, const struct limit *allowed,
                        struct str given, struct error *error)
{
    struct buffer most = {0};
    bool hard = limit_lowest(allowed) != allowed->soft;
    limit_write_amount(row->kind, limit_lowest(allowed), &most);
    error_set(error, "%%limit %s=%.*s asks for more than the %.*s that %s allows", row->word,
              STR_FORMAT(str_slice(given, 0, 60)), STR_FORMAT(buffer_str(&most)),
              hard ? row->hard_setting : row->setting);
    buffer_fini(&most);
    return false;
}

/* One NAME=VALUE. */
static bool take_assignment(struct str word, const struct limits *allowed, struct limits *cell,
                            struct error *error)
{
    const char *equals = memchr(word.data, '=', word.size);
    size_t name_size = equals ? (size_t)(equals - word.data) : word.size;
    struct str name = str_slice(word, 0, name_size);
    struct str value = str_slice(word, name_size + 1, word.size);
    const struct limit_description *row = find_row(name);
    int64_t amount;
    if (!row)
        return unknown_word(name, error);
    if (!equals || !parse_amount(value, row->unit, &amount))
        return error_set(error, "%%limit %s is \"%.*s\"; expected %s", row->word,
                         STR_FORMAT(str_slice(value, 0, 60)), expectations[row->unit]);
    if (cell->of[row->kind].by_cell)
        return error_set(error, "%%limit names \"%s\" twice", row->word);
    int64_t most = limit_lowest(&allowed->of[row->kind]);
    if (most && amount > most)
        return refuse_more(row, &allowed->of[row->kind], value, error);
    cell->of[row->kind].soft = amount;
    cell->of[row->kind].by_cell = true;
    return true;
}

bool limit_line_parse(struct str line, const struct limits *allowed, struct limits *cell,
                      struct error *error)
{
    struct limits lowered = *cell;
    struct str word = take_word(&line);
    if (!word.size)
        return error_set(error, "%%limit says no limit; expected NAME=VALUE, such as wall=5s");
    for (; word.size; word = take_word(&line))
        if (!take_assignment(word, allowed, &lowered, error))
            return false;
    *cell = lowered;
    return true;
}
