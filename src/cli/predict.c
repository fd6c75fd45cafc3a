/* taildart predict: what a network says of pictures. */
#include "cli_internal.h"

#include "taildart/eval_predict.h"

static const td_cli_option options[] = {
    { "top", "K", "the K likeliest classes of each picture [5]", 0 },
    { "csv", NULL, "a table: picture, rank, class, name, probability", 0 },
    { "json", NULL, "a list of objects, one for each picture", 0 },
    { 0 },
};

const td_cli_form td_cli_predict_form = {
    .name = "predict",
    .operands = "CHECKPOINT PICTURE...",
    .purpose = "Name the likeliest classes of JPEG and PNG files.",
    .detail =
        "CHECKPOINT is a file or the directory of a run. Pictures are read as the run\n"
        "read its images: the square in their middle is shrunk by area averages to\n"
        "their size, never enlarged, with the mean and the deviation that the\n"
        "checkpoint keeps. What cannot be read is told on stderr, the others are\n"
        "answered, and the exit status is 1.",
    .options = options,
    .examples = "taildart predict runs/a-train photo.jpg\n"
                "taildart predict runs/a-train/best.h5 photos/*.png --top 1 --csv\n",
};

static td_status read_options(td_predict_options *out, const td_cli_line *line)
{
    int64_t top = 5;
    bool csv = td_cli_value(line, "csv"), json = td_cli_value(line, "json");
    td_status status = td_cli_integer(line, "top", 1, INT32_MAX, &top);
    if (status == TD_OK && csv && json)
        status = td_error(TD_USAGE, "predict: either --csv or --json");
    *out = (td_predict_options){
        .checkpoint = line->operand[0],
        .pictures = line->operand + 1,
        .count = line->operands - 1,
        .top = (int) top,
        .form = json  ? TD_PREDICT_JSON
                : csv ? TD_PREDICT_CSV
                      : TD_PREDICT_TEXT,
    };
    return status;
}

static td_status predict(td_comm *world, const td_cli_line *line)
{
    td_predict_options wanted;
    td_status status = td_comm_verdict(world, read_options(&wanted, line));
    return status == TD_OK ? td_predict_run(world, &wanted) : status;
}

int td_cli_predict(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_predict_form, argc, argv);
    if (status != TD_OK || !td_cli_answer(&line))
        return td_cli_run_on_ranks(&line, status, predict);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
