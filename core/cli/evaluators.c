#include "cli/evaluators.h"
#include "base/child.h"
#include "base/json_scan.h"
#include "base/path.h"
#include "config/paths.h"

#include <stdlib.h>

static bool has_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text;
}

static bool is_description(const json_t *facts)
{
    return has_text(facts, "evaluator") && has_text(facts, "version") &&
           has_text(facts, "display_name") && json_is_integer(json_object_get(facts, "abi")) &&
           has_text(json_object_get(facts, "language_info"), "name");
}

/* Why the worker's answer is of no use, or NULL. */
static char *problem_of(const struct child *child, const json_t *answer)
{
    const char *said = json_string_value(json_object_get(answer, "error"));
    switch (child->end) {
    case CHILD_OVERRAN:
        return path_format("it did not finish loading within %d seconds",
                           EVALUATOR_DESCRIBE_MS / 1000);
    case CHILD_FLOODED:
        return path_format("its description is longer than %zu bytes", EVALUATOR_DESCRIBE_MAX);
    case CHILD_SIGNALLED:
        return path_format("loading it crashed the worker with signal %d (%s)", child->code,
                           strsignal(child->code));
    case CHILD_EXITED:
        break;
    }
    if (said)
        return strdup(said);
    if (child->code != 0 || !is_description(answer))
        return path_format("the worker exited with status %d and gave no description", child->code);
    return NULL;
}

/* Takes the description, or the problem, over from the child's output. */
static bool take_answer(struct evaluator *evaluator, struct child *child)
{
    evaluator->description = child->output;
    child->output = (struct buffer){0};
    struct str text = buffer_str(&evaluator->description);
    json_t *answer =
        json_check_object(text, NULL) ? json_loadb(text.data, text.size, 0, NULL) : NULL;
    evaluator->problem = problem_of(child, answer);
    if (evaluator->problem || !answer) {
        json_decref(answer);
        return evaluator->problem;
    }
    evaluator->facts = answer;
    struct str known;
    if (json_get(text, "options", &known) && json_kind(known) == JSON_KIND_ARRAY)
        evaluator->known = known;
    return true;
}

static bool describe(struct evaluator *evaluator, const char *worker)
{
    const char *const argv[] = {worker, "--describe", evaluator->file, NULL};
    struct child child = {.output.max = EVALUATOR_DESCRIBE_MAX};
    struct error error;
    bool good;
    if (child_run(&child, argv, EVALUATOR_DESCRIBE_MS, &error)) {
        good = take_answer(evaluator, &child);
    } else {
        evaluator->problem = strdup(error.sentence);
        good = evaluator->problem;
    }
    buffer_fini(&child.output);
    return good;
}

static bool find(const char *name, const struct config *config, char **file, struct error *error)
{
    return config ? config_find_evaluator(config, name, file, error)
                  : paths_find_evaluator(name, NULL, file, error);
}

/* What the configuration says about a program, in place of what its driver says of itself. */
static bool overlay(struct evaluator *evaluator, const struct config *config)
{
    struct buffer language = {0}, display_name = {0};
    struct error error;
    config_write_language(config, evaluator->name, &language);
    config_write_display_name(config, evaluator->name, &display_name);
    json_t *info = json_pack("{s:s, s:s, s:s, s:s}", "name", evaluator->name, "version", "",
                             "mimetype", "text/plain", "file_extension", ".txt");
    json_t *given = json_loadb(language.data, language.size, 0, NULL);
    bool good =
        info && given && json_object_update(info, given) == 0 &&
        json_object_set(evaluator->facts, "language_info", info) == 0 &&
        json_object_set_new(evaluator->facts, "evaluator", json_string(evaluator->name)) == 0 &&
        json_object_set_new(evaluator->facts, "display_name",
                            json_stringn(display_name.data, display_name.size)) == 0;
    json_object_del(evaluator->facts, "options");
    evaluator->known = STR("[]");
    json_decref(info);
    json_decref(given);
    buffer_fini(&language);
    buffer_fini(&display_name);
    if (good && !config_check_program(config, evaluator->name, &error)) {
        evaluator->problem = strdup(error.sentence);
        json_decref(evaluator->facts);
        evaluator->facts = NULL;
        good = evaluator->problem;
    }
    return good;
}

bool evaluator_init(struct evaluator *evaluator, const char *name, const struct config *config)
{
    struct error error;
    char *worker = NULL;
    *evaluator = (struct evaluator){.name = strdup(name), .known = STR("[]")};
    bool good = evaluator->name;
    if (good && find(name, config, &evaluator->file, &error) &&
        paths_find_worker(&worker, &error)) {
        good = describe(evaluator, worker);
        if (good && evaluator->facts && config && config_runs_program(config, name))
            good = overlay(evaluator, config);
    } else if (good) {
        evaluator->problem = strdup(error.sentence);
        good = evaluator->problem;
    }
    free(worker);
    if (!good)
        evaluator_fini(evaluator);
    return good;
}

void evaluator_fini(struct evaluator *evaluator)
{
    free(evaluator->name);
    free(evaluator->file);
    free(evaluator->problem);
    json_decref(evaluator->facts);
    buffer_fini(&evaluator->description);
    *evaluator = (struct evaluator){0};
}

const char *evaluator_fact(const struct evaluator *evaluator, const char *key)
{
    const char *text = json_string_value(json_object_get(evaluator->facts, key));
    return text ? text : "";
}

const char *evaluator_language_fact(const struct evaluator *evaluator, const char *key)
{
    const json_t *language = json_object_get(evaluator->facts, "language_info");
    const char *text = json_string_value(json_object_get(language, key));
    return text ? text : "";
}

static int by_name(const void *a, const void *b)
{
    const struct evaluator *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static bool add(struct evaluators *list, const char *name, const struct config *config)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return true;
    struct evaluator *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return false;
    list->items = items;
    if (!evaluator_init(&items[list->count], name, config))
        return false;
    list->count++;
    return true;
}

bool evaluators_init(struct evaluators *list, const struct config *config)
{
    *list = (struct evaluators){0};
    char **names = paths_evaluator_names();
    bool good = names;
    for (size_t i = 0; good && names[i]; i++)
        if (strcmp(names[i], CONFIG_PROGRAM_EVALUATOR) != 0) /* nothing without a section */
            good = add(list, names[i], config);
    const char *name;
    for (size_t i = 0; good && config && (name = config_section_name(config, i)); i++)
        if (config_library_of(config, name) || config_runs_program(config, name))
            good = add(list, name, config);
    paths_free_list(names);
    if (!good)
        evaluators_fini(list);
    else if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_name);
    return good;
}

void evaluators_fini(struct evaluators *list)
{
    for (size_t i = 0; i < list->count; i++)
        evaluator_fini(&list->items[i]);
    free(list->items);
    *list = (struct evaluators){0};
}
