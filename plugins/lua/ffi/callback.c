#include "callback.h"

#include "call.h"
#include "convert.h"
#include "fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_CALLBACKS = 4096,
    PATIENCE_NS = 100 * 1000 * 1000, /* with a C function that is interrupted */
};

struct callback {
    struct ffi *ffi;
    const struct ctype *type; /* a pointer to a function */
    ffi_closure *closure;
    void *code;
    int function; /* a reference in the registry */
    int running;
    bool is_shared; /* in the table of those that belong to their Lua function */
    bool is_freed;  /* while it ran */
    struct callback *next;
};

/* One call from C. */
struct invocation {
    struct callback *callback;
    void *result;
    void **arguments;
};

/* The address is the registry key of the table from Lua functions to shared callbacks. */
static const char shared_key;

static void push_argument(struct ffi *ffi, lua_State *L, const struct ctype *type, void *from)
{
    if (type->kind != CTYPE_RECORD) {
        convert_push(ffi, L, type, from, 0);
        return;
    }
    struct cdata *copy = cdata_new(ffi, L, type->plain, ctype_size(type));
    memcpy(copy->address, from, ctype_size(type));
}

static void store_result(struct ffi *ffi, lua_State *L, const struct ctype *function, void *result)
{
    const struct ctype *type = function->inner;
    union call_value value = {0};
    void *to = type->kind == CTYPE_RECORD ? result : &value;
    if (!convert_store(ffi, L, type, to, -1, false)) {
        const char *given = fault_push_value(L, -1);
        luaL_error(L, "bad result of a callback: expected %s, got %s",
                   fault_push_type(L, type, function->alias), given);
    }
    if (ctype_is_integer(type))
        *(ffi_sarg *)result = (ffi_sarg)convert_read_integer(type, &value);
    else if (type->kind != CTYPE_RECORD)
        memcpy(result, &value, ctype_size(type));
}

static int run_protected(lua_State *L)
{
    struct invocation *invocation = lua_touserdata(L, 1);
    struct callback *callback = invocation->callback;
    const struct ctype *function = callback->type->inner;
    bool has_result = function->inner->kind != CTYPE_VOID;
    int i = 0;
    luaL_checkstack(L, (int)function->field_count + 8, "too many arguments of a callback");
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback->function);
    for (const struct cfield *field = function->fields; field; field = field->next)
        push_argument(callback->ffi, L, field->type, invocation->arguments[i++]);
    lua_call(L, i, has_result);
    if (has_result)
        store_result(callback->ffi, L, function, invocation->result);
    return 0;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* C calls back after a callback has failed. That is fine, it cannot know; but an interrupted one
 * that does not come to its end is left. */
static void check_patience(struct ffi *ffi, struct call_frame *frame)
{
    lua_State *L = frame->L;
    if (!ffi->is_interrupted || !ffi->is_interrupted(L))
        return;
    if (frame->escape_at == 0)
        frame->escape_at = now() + PATIENCE_NS;
    if (now() < frame->escape_at)
        return;
    ffi->frame = frame->outer;
    lua_pushvalue(L, frame->error_index);
    lua_error(L);
}

/* The error object is on the top of the stack, where it stays for the call to raise it. */
static void keep_error(struct call_frame *frame, lua_State *L)
{
    if (frame) {
        frame->error_index = lua_gettop(L);
        return;
    }
    const char *message = lua_tostring(L, -1);
    lua_warning(L, "error in a callback: ", 1);
    lua_warning(L, message ? message : "no message", 0);
    lua_pop(L, 1);
}

static void release(struct callback *callback);

static void invoke(struct callback *callback, void *result, void **arguments)
{
    struct ffi *ffi = callback->ffi;
    struct call_frame *frame = ffi->frame;
    lua_State *L = frame ? frame->L : ffi->main;
    struct invocation invocation = {callback, result, arguments};
    if (frame && frame->error_index) {
        check_patience(ffi, frame);
        return;
    }
    if (!lua_checkstack(L, 4))
        return;
    ffi->last_errno = errno;
    callback->running++;
    lua_pushcfunction(L, run_protected);
    lua_pushlightuserdata(L, &invocation);
    int status = lua_pcall(L, 1, 0, 0);
    ffi->frame = frame;
    if (status != LUA_OK) {
        memset(result, 0, ctype_size(callback->type->inner->inner));
        keep_error(frame, L);
    }
    if (--callback->running == 0 && callback->is_freed)
        release(callback);
    errno = ffi->last_errno;
}

static void on_call(ffi_cif *cif, void *result, void **arguments, void *data)
{
    static const char complaint[] = "ffi: a callback was called from another thread; ignored\n";
    struct callback *callback = data;
    size_t size = cif->rtype->size < sizeof(ffi_arg) ? sizeof(ffi_arg) : cif->rtype->size;
    if (cif->rtype->type != FFI_TYPE_VOID)
        memset(result, 0, cif->rtype->type == FFI_TYPE_STRUCT ? cif->rtype->size : size);
    if (pthread_equal(pthread_self(), callback->ffi->thread))
        invoke(callback, result, arguments);
    else
        fputs(complaint, stderr);
}

static void push_shared(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &shared_key) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &shared_key);
}

static struct callback *find_shared(lua_State *L, const struct ctype *pointer, int index)
{
    push_shared(L);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    struct callback *callback = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return callback && ctype_same(callback->type, pointer) ? callback : NULL;
}

static void share(lua_State *L, struct callback *callback, int index)
{
    push_shared(L);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, callback);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    callback->is_shared = true;
}

static struct callback *new_callback(struct ffi *ffi, lua_State *L, const struct ctype *pointer)
{
    const struct ctype *function = pointer->inner;
    if (function->is_variadic)
        fault(L, "a callback cannot be variadic: %t", pointer);
    if (ffi->callback_count >= MOST_CALLBACKS)
        fault(L, "there are too many callbacks; make those that are not needed for ever with "
                 "ffi.cast and end them with cb:free()");
    const struct call_plan *plan = call_plan_of(ffi, L, function);
    struct callback *callback = calloc(1, sizeof(*callback));
    if (callback)
        callback->closure = ffi_closure_alloc(sizeof(ffi_closure), &callback->code);
    if (!callback || !callback->closure ||
        ffi_prep_closure_loc(callback->closure, (ffi_cif *)&plan->cif, on_call, callback,
                             callback->code) != FFI_OK) {
        if (callback && callback->closure)
            ffi_closure_free(callback->closure);
        free(callback);
        luaL_error(L, "not enough memory for a callback");
    }
    callback->ffi = ffi;
    callback->type = pointer;
    callback->function = LUA_NOREF;
    callback->next = ffi->callbacks;
    ffi->callbacks = callback;
    ffi->callback_count++;
    return callback;
}

void *callback_for(struct ffi *ffi, lua_State *L, const struct ctype *pointer, int index,
                   bool is_own)
{
    index = lua_absindex(L, index);
    luaL_checkstack(L, 6, NULL);
    struct callback *callback = is_own ? NULL : find_shared(L, pointer, index);
    if (callback)
        return callback->code;
    callback = new_callback(ffi, L, pointer);
    lua_pushvalue(L, index);
    callback->function = luaL_ref(L, LUA_REGISTRYINDEX);
    if (!is_own)
        share(L, callback, index);
    return callback->code;
}

static void release(struct callback *callback)
{
    struct callback **place = &callback->ffi->callbacks;
    while (*place != callback)
        place = &(*place)->next;
    *place = callback->next;
    callback->ffi->callback_count--;
    ffi_closure_free(callback->closure);
    free(callback);
}

/* The callback behind the pointer that is the first argument. */
static struct callback *check_callback(lua_State *L)
{
    const struct cdata *cdata = cdata_at(L, 1);
    const void *code =
        cdata && ctype_is_function_pointer(cdata->type) ? cdata_pointer(cdata) : NULL;
    for (struct callback *i = ffi_of(L)->callbacks; i && code; i = i->next)
        if (i->code == code && !i->is_freed)
            return i;
    fault(L, "this is no callback, or one that has been freed");
    return NULL;
}

static void end_sharing(lua_State *L, struct callback *callback)
{
    if (!callback->is_shared)
        return;
    push_shared(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback->function);
    lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    callback->is_shared = false;
}

int callback_free_method(lua_State *L)
{
    struct callback *callback = check_callback(L);
    end_sharing(L, callback);
    luaL_unref(L, LUA_REGISTRYINDEX, callback->function);
    callback->function = LUA_NOREF;
    callback->is_freed = true;
    *(void **)cdata_at(L, 1)->address = NULL; /* so that a call by it is an error, and no crash */
    if (callback->running == 0)
        release(callback);
    return 0;
}

int callback_set_method(lua_State *L)
{
    struct callback *callback = check_callback(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    end_sharing(L, callback);
    lua_pushvalue(L, 2);
    lua_rawseti(L, LUA_REGISTRYINDEX, callback->function);
    return 0;
}

void callback_free_all(struct ffi *ffi)
{
    while (ffi->callbacks)
        release(ffi->callbacks);
}
