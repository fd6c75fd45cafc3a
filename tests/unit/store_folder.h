/* A folder of its own for each test of the store, and what happens to files in it. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/store.h"

static char folder[128];

/* "<folder>/<name>" in one of a few buffers, so that a call may take two. */
static inline const char *in_folder(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline void folder_make(void)
{
    const char *place = getenv("TMPDIR");
    int n = snprintf(folder, sizeof folder, "%s/taildart-store-XXXXXX",
                     place && place[0] ? place : "/tmp");
    ck_assert_int_lt(n, (int) sizeof folder);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* Remove \a path, a folder of files and folders, and what is in it. */
static inline void remove_all(const char *path)
{
    DIR *open_folder = opendir(path);
    for (struct dirent *entry; open_folder && (entry = readdir(open_folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = td_format("%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            remove_all(inner);
        td_free(inner);
    }
    if (open_folder)
        closedir(open_folder);
    rmdir(path);
}

static inline void folder_remove(void)
{
    remove_all(folder);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

static inline int folder_count(void)
{
    int count = 0;
    DIR *open_folder = opendir(folder);
    ck_assert_ptr_nonnull(open_folder);
    for (struct dirent *entry; (entry = readdir(open_folder));)
        count += entry->d_name[0] != '.';
    closedir(open_folder);
    return count;
}

static inline bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static inline void write_text(const char *path, const char *text)
{
    ck_assert_int_eq(td_file_write(path, text, strlen(text)), TD_OK);
}

static inline void check_content(const char *path, const char *expected)
{
    char *bytes = NULL;
    ck_assert_int_eq(td_file_read(&bytes, NULL, path), TD_OK);
    ck_assert_str_eq(bytes, expected);
    td_free(bytes);
}

/* As `ulimit -f`: the nearest thing to a full disk that needs no root. */
static inline void limit_files(size_t bytes)
{
    struct rlimit limit = { bytes, RLIM_INFINITY };
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#endif
