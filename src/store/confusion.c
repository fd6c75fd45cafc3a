#include "taildart/store_confusion.h"

#include "taildart/base_file.h"
#include "taildart/base_text.h"

td_status td_confusion_write(const char *path, const int64_t *counts,
                             const char (*names)[TD_CLASS_NAME_BYTES], int classes)
{
    td_text text = { 0 };
    TD_ASSERT(classes > 0);
    td_text_write(&text, "class");
    for (int c = 0; c < classes; c++) {
        td_text_write(&text, ",");
        td_text_write_csv(&text, names[c]);
    }
    td_text_write(&text, "\n");
    for (int label = 0; label < classes; label++) {
        const int64_t *row = counts + (size_t) label * (size_t) classes;
        td_text_write_csv(&text, names[label]);
        for (int c = 0; c < classes; c++)
            td_text_write(&text, ",%lld", (long long) row[c]);
        td_text_write(&text, "\n");
    }
    td_status status = td_file_write(path, text.chars, text.length);
    td_free(text.chars);
    return status;
}
