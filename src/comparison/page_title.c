/* What a picture of a block is called. */
#include "page.h"

void td_page_block_title(td_text *text, const td_study *study, int block)
{
    if (block == TD_STUDY_ALL) {
        td_text_write(text, "mean over all rows of a method");
        return;
    }
    td_grid_point point = td_study_block_point(study, block);
    char *setting = td_study_setting_name(study, point.setting);
    td_text_write(text, "imbalance %g%s", study->imbalances[point.imbalance],
                  setting[0] ? ", " : "");
    td_html_escape(text, setting);
    td_free(setting);
}
