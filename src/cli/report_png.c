/* taildart report --png: curves and cells as pictures, drawn by other programs. */
#include "report.h"

#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/report.h"
#include "taildart/report_forms.h"

/* A picture and the script that makes it: the curves of all runs, or a cell. */
typedef struct {
    char *script, *png;      /* their paths, owned         */
    const td_genotype *cell; /* borrowed; NULL: the curves */
} picture;

/* All pictures of a --png. */
typedef struct {
    picture *item; /* (count), owned   */
    int count;
    bool in_run;                /* they lie in the folder of a run */
    td_report_run *const *runs; /* (run_count), borrowed */
    int run_count;
} pictures;

/* ---- their names ----------------------------------------------------------------- */

/* --out without its ending, for td_free. */
static char *base_of(const char *out)
{
    size_t length = strlen(out);
    if (length > 4 && strcmp(out + length - 4, ".png") == 0)
        length -= 4;
    return td_format("%.*s", (int) length, out);
}

/* So, or "report" in the folder of a single run or here; for td_free. */
static char *base_of_line(const td_report_run *first, const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    if (out)
        return base_of(out);
    return line->operands == 1 ? td_format("%s/report", first->name)
                               : td_strdup("report");
}

/* The cell of a single run is FILE-cell.png, of several FILE-cell-2.png. */
static picture cell_of(const char *base, td_report_run *const *runs, int count, int run)
{
    char *number = count > 1 ? td_format("-%d", run + 1) : td_strdup("");
    picture cell = { td_format("%s-cell%s.dot", base, number),
                     td_format("%s-cell%s.png", base, number), &runs[run]->genotype };
    td_free(number);
    return cell;
}

/* List what is to be made.  \param [out] list  for clear */
static void read_pictures(pictures *list, td_report_run *const *runs,
                          const td_cli_line *line)
{
    int count = line->operands;
    char *base = base_of_line(runs[0], line);
    *list = (pictures){ .runs = runs, .run_count = count };
    list->in_run = !td_cli_value(line, "out") && count == 1;
    list->item = td_malloc((size_t) (count + 1) * sizeof *list->item);
    list->item[list->count++] =
        (picture){ td_format("%s.gp", base), td_format("%s.png", base), NULL };
    for (int r = 0; r < count; r++)
        if (runs[r]->has_genotype)
            list->item[list->count++] = cell_of(base, runs, count, r);
    td_free(base);
}

static void clear(pictures *list)
{
    for (int i = 0; i < list->count; i++) {
        td_free(list->item[i].script);
        td_free(list->item[i].png);
    }
    td_free(list->item);
}

/* ---- the files ------------------------------------------------------------------- */

/* Refuse to replace a file of another kind, which begins otherwise. */
static td_status check(const char *path, const char *begin)
{
    const td_file_kind kinds[] = { { begin, NULL }, { NULL, NULL } };
    return td_file_check_kind(path, kinds, "file of `taildart report`");
}

static td_status check_all(const pictures *list)
{
    td_status status = TD_OK;
    for (int i = 0; status == TD_OK && i < list->count; i++) {
        const picture *p = &list->item[i];
        status =
            check(p->script, p->cell ? "digraph genotype" : "# Curves of taildart");
        if (status == TD_OK)
            status = check(p->png, "\x89PNG\r\n");
    }
    return status;
}

/* Write a file, and say so. */
static td_status put(const char *path, bool in_run, const char *bytes, size_t count)
{
    td_status status = td_cli_report_save(path, in_run, bytes, count);
    if (status == TD_OK)
        td_print("%s", path);
    return status;
}

/* Write script and picture; the script is there also where nothing draws it. */
static td_status write_picture(const pictures *list, const picture *p)
{
    td_text png = { 0 };
    char *script = p->cell ? td_report_dot(p->cell)
                           : td_report_gnuplot(list->runs, list->run_count);
    td_status status = put(p->script, list->in_run, script, strlen(script));
    if (status == TD_OK)
        status = p->cell ? td_report_cell_png(&png, script)
                         : td_report_curves_png(&png, script);
    if (status == TD_OK)
        status = put(p->png, list->in_run, png.chars, png.length);
    td_free(png.chars);
    td_free(script);
    return status;
}

static td_status write_all(const pictures *list)
{
    td_status status = TD_OK;
    for (int i = 0; status == TD_OK && i < list->count; i++)
        status = write_picture(list, &list->item[i]);
    return status;
}

/* ---- the form -------------------------------------------------------------------- */

td_status td_cli_report_png_try(const char *out)
{
    char *base = base_of(out), *path = td_format("%s.png", base);
    td_status status = td_file_try(path);
    td_free(path);
    td_free(base);
    return status;
}

td_status td_cli_report_png(td_report_run *const *runs, const td_cli_line *line)
{
    pictures list;
    read_pictures(&list, runs, line);
    td_status status = check_all(&list);
    if (status == TD_OK)
        status = write_all(&list);
    clear(&list);
    return status;
}
