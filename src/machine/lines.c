#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_number.h"

bool td_lines_read(const char *path, td_line_reader *reader, void *into)
{
    char line[TD_LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (!reader(line, into))
            break;
    }
    fclose(file);
    return true;
}

typedef struct {
    const char *name;
    double number;
} named;

static bool take_number(const char *line, void *into)
{
    named *wanted = into;
    size_t length = strlen(wanted->name);
    if (strncmp(line, wanted->name, length) != 0 || !strchr(": \t", line[length]))
        return true;
    td_number_read_first(&wanted->number,
                         line + length + strspn(line + length, ": \t"));
    return false;
}

double td_named_number(const char *path, const char *name)
{
    named wanted = { name, -1.0 };
    td_lines_read(path, take_number, &wanted);
    return wanted.number;
}
