/* Limits of control groups, of version 1, 2 and both at once.
 *
 * A limit of a group holds for all below it: so every group from our own to the top is
 * read, and the least counts.  In a container the path of our own may be that of the
 * host, of which only the top is mounted: missing folders are skipped. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_number.h"
#include "taildart/machine.h"

/* Read the limit of one folder, INFINITY when it has none. */
typedef double limit_reader(const char *folder);

/* ---- one folder ------------------------------------------------------------------ */

static bool keep_line(const char *line, void *into)
{
    snprintf(into, 64, "%s", line);
    return false;
}

/* Read the first line of a file of the folder; "" when there is none. */
static void read_text(const char *folder, const char *name, char text[64])
{
    char path[TD_PATH_BYTES + 64];
    text[0] = '\0';
    snprintf(path, sizeof path, "%s/%s", folder, name);
    td_lines_read(path, keep_line, text);
}

/* Read a file of one number; -1 for "max", and when there is none. */
static double read_number(const char *folder, const char *name)
{
    char text[64];
    double number;
    read_text(folder, name, text);
    return td_number_read_first(&number, text) != text ? number : -1.0;
}

static double read_stat(const char *folder, const char *name)
{
    char path[TD_PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    double number = td_named_number(path, name);
    return number > 0.0 ? number : 0.0;
}

static double quota_v2(const char *folder)
{
    char text[64];
    double quota = 0.0, period = 0.0;
    read_text(folder, "cpu.max", text);
    bool is_set = sscanf(text, "%lf %lf", &quota, &period) == 2;
    return is_set && quota > 0.0 && period > 0.0 ? quota / period : INFINITY;
}

static double quota_v1(const char *folder)
{
    double quota = read_number(folder, "cpu.cfs_quota_us");
    double period = read_number(folder, "cpu.cfs_period_us");
    return quota > 0.0 && period > 0.0 ? quota / period : INFINITY;
}

static double read_cpu_stat(const char *folder, const char *name, double unit)
{
    char path[TD_PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/cpu.stat", folder);
    double number = td_named_number(path, name);
    return number > 0.0 ? number * unit : 0.0;
}

/* Negative, so that the least is that of the group that waits longest. */
static double throttled_v2(const char *folder)
{
    return -read_cpu_stat(folder, "throttled_usec", 1e-6);
}

static double throttled_v1(const char *folder)
{
    return -read_cpu_stat(folder, "throttled_time", 1e-9);
}

/* The memory left.  Inactive pages of files are freed when memory is needed. */
static double left(double limit, double used, double caches)
{
    enum { EXBIBYTE_BITS = 60 }; /* version 1 writes "none" as the largest number */
    if (limit < 0.0 || limit >= ldexp(1.0, EXBIBYTE_BITS))
        return INFINITY;
    return fmax(0.0, limit - fmax(0.0, used - caches));
}

static double memory_v2(const char *folder)
{
    return left(read_number(folder, "memory.max"),
                read_number(folder, "memory.current"),
                read_stat(folder, "inactive_file"));
}

static double memory_v1(const char *folder)
{
    return left(read_number(folder, "memory.limit_in_bytes"),
                read_number(folder, "memory.usage_in_bytes"),
                read_stat(folder, "total_inactive_file"));
}

/* ---- all groups of this process -------------------------------------------------- */

typedef struct {
    const char *root;
    const char *controller; /* of version 1: "cpu", "memory" */
    limit_reader *v1, *v2;
    td_limit least;
} search;

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        hash = (hash ^ (unsigned char) *text) * UINT64_C(0x100000001b3);
    return hash;
}

/* Read the limits from \a mount and \a group upwards to \a mount. */
static void walk(search *s, const char *mount, const char *group, limit_reader *read)
{
    char folder[TD_PATH_BYTES];
    size_t top =
        (size_t) snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s", s->root, mount);
    if (top >= sizeof folder ||
        top + strlen(group) + 1 > sizeof folder) /* no such path can be */
        return;
    snprintf(folder + top, sizeof folder - top, "%s", group);
    for (;;) {
        double value = read(folder);
        if (value < s->least.value)
            s->least = (td_limit){ value, hash_of(folder) };
        char *slash = strrchr(folder + top, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
}

static bool names(const char *controllers, const char *wanted)
{
    size_t length = strlen(wanted);
    for (const char *word = controllers; *word;) {
        size_t here = strcspn(word, ",");
        if (here == length && strncmp(word, wanted, length) == 0)
            return true;
        word += here + (word[here] == ',');
    }
    return false;
}

/* Read a line "0::/a/b" or "4:cpu,cpuacct:/a/b". */
static bool read_group(const char *line, void *into)
{
    search *s = into;
    char controllers[256], mount[264];
    const char *first = strchr(line, ':');
    const char *second = first ? strchr(first + 1, ':') : NULL;
    if (!second || second - first > (long) sizeof controllers)
        return true;
    snprintf(controllers, sizeof controllers, "%.*s", (int) (second - first - 1),
             first + 1);
    if (controllers[0] == '\0') {
        walk(s, "", second + 1, s->v2);
        walk(s, "/unified", second + 1, s->v2);
    } else if (names(controllers, s->controller)) {
        snprintf(mount, sizeof mount, "/%s", s->controller);
        walk(s, mount, second + 1, s->v1);
        snprintf(mount, sizeof mount, "/%s", controllers);
        if (strcmp(controllers, s->controller) != 0)
            walk(s, mount, second + 1, s->v1);
    }
    return true;
}

static td_limit find(search s)
{
    char path[TD_PATH_BYTES];
    s.least = (td_limit){ .value = INFINITY };
    snprintf(path, sizeof path, "%s/proc/self/cgroup", s.root);
    td_lines_read(path, read_group, &s);
    return s.least;
}

td_limit td_quota_read(const char *root)
{
    return find(
        (search){ .root = root, .controller = "cpu", .v1 = quota_v1, .v2 = quota_v2 });
}

double td_throttled_read(const char *root)
{
    double least = find((search){ .root = root,
                                  .controller = "cpu",
                                  .v1 = throttled_v1,
                                  .v2 = throttled_v2 })
                       .value;
    return isfinite(least) ? -least : 0.0;
}

td_limit td_memory_limit_read(const char *root)
{
    return find((search){
        .root = root, .controller = "memory", .v1 = memory_v1, .v2 = memory_v2 });
}
