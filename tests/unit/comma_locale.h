/* A locale with a decimal comma, also where none is installed. */
#ifndef COMMA_LOCALE_H
#define COMMA_LOCALE_H

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Write the file of a locale's numbers as glibc takes it: magic number, count and
 * offsets of the items, then point, separator and grouping of thousands, the first two
 * as wide characters, the encoding. */
static inline void comma_write(const char *path)
{
    const uint32_t head[] = { 0x20031115 ^ LC_NUMERIC, 6, 32, 34, 35, 36, 40, 44 };
    const uint32_t wide[] = { ',', 0 };
    FILE *file = fopen(path, "wb");
    if (!file)
        return;
    fwrite(head, sizeof head, 1, file);
    fwrite(",\0\0", 4, 1, file);
    fwrite(wide, sizeof wide, 1, file);
    fwrite("UTF-8", 6, 1, file);
    fclose(file);
}

/* Take a locale of the test's own; what the C library does not know is left out. */
static inline void comma_set_own(void)
{
    char root[] = "/tmp/taildart-locale-XXXXXX", folder[64], file[96];
    if (!mkdtemp(root))
        return;
    snprintf(folder, sizeof folder, "%s/comma", root);
    snprintf(file, sizeof file, "%s/LC_NUMERIC", folder);
    mkdir(folder, 0700);
    comma_write(file);
    setenv("LOCPATH", root, 1);
    setlocale(LC_NUMERIC, "comma");
    unsetenv("LOCPATH");
    unlink(file);
    rmdir(folder);
    rmdir(root);
}

/* Set such a locale.  \return whether numbers have a comma now; says so where not */
static inline bool comma_locale_set(void)
{
    static const char *const installed[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE",
                                             "nl_NL.UTF-8" };
    for (size_t i = 0; i < sizeof installed / sizeof *installed; i++)
        if (setlocale(LC_ALL, installed[i]))
            break;
    if (strcmp(localeconv()->decimal_point, ",") != 0)
        comma_set_own();
    bool has_comma = strcmp(localeconv()->decimal_point, ",") == 0;
    if (!has_comma)
        printf("# skipped: no locale with a decimal comma here\n");
    return has_comma;
}

#endif
