#include "command.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Takes the next word into `word`; false at the end, or with *is_bad for a bad one. */
static bool next_word(const char **text, char *word, size_t size, bool *is_bad)
{
    size_t length = 0;
    char quote = 0;
    while (**text == ' ')
        (*text)++;
    if (!**text)
        return false;
    for (; **text && (quote || **text != ' '); (*text)++) {
        if (quote ? **text == quote : (**text == '\'' || **text == '"'))
            quote = quote ? 0 : **text;
        else if (length + 1 < size)
            word[length++] = **text;
        else
            *is_bad = true;
    }
    word[length] = 0;
    *is_bad |= quote != 0;
    return !*is_bad;
}

/* A copy of `word` with its placeholders replaced. */
static char *replace(const char *word, const struct placeholder *placeholders)
{
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    if (!stream)
        abort();
    while (*word) {
        const struct placeholder *found = placeholders;
        while (found->name && strncmp(word, found->name, strlen(found->name)))
            found++;
        fputs(found->name ? found->value : (char[]){*word, 0}, stream);
        word += found->name ? strlen(found->name) : 1;
    }
    fclose(stream);
    return out;
}

static bool is_assignment(const char *word)
{
    const char *at = word;
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    return at > word && *at == '=';
}

bool command_parse(struct command *command, const char *text,
                   const struct placeholder *placeholders)
{
    char word[PATH_MAX];
    size_t word_count = 0, assignment_count = 0;
    bool is_bad = false;
    memset(command, 0, sizeof *command);
    while (next_word(&text, word, sizeof word, &is_bad)) {
        if (word_count + assignment_count == COMMAND_WORDS_MAX) {
            is_bad = true;
            break;
        }
        if (word_count == 0 && is_assignment(word))
            command->environment[assignment_count++] = replace(word, placeholders);
        else
            command->words[word_count++] = replace(word, placeholders);
    }
    if (!is_bad && word_count > 0)
        return true;
    command_fini(command);
    return false;
}

void command_fini(struct command *command)
{
    for (int i = 0; i < COMMAND_WORDS_MAX; i++) {
        free(command->environment[i]);
        free(command->words[i]);
    }
    memset(command, 0, sizeof *command);
}

bool command_is_there(const struct command *command)
{
    const char *name = command->words[0];
    const char *path = getenv("PATH");
    if (strchr(name, '/') || !path)
        return access(name, X_OK) == 0;
    for (;;) {
        char file[PATH_MAX];
        int length = (int)strcspn(path, ":");
        snprintf(file, sizeof file, "%.*s/%s", length, path, name);
        if (access(file, X_OK) == 0)
            return true;
        if (!path[length])
            return false;
        path += length + 1;
    }
}

bool command_succeeds(const struct command *command)
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; fd++)
            dup2(null, fd);
        execvp(command->words[0], command->words);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
