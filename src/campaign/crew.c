/* The life of a crew: its first rank takes points and has their folders, logs and
 * locks; the others join in each command. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crews.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"

/* ---- a rank that ends the whole job --------------------------------------------- */

/* Texts of the run at work, made before it: out of memory nothing can be made. */
static char *own_name, *own_note;

/* What MPI ends cannot be caught; but it is told which run it was, and noted where the
 * next start looks: it takes this run last. */
static void note_end(const char *text)
{
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    dprintf(STDERR_FILENO,
            "taildart: rank %d: that was %s; the job ends, the same "
            "command goes on with the other runs first\n",
            td_base_rank(), own_name);
    int file = open(own_note, flags, 0666);
    if (file < 0)
        return; /* another host's disk: the lines above have to do */
    dprintf(file, "ended the whole job: %s\n", text);
    close(file);
}

static void begin_noting(const td_crew_job *job, int index)
{
    const td_campaign *c = &job->campaign;
    td_grid_point point = td_point_at(c, index);
    own_name = td_grid_point_name(c->study, point);
    own_note = td_study_path(c->study, point, TD_STUDY_FAILURE);
    td_base_set_note(note_end);
}

static void end_noting(void)
{
    td_base_set_note(NULL);
    td_free(own_name);
    td_free(own_note);
}

/* ---- a command on all ranks of the crew ---------------------------------------- */

/* \a command: of the rank that leads. */
static td_status work(td_crew_job *job, int index, const td_study_command *command)
{
    begin_noting(job, index);
    td_status status = job->work(job->crew, command);
    end_noting();
    return status;
}

static td_stage_end make(td_campaign *c, const td_study_command *command,
                         const char *out, const char *err)
{
    td_crew_job *job = c->maker;
    td_status status = td_log_divert(out, err);
    if (status == TD_OK) {
        td_comm_bcast_asleep(job->crew, &job->index, sizeof job->index);
        status = work(job, job->index, command);
    }
    td_stage_end end = { .code = (int) status,
                         .words =
                             td_strdup(status == TD_OK ? "" : td_error_message()) };
    td_log_divert(NULL, NULL);
    return end;
}

/* ---- taking points -------------------------------------------------------------- */

void td_crew_lead(td_crew_job *job)
{
    td_list_report report = { .place = TD_LIST_NONE };
    td_campaign *c = &job->campaign;
    c->make = make;
    c->maker = job;
    for (;;) {
        td_crew_next next = td_desk_next(job, &report);
        if (next.place == TD_LIST_NONE)
            break;
        c->again = next.again;
        c->clock = (td_stage_clock){ .missing = { 0 } };
        job->index = next.index;
        report.place = next.place;
        report.outcome =
            td_signals_stop() ? TD_STUDY_WAS_STOPPED : td_point_run(c, next.index);
        memcpy(report.seconds, c->clock.seconds, sizeof report.seconds);
        memcpy(report.timed, c->clock.timed, sizeof report.timed);
    }
    job->index = TD_LIST_NONE;
    td_comm_bcast_asleep(job->crew, &job->index, sizeof job->index);
}

void td_crew_follow(td_crew_job *job)
{
    for (;;) {
        td_comm_bcast_asleep(job->crew, &job->index, sizeof job->index);
        if (job->index == TD_LIST_NONE)
            return;
        (void) work(job, job->index, NULL); /* judged by the rank that leads */
    }
}
