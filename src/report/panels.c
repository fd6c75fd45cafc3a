#include "panels.h"

#include <math.h>
#include <string.h>

double td_column_value(const td_metrics *row, size_t column)
{
    double value;
    TD_ASSERT(column + sizeof value <= sizeof *row);
    memcpy(&value, (const char *) row + column, sizeof value);
    return value;
}

bool td_column_is_known(const td_report_run *run, size_t column)
{
    for (int i = 0; i < run->row_count; i++)
        if (isfinite(td_column_value(&run->rows[i], column)))
            return true;
    return false;
}

const td_panel td_panels[TD_PANELS] = {
    { "loss (nats)",
      NAN,
      NAN,
      true,
      { { "validation", TD_COLUMN(valid_loss) },
        { "training", TD_COLUMN(train_loss) } } },
    { "accuracy (share of images)",
      0,
      1,
      true,
      { { "validation, balanced", TD_COLUMN(valid_balanced_top1) },
        { "validation, top-1", TD_COLUMN(valid_top1) },
        { "training, top-1", TD_COLUMN(train_top1) } } },
    { "learning rate of the weights",
      0,
      NAN,
      false,
      { { "weights", TD_COLUMN(lr_weights) } } },
    { "learning rate of the architecture", /* of another size */
      0,
      NAN,
      false,
      { { "architecture", TD_COLUMN(lr_arch) } } },
    { "entropy of the architecture (nats)",
      0, /* an architecture that hardly moved does not fill the panel */
      NAN,
      false,
      { { "normal cell", TD_COLUMN(alpha_entropy_normal) },
        { "reduction cell", TD_COLUMN(alpha_entropy_reduce) } } },
};

int td_panel_line_count(const td_panel *panel)
{
    int count = 0;
    while (count < TD_PANEL_LINES && panel->lines[count].name)
        count++;
    return count;
}
