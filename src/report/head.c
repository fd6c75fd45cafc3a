/* The head of the page: what was run, when, where and how. */
#include "page.h"

#include <string.h>

/* The start that the run is of now; NULL for a run of an older version. */
static const td_start *last_start(const td_report_run *run)
{
    return run->start_count > 0 ? &run->starts[run->start_count - 1] : NULL;
}

static void write_fact(td_text *text, const char *name, const char *value)
{
    if (!value || value[0] == '\0')
        return;
    td_text_write(text, "<div><dt>%s</dt><dd>", name);
    td_html_escape(text, value);
    td_text_write(text, "</dd></div>\n");
}

/* 2026-11-28T19:31:37+01:00, or with Z, as people write it; for td_free. */
static char *date_of(const td_start *s)
{
    enum { SECONDS = 19 }; /* characters up to there */
    if (strlen(s->date) <= SECONDS || s->date[10] != 'T')
        return td_strdup(s->date);
    const char *zone = s->date + SECONDS;
    bool is_utc = strcmp(zone, "Z") == 0 || strcmp(zone, "+00:00") == 0;
    return td_format("%.10s %.5s %s%s", s->date, s->date + 11, "UTC",
                     is_utc ? "" : zone);
}

static char *host_of(const td_start *s)
{
    return s->hosts > 1
               ? td_format("%s and %lld more", s->host, (long long) s->hosts - 1)
               : td_strdup(s->host);
}

static char *job_of(const td_start *s)
{
    return s->job[0] ? td_format("%s %s", s->scheduler, s->job) : td_strdup("");
}

/* "4 ranks, 2 threads each"; without a start, of the checkpoint. */
static char *ranks_of(const td_report_run *run)
{
    const td_start *s = last_start(run);
    long long ranks = s ? s->ranks : run->checkpoint->world_size;
    char *words = td_format("%lld %s", ranks, td_noun(ranks, "rank", "ranks"));
    if (!s)
        return words;
    char *all =
        td_format("%s, %lld %s%s", words, (long long) s->threads,
                  td_noun(s->threads, "thread", "threads"), ranks > 1 ? " each" : "");
    td_free(words);
    return all;
}

/* That of the start or, in an older run, what the checkpoint's version says. */
static char *commit_of(const td_report_run *run)
{
    const td_start *s = last_start(run);
    const char *version = run->checkpoint->texts.version;
    const char *line = version ? strstr(version, "commit ") : NULL;
    if (s)
        return td_strdup(s->commit);
    line = line ? line + strlen("commit ") + strspn(line + strlen("commit "), " ") : "";
    return td_format("%.*s", (int) strcspn(line, "\n"), line);
}

/* Dates of all starts, of which the first is when the run began. */
static char *dates_of(const td_report_run *run)
{
    char *first = date_of(&run->starts[0]), *last = date_of(last_start(run));
    char *all = run->start_count > 1 ? td_format("%s; started %d times, the last %s",
                                                 first, run->start_count, last)
                                     : td_strdup(first);
    td_free(first);
    td_free(last);
    return all;
}

/* Write a fact whose text is given for good. */
static void write_own(td_text *text, const char *name, char *value)
{
    write_fact(text, name, value);
    td_free(value);
}

static void write_facts(td_text *text, const td_report_run *run)
{
    const td_start *s = last_start(run);
    td_text_write(text, "<dl class=\"facts\">\n");
    write_fact(text, "Directory", run->name);
    if (s) {
        write_own(text, "Started", dates_of(run));
        write_own(text, "Host", host_of(s));
        write_own(text, "Job", job_of(s));
    }
    write_own(text, "Processes", ranks_of(run));
    write_own(text, "Commit", commit_of(run));
    td_text_write(text, "</dl>\n");
    if (!s) {
        td_text_write(text, "<p class=\"note\">Date, host and command line are not "
                            "known: the run began with an older version.</p>\n");
        return;
    }
    td_text_write(text, "<pre class=\"command\">");
    td_html_escape(text, s->command);
    td_text_write(text, "</pre>\n");
}

static const char *kind_of(const td_report_run *run)
{
    return run->checkpoint->state.edges > 0 ? "a search" : "a training";
}

static void write_alone(td_text *text, const td_runs *runs)
{
    const td_report_run *run = runs->runs[0];
    td_text_write(text, "<header>\n<h1>");
    td_html_escape(text, runs->names[0]);
    td_text_write(text, "</h1>\n<p>%s, epochs: ", kind_of(run));
    td_write_epochs(text, run);
    td_write_state(text, run);
    td_text_write(text, "</p>\n");
    write_facts(text, run);
    td_text_write(text, "</header>\n");
}

static void write_several(td_text *text, const td_runs *runs)
{
    td_text_write(text, "<header>\n<h1>%d runs</h1>\n", runs->count);
    if (runs->folder[0]) {
        td_text_write(text, "<p>in ");
        td_html_escape(text, runs->folder);
        td_text_write(text, "</p>\n");
    }
    td_text_write(text, "</header>\n");
}

void td_page_head(td_text *text, const td_runs *runs)
{
    (runs->count > 1 ? write_several : write_alone)(text, runs);
}

void td_page_starts(td_text *text, const td_runs *runs)
{
    if (runs->count == 1)
        return;
    td_text_write(text, "<details><summary>How they were started</summary>\n");
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "<h3>");
        td_run_swatch(text, r);
        td_html_escape(text, runs->names[r]);
        td_text_write(text, "</h3>\n");
        write_facts(text, runs->runs[r]);
    }
    td_text_write(text, "</details>\n");
}
