/* taildart data import: any known format as one HDF5 file. */
#include <sys/stat.h>

#include "data_internal.h"
#include "taildart/base_log.h"
#include "taildart/data.h"

const td_cli_form td_cli_data_import_form = {
    .name = "data import",
    .operands = "IN OUT.h5",
    .purpose = "Write a data set as one HDF5 file, which opens faster and travels "
               "alone.",
    .detail = "IN is a folder or a file of IDX, CIFAR-10, CIFAR-100 or HDF5; "
              "`taildart data --help`\nlists the names.  OUT.h5 is complete or not "
              "there; a former HDF5 file of that name\nis replaced.",
    .examples =
        "taildart data import /usr/share/datasets/fashion-mnist fashion-mnist.h5\n"
        "taildart data import cifar-10-batches-bin cifar10.h5\n",
};

/* Two inputs instead of input and output are easily typed: what is no HDF5 file is not
 * replaced. */
static td_status check_output(const char *path)
{
    struct stat entry;
    if (stat(path, &entry) != 0 || td_data_is_hdf5(path))
        return TD_OK;
    return td_error(TD_USAGE,
                    "data import: %s exists and is no HDF5 file: name another output",
                    path);
}

static void tell(const td_dataset *dataset, const char *in, const char *out)
{
    const td_data_info *info = &dataset->info;
    struct stat entry;
    td_log(TD_LOG_INFO,
           "read     %s: %lld training and %lld test images, %dx%dx%d, "
           "%d classes",
           in, (long long) info->train_count, (long long) info->test_count,
           info->height, info->width, info->channels, info->classes);
    if (stat(out, &entry) == 0)
        td_log(TD_LOG_INFO, "written  %s: %.1f MB", out, 1e-6 * (double) entry.st_size);
}

td_status td_cli_data_import(const td_cli_line *line)
{
    const char *in = line->operand[0], *out = line->operand[1];
    td_dataset *dataset = NULL;
    td_status status = check_output(out);
    if (status != TD_OK)
        return status;
    td_log_live("reading %s ...", in);
    status = td_dataset_open(&dataset, in);
    if (status == TD_OK) {
        td_log_live("writing %s ...", out);
        status = td_dataset_write(dataset, out);
    }
    td_log_live(NULL);
    if (status == TD_OK)
        tell(dataset, in, out);
    td_dataset_free(dataset);
    return status;
}
