#include "complete_string.h"

#include <lauxlib.h>
#include <lualib.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 1 << 20 }; /* bytes of names that are taken from one folder */

struct search {
    lua_State *L;
    int anchor;              /* a table that keeps texts alive */
    struct hilum_str folder; /* what is typed up to the last separator, that included */
    struct hilum_str start;  /* what is typed behind it */
    struct text *names;
    complete_offer *offer;
    void *context;
};

static struct search begin(lua_State *L, struct hilum_str typed, char separator, struct text *names,
                           complete_offer *offer, void *context)
{
    size_t size = typed.size;
    while (size && typed.data[size - 1] != separator)
        size--;
    lua_newtable(L);
    names->limit = NAMES_MAX;
    return (struct search){
        .L = L,
        .anchor = lua_gettop(L),
        .folder = {typed.data, size},
        .start = {typed.data + size, typed.size - size},
        .names = names,
        .offer = offer,
        .context = context,
    };
}

/* Offers two texts in a row as one. */
static void offer(struct search *search, struct hilum_str start, struct hilum_str end,
                  const char *type)
{
    lua_State *L = search->L;
    struct hilum_str whole;
    lua_pushlstring(L, start.data ? start.data : "", start.size);
    lua_pushlstring(L, end.data, end.size);
    lua_concat(L, 2);
    whole.data = lua_tolstring(L, -1, &whole.size);
    lua_rawseti(L, search->anchor, (lua_Integer)lua_rawlen(L, search->anchor) + 1);
    search->offer(search->context, whole, type);
}

static bool is_folder(const char *folder, const struct dirent *entry)
{
    char path[PATH_MAX];
    struct stat status;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return entry->d_type == DT_DIR;
    int size = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
    return size > 0 && (size_t)size < sizeof(path) && stat(path, &status) == 0 &&
           S_ISDIR(status.st_mode);
}

/* Hidden names are for those who type the dot. */
static bool goes_on(const char *name, struct hilum_str typed)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.' && !typed.size))
        return false;
    return !typed.size || strncmp(name, typed.data, typed.size) == 0;
}

/* The names in a folder that go on what is typed, each with its NUL, those of folders with a slash. */
static void read_folder(const char *folder, struct hilum_str typed, struct text *names)
{
    text_cut(names, 0);
    names->truncated = false;
    folder = *folder ? folder : ".";
    DIR *stream = opendir(folder);
    const struct dirent *entry;
    if (!stream)
        return;
    while (!names->truncated && (entry = readdir(stream))) {
        size_t before = names->size;
        if (!goes_on(entry->d_name, typed))
            continue;
        text_puts(names, entry->d_name);
        if (is_folder(folder, entry))
            text_puts(names, "/");
        text_add(names, "", 1);
        if (names->truncated)
            text_cut(names, before);
    }
    closedir(stream);
}

/* The next of them; NULL data at the end. */
static struct hilum_str next_name(const struct text *names, size_t *at)
{
    struct hilum_str name = {0};
    if (*at < names->size) {
        name = str_of(names->data + *at);
        *at += name.size + 1;
    }
    return name;
}

/* Joins three parts; false: they are no path. */
static bool make_path(char path[PATH_MAX], struct hilum_str a, struct hilum_str b,
                      struct hilum_str c)
{
    const struct hilum_str parts[] = {a, b, c};
    size_t size = 0;
    for (size_t i = 0; i < 3; i++) {
        if (size + parts[i].size >= PATH_MAX ||
            (parts[i].size && memchr(parts[i].data, '\0', parts[i].size)))
            return false;
        if (parts[i].size)
            memcpy(path + size, parts[i].data, parts[i].size);
        size += parts[i].size;
    }
    path[size] = '\0';
    return true;
}

void complete_file(lua_State *L, struct hilum_str typed, struct text *names,
                   complete_offer *offered, void *context)
{
    static const struct hilum_str nothing = {0};
    struct search search = begin(L, typed, '/', names, offered, context);
    struct hilum_str name;
    char path[PATH_MAX];
    size_t at = 0;
    if (!make_path(path, search.folder, nothing, nothing))
        return;
    read_folder(path, search.start, names);
    while ((name = next_name(names, &at)).data)
        offer(&search, search.folder, name, name.data[name.size - 1] == '/' ? "folder" : "file");
}

/* A place where modules are looked for, such as "/usr/share/lua/5.4/?/init.lua". */
struct template
{
    struct hilum_str before, after; /* the question mark */
};

static bool split_template(struct hilum_str text, struct template *template)
{
    const char *mark = text.size ? memchr(text.data, '?', text.size) : NULL;
    if (!mark)
        return false;
    size_t size = (size_t)(mark - text.data);
    template->before = (struct hilum_str){text.data, size};
    template->after = (struct hilum_str){mark + 1, text.size - size - 1};
    return true;
}

static bool ends_with(struct hilum_str text, struct hilum_str end)
{
    return text.size > end.size &&
           memcmp(text.data + text.size - end.size, end.data, end.size) == 0;
}

/* What module, if any, is meant by a name in the template's folder? */
static struct hilum_str module_in(const char *folder, struct hilum_str name,
                                  const struct template *template)
{
    struct hilum_str module = name;
    char path[PATH_MAX];
    if (template->after.size && template->after.data[0] == '/') { /* "/init.lua" */
        module.size -= name.data[name.size - 1] == '/';
        bool there = module.size < name.size &&
                     make_path(path, str_of(folder), module, template->after) &&
                     access(path, R_OK) == 0;
        module.size = there ? module.size : 0;
    } else {
        module.size = ends_with(name, template->after) ? name.size - template->after.size : 0;
    }
    return module;
}

static void offer_modules(struct search *search, const struct template *template,
                          struct hilum_str package_path)
{
    char folder[PATH_MAX];
    struct hilum_str name;
    size_t at = 0;
    if (!make_path(folder, template->before, package_path, (struct hilum_str){0}))
        return;
    read_folder(folder, search->start, search->names);
    while ((name = next_name(search->names, &at)).data) {
        struct hilum_str module = module_in(folder, name, template);
        if (module.size && !memchr(module.data, '.', module.size))
            offer(search, search->folder, module, "module");
    }
}

/* Offers what is found by package.path or package.cpath. Templates whose mark is no whole name are rare. */
static void search_path(struct search *search, const char *field, struct hilum_str package_path)
{
    lua_State *L = search->L;
    struct hilum_str rest = {0};
    lua_pushstring(L, field);
    if (lua_rawget(L, -2) == LUA_TSTRING)
        rest.data = lua_tolstring(L, -1, &rest.size);
    while (rest.size) {
        const char *end = memchr(rest.data, ';', rest.size);
        struct hilum_str text = {rest.data, end ? (size_t)(end - rest.data) : rest.size};
        struct template template;
        size_t taken = text.size + (end ? 1 : 0);
        rest.data += taken;
        rest.size -= taken;
        if (split_template(text, &template) && template.before.size &&
            template.before.data[template.before.size - 1] == '/')
            offer_modules(search, &template, package_path);
    }
    lua_pop(L, 1);
}

/* Offers the string keys of a table in the registry; users who have debug.getregistry may put anything
 * there. */
static void offer_keys(struct search *search, const char *field)
{
    lua_State *L = search->L;
    int top = lua_gettop(L);
    bool is_table = lua_getfield(L, LUA_REGISTRYINDEX, field) == LUA_TTABLE;
    lua_pushnil(L);
    while (is_table && lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            struct hilum_str key;
            key.data = lua_tolstring(L, -1, &key.size);
            offer(search, (struct hilum_str){0}, key, "module");
        }
    }
    lua_settop(L, top);
}

/* Pushes the table `package`, if it is still there. Raw: no code of the user's runs. */
static bool push_package(lua_State *L)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE) != LUA_TTABLE)
        return false;
    lua_pushstring(L, LUA_LOADLIBNAME);
    return lua_rawget(L, -2) == LUA_TTABLE;
}

void complete_module(lua_State *L, struct hilum_str typed, struct text *names,
                     complete_offer *offered, void *context)
{
    struct search search = begin(L, typed, '.', names, offered, context);
    offer_keys(&search, LUA_LOADED_TABLE);
    offer_keys(&search, LUA_PRELOAD_TABLE);
    struct hilum_str package_path = {0};
    lua_pushlstring(L, search.folder.data, search.folder.size);
    package_path.data = luaL_gsub(L, lua_tostring(L, -1), ".", "/");
    package_path.size = strlen(package_path.data);
    if (push_package(L)) {
        search_path(&search, "path", package_path);
        search_path(&search, "cpath", package_path);
    }
}
