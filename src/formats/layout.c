/* Finding the folders of a data set of pictures that are its parts. */
#include <string.h>
#include <strings.h>

#include "folder.h"
#include "taildart/base_log.h"

typedef enum { TRAIN, TEST, VALIDATION, ROLES } role;

static const struct {
    const char *name;
    role role;
} names[] = {
    { "train", TRAIN },           { "training", TRAIN }, { "test", TEST },
    { "testing", TEST },          { "val", VALIDATION }, { "valid", VALIDATION },
    { "validation", VALIDATION },
};

/* ROLES where the name is none of a part. */
static role role_of(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i].name) == 0)
            return names[i].role;
    return ROLES;
}

/* A search for the parts under way. */
typedef struct {
    const char *folder; /* borrowed */
    td_listing inside;
    const char *found[ROLES]; /* into inside, or NULL */
    bool has_folders[ROLES];
} search;

/* ---- who is who ------------------------------------------------------------------ */

static td_status find_roles(search *s)
{
    for (int64_t i = 0; i < s->inside.count; i++) {
        const td_entry *entry = &s->inside.entry[i];
        role r = entry->is_folder ? role_of(entry->name) : ROLES;
        char path[TD_PATH_BYTES];
        if (r == ROLES)
            continue;
        td_path_join(path, s->folder, entry->name);
        td_holding holds = td_folder_holds(path, td_picture_is_name);
        bool has_folders = holds.folders || holds.is_closed;
        if (s->found[r] && s->has_folders[r] && has_folders)
            return td_error(
                TD_DATA,
                "%s: %s and %s are both the %s part: join them, or move one "
                "away",
                s->folder, s->found[r], entry->name,
                r == TRAIN  ? "training"
                : r == TEST ? "test"
                            : "validation");
        if (!s->found[r] || has_folders) {
            s->found[r] = entry->name;
            s->has_folders[r] = has_folders;
        }
    }
    return TD_OK;
}

/* Check that folders beside a training part are other parts, or hold no pictures. */
static td_status check_others(const search *s, td_layout *layout)
{
    for (int64_t i = 0; i < s->inside.count; i++) {
        const td_entry *entry = &s->inside.entry[i];
        bool is_part = false;
        char path[TD_PATH_BYTES];
        for (int r = 0; r < ROLES; r++)
            is_part = is_part || s->found[r] == entry->name;
        if (is_part)
            continue;
        td_path_join(path, s->folder, entry->name);
        td_holding holds = { 0 };
        if (entry->is_folder)
            holds = td_folder_holds(path, td_picture_is_name);
        if (holds.folders || holds.wanted)
            return td_error(
                TD_DATA,
                "%s: a folder of pictures beside %s that is no part (train, "
                "test or val): move it into %s if it is a class, or away",
                path, s->found[TRAIN], s->found[TRAIN]);
        td_passed_add(&layout->beside, entry->name);
    }
    return TD_OK;
}

/* A class may be called test: a part holds folders, a class holds pictures. */
static td_status take_lone_part(const search *s, role lone, td_data_purpose purpose,
                                td_layout *layout)
{
    if (purpose == TD_DATA_TEST) {
        td_path_join(layout->part[TD_PART_TEST], s->folder, s->found[lone]);
        return TD_OK;
    }
    return td_error(TD_DATA,
                    "%s: a folder %s, but none called train beside it: name the folder "
                    "with the training images so, or give the class folders alone "
                    "(`data import --test` makes a file of test images for eval)",
                    s->folder, s->found[lone]);
}

static td_status take_parts(search *s, td_layout *layout)
{
    const char *test = s->found[TEST] ? s->found[TEST] : s->found[VALIDATION];
    td_path_join(layout->part[TD_PART_TRAIN], s->folder, s->found[TRAIN]);
    if (test)
        td_path_join(layout->part[TD_PART_TEST], s->folder, test);
    if (s->found[VALIDATION] && test != s->found[VALIDATION])
        snprintf(layout->unread, sizeof layout->unread, "%s", s->found[VALIDATION]);
    return check_others(s, layout);
}

td_status td_layout_find(td_layout *layout, const char *folder, td_data_purpose purpose)
{
    td_part only = purpose == TD_DATA_TEST ? TD_PART_TEST : TD_PART_TRAIN;
    search s = { .folder = folder };
    memset(layout, 0, sizeof *layout);
    td_status status = td_listing_read(&s.inside, folder, &layout->system);
    if (status == TD_OK)
        status = find_roles(&s);
    if (status == TD_OK) {
        if (s.has_folders[TRAIN])
            status = take_parts(&s, layout);
        else if (s.has_folders[TEST])
            status = take_lone_part(&s, TEST, purpose, layout);
        else if (s.has_folders[VALIDATION])
            status = take_lone_part(&s, VALIDATION, purpose, layout);
        else {
            snprintf(layout->part[only], TD_PATH_BYTES, "%s", folder);
            layout->system.count = 0; /* who lists the classes counts them */
        }
    }
    td_listing_clear(&s.inside);
    return status;
}

/* ---- what is said ---------------------------------------------------------------- */

static void tell_passed(const td_passed *passed, const char *folder, const char *kind)
{
    if (passed->count > 1)
        td_log(TD_LOG_NOTE, "%s: %lld %s are not read (%s, …)", folder,
               (long long) passed->count, kind, passed->first);
    else if (passed->count == 1)
        td_log(TD_LOG_NOTE, "%s: one of %s is not read (%s)", folder, kind,
               passed->first);
}

void td_layout_tell(const td_layout *layout, const char *folder)
{
    const char *test = strrchr(layout->part[TD_PART_TEST], '/');
    if (test && role_of(test + 1) == VALIDATION)
        td_log(TD_LOG_NOTE, "%s is read as the test part: there is no folder test",
               layout->part[TD_PART_TEST]);
    if (*layout->unread)
        td_log(TD_LOG_NOTE,
               "%s/%s is not read: a run sets training images aside for that; move its "
               "files to the training part to use them",
               folder, layout->unread);
    tell_passed(&layout->system, folder, "hidden and system files");
    tell_passed(&layout->beside, folder,
                "files and folders beside the parts or classes");
}
