/* Links of an HDF5 file, followed here and not by libhdf5: they may lead out of it. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { MOST_LINKS = 8, PATH_BYTES = 1024 };

static hid_t follow(td_h5 *h5, hid_t from, const char *path, const char *name,
                    int depth);

static void refuse_external(td_h5 *h5, hid_t group, const char *component, size_t bytes,
                            const char *name)
{
    char value[PATH_BYTES] = { 0 };
    const char *file = "another file", *object = NULL;
    if (bytes <= sizeof value &&
        H5Lget_val(group, component, value, sizeof value, H5P_DEFAULT) >= 0)
        H5Lunpack_elink_val(value, bytes, NULL, &file, &object);
    td_h5_refuse(h5, name,
                 "an external link to %.200s: only what the file holds itself is read; "
                 "h5py: f.copy(f['%s'], …) into one file",
                 file, name);
}

static hid_t follow_soft(td_h5 *h5, hid_t group, const char *component, size_t bytes,
                         const char *name, int depth)
{
    char value[PATH_BYTES] = { 0 };
    if (bytes >= sizeof value || depth == MOST_LINKS ||
        H5Lget_val(group, component, value, sizeof value - 1, H5P_DEFAULT) < 0) {
        td_h5_refuse(h5, name, "a soft link that leads nowhere");
        return -1;
    }
    hid_t found = follow(h5, group, value, name, depth + 1);
    if (found < 0)
        td_h5_refuse(h5, name, "a soft link to %.200s, which is not in the file",
                     value);
    return found;
}

/* Open the object of one link; -1 after a refusal. */
static hid_t follow_one(td_h5 *h5, hid_t group, const char *component, const char *name,
                        int depth)
{
    H5L_info_t info;
    if (H5Iget_type(group) != H5I_GROUP ||
        H5Lexists(group, component, H5P_DEFAULT) <= 0 ||
        H5Lget_info(group, component, &info, H5P_DEFAULT) < 0) {
        if (depth == 0) /* otherwise the caller refuses the soft link */
            td_h5_refuse(h5, name, "missing");
        return -1;
    }
    if (info.type == H5L_TYPE_SOFT)
        return follow_soft(h5, group, component, info.u.val_size, name, depth);
    if (info.type == H5L_TYPE_EXTERNAL)
        refuse_external(h5, group, component, info.u.val_size, name);
    else if (info.type != H5L_TYPE_HARD)
        td_h5_refuse(h5, name, "a link of an unknown kind");
    hid_t object = h5->ok && td_meta_check(h5, info.u.address, name)
                       ? H5Oopen(group, component, H5P_DEFAULT)
                       : -1;
    if (object < 0)
        td_h5_refuse_damaged(h5, name);
    return object;
}

/* Follow a path link by link.  name: of the whole path, for messages; depth: of soft
 * links. */
static hid_t follow(td_h5 *h5, hid_t from, const char *path, const char *name,
                    int depth)
{
    char component[PATH_BYTES];
    hid_t object = H5Oopen(path[0] == '/' ? h5->file : from, path[0] == '/' ? "/" : ".",
                           H5P_DEFAULT);
    while (object >= 0 && *(path += strspn(path, "/"))) {
        size_t length = strcspn(path, "/");
        snprintf(component, sizeof component, "%.*s", (int) length, path);
        path += length;
        hid_t next = follow_one(h5, object, component, name, depth);
        H5Oclose(object);
        object = next;
    }
    return object;
}

hid_t td_h5_object_open(td_h5 *h5, const char *name)
{
    TD_ASSERT(name && strlen(name) < PATH_BYTES);
    return h5->ok ? follow(h5, h5->file, name, name, 0) : -1;
}

bool td_h5_has(td_h5 *h5, const char *name)
{
    char component[PATH_BYTES];
    if (!h5->ok)
        return false;
    const char *slash = strrchr(name, '/');
    size_t length = slash && slash != name ? (size_t) (slash - name) : 0;
    snprintf(component, sizeof component, "%.*s", (int) length, name);
    if (length > 0 && !td_h5_has(h5, component))
        return false;
    hid_t group = length > 0 ? td_h5_object_open(h5, component) : h5->file;
    bool has =
        group >= 0 && H5Lexists(group, slash ? slash + 1 : name, H5P_DEFAULT) > 0;
    if (group >= 0 && group != h5->file)
        H5Oclose(group);
    return has;
}

/* ---- members of a group ------------------------------------------------------ */

static hid_t open_group(td_h5 *h5, const char *name)
{
    hid_t group = td_h5_object_open(h5, name);
    if (group < 0 || H5Iget_type(group) == H5I_GROUP)
        return group;
    td_h5_refuse(h5, name, "not a group");
    H5Oclose(group);
    return -1;
}

size_t td_h5_members(td_h5 *h5, const char *group)
{
    H5G_info_t info = { 0 };
    hid_t open = open_group(h5, group);
    if (open < 0)
        return 0;
    if (H5Gget_info(open, &info) < 0)
        td_h5_refuse_damaged(h5, group);
    H5Oclose(open);
    enum { LEAST_LINK = 32 }; /* bytes */
    if (h5->ok && info.nlinks > h5->bytes / LEAST_LINK)
        td_h5_refuse(h5, group, "more members than the file can hold");
    return h5->ok ? (size_t) info.nlinks : 0;
}

void td_h5_member(td_h5 *h5, const char *group, size_t i, char *name, size_t capacity)
{
    TD_ASSERT(name && capacity > 0);
    name[0] = '\0';
    hid_t open = open_group(h5, group);
    if (open < 0)
        return;
    ssize_t length = H5Lget_name_by_idx(open, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i,
                                        name, capacity, H5P_DEFAULT);
    if (length <= 0) /* other programs do not record the order of writing */
        length = H5Lget_name_by_idx(open, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                                    capacity, H5P_DEFAULT);
    if (length <= 0)
        td_h5_refuse_damaged(h5, group);
    else if ((size_t) length >= capacity)
        td_h5_refuse(h5, group, "a name in it is too long");
    H5Oclose(open);
}
