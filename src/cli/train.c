/* taildart train: train the network of a genotype. */
#include "cli_internal.h"

#include "taildart/plan.h"
#include "taildart/run.h"

static const td_cli_option options[] = {
    { "dry-run", NULL, "show keys, data, memory, time and files; train nothing", 0 },
    { 0 },
};

const td_cli_form td_cli_train_form = {
    .name = "train",
    .operands = "",
    .purpose =
        "Train the network of a genotype, or continue the training found in --out.",
    .detail =
        "With --from, the classifier of a trained network learns anew, and it alone.\n"
        "The same command line starts a run, continues it after a stop, and ends it.\n"
        "SIGUSR2 to mpirun, or Ctrl-C without it, saves a checkpoint and ends with\n"
        "status 85: start again.\n"
        "All images train unless data.train_share holds some out: then best.h5 is the\n"
        "epoch that does best on those by train.best: balanced accuracy, top1 or "
        "loss.\n"
        "Test images are read by eval alone.",
    .options = options,
    .keys = TD_FOR_TRAIN,
    .examples =
        "taildart train --genotype runs/a --data my.h5 --out runs/b\n"
        "taildart train --from runs/b --data my.h5 --out runs/b-again\n"
        "taildart train --genotype PDARTS --data my.h5 --imbalance 100 --dry-run\n"
        "mpirun -n 2 taildart train --genotype DARTS_V2 --out runs/c \\\n"
        "    --config jobs/configs/train-cifar10-lt-small.yaml\n",
};

td_status td_cli_train_work(td_comm *world, const td_cli_line *line)
{
    return td_job_run(TD_FOR_TRAIN, world, line->settings);
}

int td_cli_train(int argc, char **argv)
{
    return td_cli_run_or_plan(&td_cli_train_form, argc, argv, td_cli_train_work,
                              td_plan_text);
}
