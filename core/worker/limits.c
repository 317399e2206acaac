#include "worker/limits.h"
#include "base/json_scan.h"
#include "base/proc.h"

#include <sys/resource.h>
#include <unistd.h>

/* The kernel kills a session that is above its hard limit, but looks only now and then. The operating
 * system stops an allocation at once that goes far beyond. */
#define BACKSTOP_BYTES ((rlim_t)64 << 20)

static uint64_t read_number(struct str object, const char *key)
{
    struct str value;
    int64_t number;
    bool good = json_get(object, key, &value) && json_read_integer(value, &number) && number > 0;
    return good ? (uint64_t)number : 0;
}

static void read_setting(struct str object, struct buffer *buffer, struct hilum_str *setting)
{
    struct str value;
    buffer_clear(buffer, 4096);
    if (json_get(object, "memory_setting", &value))
        json_unescape(value, buffer);
    *setting = (struct hilum_str){buffer->data, buffer->size};
}

static void lower(int resource, rlim_t most)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0 || limit.rlim_max < most)
        return;
    setrlimit(resource, &(struct rlimit){most, most});
}

/*
 * Private memory that may be written to; address space that is only reserved (GHC's runtime reserves
 * a terabyte) does not count. Left alone where it is too much already: sanitizers.
 */
static void limit_data(uint64_t hard)
{
    char status[4096];
    rlim_t most = (rlim_t)(hard + hard / 4) + BACKSTOP_BYTES;
    proc_read(getpid(), "status", status, sizeof status);
    if (hard && proc_number(status, "VmData") * 1024 < most / 2)
        lower(RLIMIT_DATA, most);
}

static void allow_core_dumps(bool allowed)
{
    struct rlimit limit;
    if (allowed && getrlimit(RLIMIT_CORE, &limit) == 0)
        setrlimit(RLIMIT_CORE, &(struct rlimit){limit.rlim_max, limit.rlim_max});
    else
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

void worker_limits_load(struct worker_limits *limits, struct str content)
{
    struct str object = STR("{}");
    json_get(content, "limits", &object);
    limits->session = (struct hilum_limits){
        .struct_size = sizeof limits->session,
        .memory = read_number(object, "memory_bytes"),
        .memory_hard = read_number(object, "memory_bytes_hard"),
    };
    read_setting(object, &limits->session_setting, &limits->session.memory_setting);
    limits->now = limits->session;
    uint64_t files = read_number(object, "open_files_hard");
    if (files)
        lower(RLIMIT_NOFILE, (rlim_t)files);
    limit_data(limits->session.memory_hard);
    allow_core_dumps(json_member_is_true(object, "core_dumps"));
}

void worker_limits_begin(struct worker_limits *limits, struct str object)
{
    limits->now = limits->session;
    if (!object.data)
        return;
    uint64_t memory = read_number(object, "memory_bytes");
    if (!memory || (limits->session.memory && memory >= limits->session.memory))
        return;
    limits->now.memory = memory;
    read_setting(object, &limits->setting, &limits->now.memory_setting);
}

void worker_limits_fini(struct worker_limits *limits)
{
    buffer_fini(&limits->session_setting);
    buffer_fini(&limits->setting);
}
