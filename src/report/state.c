/* How far a run has come. */
#include "page.h"

void td_write_state(td_text *text, const td_report_run *run)
{
    const td_progress *p = &run->checkpoint->progress;
    if (run->end.is_there && p->epoch > run->end.epoch)
        td_text_write(
            text, ", <em>ended by search.stop: the cell is that after epoch %d</em>",
            run->end.genotype_epoch + 1);
    else if (run->epochs > 0 && p->epoch < run->epochs)
        td_text_write(text, ", <em>not finished: %lld steps into epoch %lld</em>",
                      (long long) p->step, (long long) p->epoch + 1);
}

void td_write_epochs(td_text *text, const td_report_run *run)
{
    int rows = run->row_count;
    td_text_write(text, "%d", rows > 0 ? run->rows[rows - 1].epoch + 1 : 0);
    if (run->epochs > 0)
        td_text_write(text, " of %d", run->epochs);
    if (run->unread > 0)
        td_text_write(text, ", <em>%d %s of metrics.csv %s</em>", run->unread,
                      td_noun(run->unread, "line", "lines"),
                      td_noun(run->unread, "is no row", "are no rows"));
}
