/* taildart export: a trained network for other programs. */
#include "cli_internal.h"

#include "taildart/export.h"

static const td_cli_option options[] = {
    { "to", "pytorch|onnx|hdf5", "the format", 0 },
    { "output", "FILE", "write there [network.pt, .onnx or .h5 beside CHECKPOINT]",
      'o' },
    { 0 },
};

const td_cli_form td_cli_export_form = {
    .name = "export",
    .operands = "CHECKPOINT",
    .purpose = "Write a checkpoint's network, as eval judges it, for other programs.",
    .detail =
        "pytorch is a state_dict for torch.load, hdf5 the same tensors in "
        "/state_dict,\n"
        "with the names of NetworkCIFAR of the DARTS scripts. Heads of all kinds "
        "become a\n"
        "matrix and a bias; with bbn.split head both are added up. With bbn.split "
        "cell\n"
        "the last cell is there twice, the second time as cell_rb, which DARTS lacks.\n"
        "To tensors belongs what is printed, in hdf5 attributes: how pixels are "
        "scaled.\n"
        "onnx is a model that has all inside: it takes pixels in units of 0 to 1,\n"
        "float32 (N, channels, height, width), any number of images, and gives "
        "logits;\n"
        "class names are in its metadata.",
    .options = options,
    .examples = "taildart export runs/trained --to pytorch\n"
                "taildart export runs/trained/best.h5 --to onnx --output best.onnx\n",
};

static td_status export_network(const td_cli_line *line)
{
    td_export_options wanted = {
        .checkpoint = line->operand[0],
        .format = td_cli_value(line, "to"),
        .output = td_cli_value(line, "output"),
    };
    if (wanted.format)
        return td_export_run(&wanted);
    td_status status = td_error(TD_USAGE, "export: --to FORMAT is missing");
    td_error_hint("try `taildart export --help`");
    return status;
}

int td_cli_export(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_export_form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line))
        status = export_network(&line);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
