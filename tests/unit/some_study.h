/* A study of a text, in a folder of its own. */
#ifndef SOME_STUDY_H
#define SOME_STUDY_H

#include "store_folder.h"
#include "taildart/study.h"

static td_study *study;

static inline td_status read_study(const char *text)
{
    static const td_study_replacements nothing = { NULL, NULL, NULL };
    write_text(in_folder("study.yaml"), text);
    return td_study_read(&study, in_folder("study.yaml"), &nothing);
}

/* Read \a text in place of the study that there is.  \return as td_study_read */
static inline td_status read_another_study(const char *text)
{
    td_study_free(study);
    return read_study(text);
}

static inline void study_make(const char *text)
{
    folder_make();
    ck_assert_msg(read_study(text) == TD_OK, "%s", td_error_message());
}

static inline void study_remove(void)
{
    td_study_free(study);
    folder_remove();
}

#endif
