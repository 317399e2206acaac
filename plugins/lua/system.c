#include "system.h"

#include "session.h"

#include <lualib.h>

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    STOP_CHECKS = 100, /* after an interrupt the command gets this many times 10 ms to end */
};

static void pause_10ms(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
}

/* The command has got the SIGINT too, being in the worker's process group. One that ignores it is
 * killed. */
static int wait_interrupted(pid_t pid)
{
    int status = 0;
    for (int i = 0; i < STOP_CHECKS; i++) {
        if (waitpid(pid, &status, WNOHANG) != 0)
            return status;
        pause_10ms();
    }
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static int wait_for(const struct hilum_session *session, pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
        if (session->interrupted)
            return wait_interrupted(pid);
    }
    return status;
}

/* Not system(), which ignores SIGINT while the command runs. */
static int os_execute(lua_State *L)
{
    const char *command = luaL_optstring(L, 1, NULL);
    char *arguments[] = {"sh", "-c", (char *)command, NULL};
    pid_t pid;
    if (!command) {
        lua_pushboolean(L, access("/bin/sh", X_OK) == 0);
        return 1;
    }
    session_of(L)->console.alone = false;
    errno = posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, environ);
    if (errno != 0)
        return luaL_fileresult(L, 0, NULL);
    int status = wait_for(session_of(L), pid);
    if (status >= 0)
        errno = 0; /* luaL_execresult reports a leftover errno as a failure */
    return luaL_execresult(L, status);
}

static int os_exit(lua_State *L)
{
    return luaL_error(L, "os.exit would end the session that all cells share; stop a cell with "
                         "error(), or shut the kernel down from the frontend");
}

void system_open(lua_State *L)
{
    lua_getglobal(L, LUA_OSLIBNAME);
    lua_pushcfunction(L, os_execute);
    lua_setfield(L, -2, "execute");
    lua_pushcfunction(L, os_exit);
    lua_setfield(L, -2, "exit");
    lua_pop(L, 1);
}
