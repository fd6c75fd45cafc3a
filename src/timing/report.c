/* The times of all ranks as a table, and as JSON. */
#include "taildart/timing_report.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_number.h"
#include "taildart/base_terminal.h"
#include "taildart/base_text.h"

/* ---- over ranks -------------------------------------------------------------- */

static void spread_add(td_spread *spread, int rank, double value)
{
    if (rank == 0 || value < spread->least)
        spread->least = value;
    if (rank == 0 || value > spread->most) {
        spread->most = value;
        spread->slowest = rank;
    }
    spread->mean += (value - spread->mean) / (rank + 1);
}

td_spread td_section_spread(const td_rank_times *all, int ranks, td_section section)
{
    td_spread spread = { 0 };
    TD_ASSERT(ranks > 0);
    for (int r = 0; r < ranks; r++)
        spread_add(&spread, r, all[r].times.seconds[section]);
    return spread;
}

td_spread td_wall_spread(const td_rank_times *all, int ranks)
{
    td_spread spread = { 0 };
    TD_ASSERT(ranks > 0);
    for (int r = 0; r < ranks; r++)
        spread_add(&spread, r, td_times_wall(&all[r].times));
    return spread;
}

/* The spread of a number that each rank has at the same place. */
static td_spread spread_of(const td_rank_times *all, int ranks, size_t offset)
{
    td_spread spread = { 0 };
    for (int r = 0; r < ranks; r++) {
        double value;
        memcpy(&value, (const char *) &all[r] + offset, sizeof value);
        spread_add(&spread, r, value);
    }
    return spread;
}

#define REDUCED(kind, member)                                                          \
    spread_of(all, ranks,                                                              \
              offsetof(td_rank_times, reduced) +                                       \
                  (size_t) (kind) * sizeof(td_reductions) +                            \
                  offsetof(td_reductions, member))

static const td_section reduction_sections[TD_REDUCTION_KINDS] = {
    [TD_WEIGHT_REDUCTIONS] = TD_SECTION_WEIGHT_REDUCTION,
    [TD_ARCH_REDUCTIONS] = TD_SECTION_ARCH_REDUCTION,
};

/* ---- the table --------------------------------------------------------------- */

enum { LINE = 80, NAME = 23 }; /* columns: of a line, of a section's title */

static void write_head(td_text *text, int ranks)
{
    if (ranks == 1)
        td_text_write(text, "%-*s %10s %7s\n", NAME, "section", "seconds", "share");
    else
        td_text_write(text, "%-*s %9s %9s %9s %7s  slowest\n", NAME, "section", "min",
                      "avg", "max", "share");
}

/* \a whole: mean of the wall clocks; \a name: of the slowest rank, NULL for none. */
static void write_row(td_text *text, const char *title, const td_spread *spread,
                      double whole, int ranks, const char *host)
{
    double share = whole > 0.0 ? 100.0 * spread->mean / whole : 0.0;
    if (ranks == 1) {
        td_text_write(text, "%-*s %10.3f %5.1f %%\n", NAME, title, spread->mean, share);
        return;
    }
    char line[2 * LINE + 64];
    snprintf(line, sizeof line, "%-*s %9.3f %9.3f %9.3f %5.1f %%", NAME, title,
             spread->least, spread->mean, spread->most, share);
    td_text_write(text, "%s", line);
    if (host) {
        snprintf(line, sizeof line, "%d@%s", spread->slowest, host);
        td_terminal_cut(line, LINE - (NAME + 3 * 10 + 8) - 2);
        td_text_write(text, "  %s", line);
    }
    td_text_write(text, "\n");
}

/* What a reduction's time is made of.  Others wait for who comes last. */
static void write_parts(td_text *text, const td_rank_times *all, int ranks, int kind,
                        double whole)
{
    td_spread transfer = REDUCED(kind, transfer), wait = REDUCED(kind, wait);
    if (ranks == 1 || REDUCED(kind, calls).most <= 0.0)
        return;
    write_row(text, "  transfer", &transfer, whole, ranks, NULL);
    wait.slowest = REDUCED(kind, last).slowest;
    write_row(text, "  waiting for", &wait, whole, ranks, all[wait.slowest].host);
}

/* Where nothing is sent there is no rate. */
static void write_rate(td_text *text, const td_rank_times *all, int ranks, int kind)
{
    double calls = REDUCED(kind, calls).most, bytes = REDUCED(kind, bytes).most;
    double transfer = REDUCED(kind, transfer).most, hidden = REDUCED(kind, hidden).mean;
    if (ranks == 1 || calls <= 0.0 || transfer <= 0.0)
        return;
    td_text_write(text, "%s: %.0f of %.4g MB, %.3g GB/s",
                  td_section_title(reduction_sections[kind]), calls,
                  1e-6 * bytes / calls, 1e-9 * bytes / transfer);
    if (hidden > 0.0)
        td_text_write(text, "; %.3f s hidden", hidden);
    td_text_write(text, "\n");
}

char *td_times_table(const td_rank_times *all, int ranks)
{
    td_text text = { 0 };
    td_spread wall = td_wall_spread(all, ranks);
    write_head(&text, ranks);
    for (int s = 0; s < TD_SECTION_COUNT; s++) {
        td_spread spread = td_section_spread(all, ranks, (td_section) s);
        if (spread.most > 0.0)
            write_row(&text, td_section_title((td_section) s), &spread, wall.mean,
                      ranks, all[spread.slowest].host);
        for (int kind = 0; kind < TD_REDUCTION_KINDS; kind++)
            if ((int) reduction_sections[kind] == s)
                write_parts(&text, all, ranks, kind, wall.mean);
    }
    write_row(&text, "wall clock", &wall, wall.mean, ranks, NULL);
    for (int kind = 0; kind < TD_REDUCTION_KINDS; kind++)
        write_rate(&text, all, ranks, kind);
    return text.chars;
}

/* ---- JSON -------------------------------------------------------------------- */

static void write_spread(td_text *text, const td_spread *spread,
                         const td_rank_times *all)
{
    td_text_write(text,
                  "{\"min\": %.6f, \"avg\": %.6f, \"max\": %.6f, "
                  "\"slowest\": {\"rank\": %d, \"host\": ",
                  spread->least, spread->mean, spread->most, spread->slowest);
    td_text_write_json(text, all[spread->slowest].host);
    td_text_write(text, "}");
}

static void write_reductions(td_text *text, const td_rank_times *all, int ranks,
                             int kind)
{
    td_spread last = REDUCED(kind, last);
    td_text_write(text,
                  ", \"calls\": %.0f, \"bytes\": %.0f, \"transfer\": %.6f, "
                  "\"wait\": %.6f, \"hidden\": %.6f, \"last\": {\"rank\": %d, "
                  "\"host\": ",
                  REDUCED(kind, calls).most, REDUCED(kind, bytes).most,
                  REDUCED(kind, transfer).most, REDUCED(kind, wait).mean,
                  REDUCED(kind, hidden).mean, last.slowest);
    td_text_write_json(text, all[last.slowest].host);
    td_text_write(text, ", \"calls\": %.0f}", last.most);
}

static void write_section(td_text *text, const td_rank_times *all, int ranks,
                          td_section section, double whole)
{
    td_spread spread = td_section_spread(all, ranks, section);
    td_spread waits = spread_of(all, ranks,
                                offsetof(td_rank_times, times.waits) +
                                    (size_t) section * sizeof(double));
    td_text_write(text, ", \"%s\": ", td_section_word(section));
    write_spread(text, &spread, all);
    td_text_write(text, ", \"share\": %.6f, \"waits\": %.6f",
                  whole > 0.0 ? spread.mean / whole : 0.0, waits.mean);
    for (int kind = 0; kind < TD_REDUCTION_KINDS; kind++)
        if (reduction_sections[kind] == section)
            write_reductions(text, all, ranks, kind);
    td_text_write(text, "}");
}

char *td_times_json(const td_rank_times *all, int ranks)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    td_spread wall = td_wall_spread(all, ranks);
    td_text_write(&text, "{\"wall\": ");
    write_spread(&text, &wall, all);
    td_text_write(&text, "}");
    for (int s = 0; s < TD_SECTION_COUNT; s++)
        write_section(&text, all, ranks, (td_section) s, wall.mean);
    td_text_write(&text, "}");
    td_numbers_restore(before);
    return text.chars;
}
