/* taildart eval: loss and accuracies of a checkpoint's network. */
#include "cli_internal.h"

#include "taildart/eval.h"

static const td_cli_option options[] = {
    { "part", "test|held-out|train", "images of the run, or the test part [test]", 0 },
    { "top", "K", "also how often the label is among the K best answers", 0 },
    { "adjust", "TAU", "logits less TAU·log of class shares; also several: 0,1", 0 },
    { "tau-norm", "TAU", "classifier rows over their norm to the power of TAU", 0 },
    { "per-class", NULL, "also list each class: images, accuracy, groups", 0 },
    { "csv", "FILE.csv", "also write the figures, a row for each TAU of --adjust", 0 },
    { "confusion", "FILE.csv", "also write images per class (row) and answer", 0 },
    { "logits", "FILE.h5", "also write /logits, in the order of the part", 0 },
    { 0 },
};

const td_cli_form td_cli_eval_form = {
    .name = "eval",
    .operands = "CHECKPOINT",
    .purpose = "Loss, accuracies, F1 and calibration error of a checkpoint's network.",
    .detail =
        "Accuracies are top-1, balanced, of classes with many, medium and few images, "
        "and\n"
        "of each class.\n"
        "Images are read as the run read its own: mean, deviation and classes are the\n"
        "checkpoint's; classes are matched by name.  The directory of a run stands "
        "for\n"
        "its checkpoint.h5, and without --data the data set that the run names is\n"
        "read.  --data needs no training part: test files alone, or one folder of\n"
        "class folders, will do.\n"
        "The run's directory keeps the figures (evaluations.csv), for its report.\n"
        "--adjust and --tau-norm are cures of the tail after the training: by the\n"
        "images of each class that the run has learned from (Menon et al. 2021), by\n"
        "more equal norms (Kang et al. 2020).",
    .options = options,
    .keys = TD_FOR_EVAL,
    .examples = "taildart eval runs/a\n"
                "taildart eval runs/a/best.h5 --data my.h5 --confusion wrong.csv\n"
                "taildart eval runs/a --data my.h5 --adjust 0,0.5,1,1.5\n"
                "mpirun -n 2 taildart eval runs/a --part held-out --logits logits.h5\n",
};

/* Read the options, on rank 0. */
static td_status read_options(td_eval_options *out, const td_cli_line *line)
{
    const td_config *config = td_settings_config(line->settings);
    const char *part = td_cli_value(line, "part");
    int64_t top = 0;
    td_status status = td_cli_integer(line, "top", 1, INT32_MAX, &top);
    *out = (td_eval_options){
        .checkpoint = line->operand[0],
        .data = config->data.path,
        .logits = td_cli_value(line, "logits"),
        .csv = td_cli_value(line, "csv"),
        .adjust = td_cli_value(line, "adjust"),
        .tau_norm = td_cli_value(line, "tau-norm"),
        .confusion = td_cli_value(line, "confusion"),
        .per_class = td_cli_value(line, "per-class") != NULL,
        .part = part ? part : "test",
        .top = (int) top,
        .batch = config->search.batch,
        .threads = config->run.threads,
        .timeout = config->dist.timeout_seconds,
    };
    return status;
}

td_status td_cli_eval_work(td_comm *world, const td_cli_line *line)
{
    td_eval_options wanted;
    td_status status = line->settings ? read_options(&wanted, line) : TD_OK;
    status = td_comm_verdict(world, status);
    if (status != TD_OK)
        return status;
    return td_eval_run(world, line->settings ? &wanted : NULL);
}

int td_cli_eval(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_eval_form, argc, argv);
    if (status != TD_OK || !td_cli_answer(&line))
        return td_cli_run_on_ranks(&line, status, td_cli_eval_work);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
