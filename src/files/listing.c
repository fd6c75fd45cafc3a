/* List the entries of a folder, without those that systems leave in every folder. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "taildart/base_memory.h"
#include "taildart/files.h"

_Static_assert(TD_PATH_BYTES >= PATH_MAX && TD_ENTRY_BYTES > NAME_MAX,
               "of this system");

/* Hidden, or left by a file manager or an archive of macOS. */
static bool is_of_the_system(const char *name)
{
    static const char *const names[] = { "Thumbs.db", "ehthumbs.db", "desktop.ini",
                                         "__MACOSX" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return name[0] == '.';
}

/* Whether an entry is a folder; asks the disk only where readdir does not know. */
static bool entry_is_folder(const char *folder, const struct dirent *entry)
{
    char path[TD_PATH_BYTES];
    struct stat found;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return entry->d_type == DT_DIR;
    td_path_join(path, folder, entry->d_name);
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

void *td_extend(void *block, int64_t count, int64_t *room, size_t bytes)
{
    if (count < *room)
        return block;
    *room = *room ? 2 * *room : 64;
    return td_enlarge(block, (size_t) count * bytes, (size_t) *room * bytes);
}

void td_passed_add(td_passed *passed, const char *name)
{
    if (passed && passed->count++ == 0)
        snprintf(passed->first, sizeof passed->first, "%s", name);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const td_entry *) a)->name, ((const td_entry *) b)->name);
}

static void take_entry(td_listing *list, const char *folder, const struct dirent *entry,
                       td_passed *passed)
{
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    if (is_of_the_system(name)) {
        td_passed_add(passed, name);
        return;
    }
    list->entry = td_extend(list->entry, list->count, &list->room, sizeof *list->entry);
    list->entry[list->count++] =
        (td_entry){ .name = td_strdup(name),
                    .is_folder = entry_is_folder(folder, entry) };
}

td_status td_listing_read(td_listing *list, const char *folder, td_passed *passed)
{
    DIR *open = opendir(folder);
    *list = (td_listing){ 0 };
    if (!open)
        return td_error(TD_DATA, "%s: cannot be opened: %s", folder, strerror(errno));
    errno = 0;
    for (struct dirent *entry = readdir(open); entry; entry = readdir(open)) {
        take_entry(list, folder, entry, passed);
        errno = 0;
    }
    int fault = errno;
    closedir(open);
    if (fault)
        return td_error(TD_DATA, "%s: cannot be read: %s", folder, strerror(fault));
    if (list->count > 0)
        qsort(list->entry, (size_t) list->count, sizeof *list->entry, compare);
    return TD_OK;
}

void td_listing_clear(td_listing *list)
{
    for (int64_t i = 0; i < list->count; i++)
        td_free(list->entry[i].name);
    td_free(list->entry);
    *list = (td_listing){ 0 };
}

td_holding td_folder_holds(const char *folder, bool (*is_wanted)(const char *name))
{
    DIR *open = opendir(folder);
    td_holding holds = { .is_closed = !open };
    for (struct dirent *entry = open ? readdir(open) : NULL;
         entry && !(holds.folders && holds.wanted); entry = readdir(open)) {
        if (is_of_the_system(entry->d_name))
            continue;
        if (entry_is_folder(folder, entry))
            holds.folders = true;
        else if (!holds.wanted && is_wanted(entry->d_name)) {
            holds.wanted = true;
            snprintf(holds.name, sizeof holds.name, "%s", entry->d_name);
        }
    }
    if (open)
        closedir(open);
    return holds;
}
