#include "taildart/store_confusion.h"

#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_text.h"

static void put_name(td_text *text, const char *name)
{
    if (!strpbrk(name, ",\"\r\n")) {
        td_text_write(text, "%s", name);
        return;
    }
    td_text_write(text, "\"");
    for (const char *at = name; *at; at++)
        td_text_write(text, *at == '"' ? "\"%c" : "%c", *at);
    td_text_write(text, "\"");
}

td_status td_confusion_write(const char *path, const int64_t *counts,
                             const char (*names)[TD_CLASS_NAME_BYTES], int classes)
{
    td_text text = { 0 };
    TD_ASSERT(classes > 0);
    td_text_write(&text, "class");
    for (int c = 0; c < classes; c++) {
        td_text_write(&text, ",");
        put_name(&text, names[c]);
    }
    td_text_write(&text, "\n");
    for (int label = 0; label < classes; label++) {
        const int64_t *row = counts + (size_t) label * (size_t) classes;
        put_name(&text, names[label]);
        for (int c = 0; c < classes; c++)
            td_text_write(&text, ",%lld", (long long) row[c]);
        td_text_write(&text, "\n");
    }
    td_status status = td_file_write(path, text.chars, text.length);
    td_free(text.chars);
    return status;
}
