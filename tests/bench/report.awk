# Lines NAME<tab>JSON object in; the table of `make bench` out, and all figures into the
# file that the variable `json` names.  `many` is what many threads are here, `others`
# how many programs ran beside at the start.

BEGIN { FS = "\t" }
$1 == "kernel" { kernels[++kernel_count] = $2; next }
{ names[++name_count] = $1; objects[$1] = $2 }
END {
    write_machine()
    write_kernels()
    write_phases()
    write_steps()
    write_loader()
    write_goals()
    write_json()
}

# ---- figures --------------------------------------------------------------------

# A field of an object as text, without quotes; empty if it is not there.
function field(object, name,    value) {
    if (!match(object, "\"" name "\": *(\"[^\"]*\"|[^,}]*)"))
        return ""
    value = substr(object, RSTART, RLENGTH)
    sub(/^"[^"]*": */, "", value)
    gsub(/"/, "", value)
    return value
}

function of(name, what) { return field(objects[name], what) }
function ratio(a, b) { return a != "" && b + 0 > 0 ? a / b : "" }

# A figure in its column; a dash where there is none.
function shown(format, value) {
    if (value != "")
        return sprintf(format, value)
    sub(/\.[0-9]+f/, "s", format)
    return sprintf(format, "-")
}

function threads(count) { return count " thread" (count == 1 ? "" : "s") }
function title(text) { printf "\n%s\n", text }

# ---- sections -------------------------------------------------------------------

function write_machine(    b, side) {
    b = objects["batch_64_many"]
    side = field(b, "image_size")
    printf "%s, kernels %s, SGEMM peak with OpenBLAS's %s; %d channels, %d cells, %d nodes, %dx%dx%d; medians of %d\n",
        field(b, "cpu"), field(b, "isa"), field(b, "blas_core"), field(b, "channels"), field(b, "cells"),
        field(b, "nodes"), field(b, "image_channels"), side, side, field(b, "steps")
    if ("pytorch_64_many" in objects)
        printf "PyTorch %s, channels last, gradients only where a step uses them\n",
            of("pytorch_64_many", "torch")
    else
        print "PyTorch is left out or not installed (Debian: python3-torch): no figures"
    if (others > 0)
        print "Other programs ran beside: the figures are worse than they should be"
}

# One kernel at one place; the table has a place's figures side by side.
function kernel_cell(k,    moves_only) {
    moves_only = field(k, "gflops") + 0 == 0
    return shown("%4.0f", moves_only ? "" : field(k, "gflops")) \
        sprintf("%5.0f", field(k, "gbytes_per_second")) \
        shown("%5.2f", moves_only ? "" : field(k, "share_of_peak"))
}

function write_kernels(    i, k, label, place, rows, row, cell, places, line) {
    split("C16 32x32,C32 16x16,C64 8x8,C32 32x32 /2", places, ",")
    for (i = 1; i <= kernel_count; i++) {
        k = kernels[i]
        label = field(k, "kernel")
        if (!(label in row))
            row[label] = row[++rows] = label
        place = field(k, "shape") (field(k, "stride") == 2 ? " /2" : "")
        cell[label, place] = kernel_cell(k)
    }
    title("Kernels, one thread, cache-hot: GFLOP/s, GB/s, share of the SGEMM peak")
    for (i = 0; i <= rows; i++) {
        line = sprintf("%-25s", i ? row[i] : "")
        for (place = 1; place <= 4; place++)
            line = line sprintf("%15s", i ? cell[row[i], places[place]] : places[place])
        sub(/ +$/, "", line)
        print line
    }
}

function phase(label, ours, theirs) {
    printf "%-34s %s %s %s\n", label, shown("%10.3f", ours), shown("%10.3f", theirs),
        shown("%8.1f", ratio(theirs, ours))
}

function phase_of_step(label, what) {
    phase(label, of("batch_64_many", what), of("pytorch_64_many", what))
}

function write_phases() {
    title("One step, batch 64, " threads(many) ", seconds")
    printf "%-34s %10s %10s %8s\n", "", "taildart", "PyTorch", "times"
    phase_of_step("architecture step: forward", "arch_forward_seconds")
    phase_of_step("                   backward", "arch_backward_seconds")
    phase_of_step("weight step:       forward", "weight_forward_seconds")
    phase_of_step("                   backward", "weight_backward_seconds")
    phase_of_step("optimisers", "update_seconds")
    phase_of_step("reductions over ranks", "comm_seconds")
    phase_of_step("whole step", "step_seconds")
    phase("forward only (evaluation)", of("batch_64_many", "forward_seconds"),
        of("pytorch_forward_64_many", "forward_seconds"))
}

# What the loader has to do for both batches of a step, while that computes.
function loader(policy) {
    return ratio(2 * of("loader", policy "_seconds"), seconds("batch_64_many"))
}

function write_loader() {
    title("Loader, one thread: a batch of 64 images of 3x32x32, milliseconds")
    printf "none %.2f, autoaugment %.2f, randaugment %.2f\n", 1e3 * of("loader", "none_seconds"),
        1e3 * of("loader", "autoaugment_seconds"), 1e3 * of("loader", "randaugment_seconds")
}

function gigabytes(bytes) { return bytes == "" ? "" : bytes / 1e9 }

function step(label, ours, theirs) {
    if (!(ours in objects))
        return
    printf "%-24s%s%s%s%s%s%s%s%s\n", label,
        shown("%8.3f", of(ours, "step_seconds")),
        shown("%10.1f", of(ours, "images_per_second")),
        shown("%9.2f", of(ours, "fraction_of_peak")),
        shown("%6.2f", gigabytes(of(ours, "peak_rss_bytes"))),
        shown("%9.2f", gigabytes(of(ours, "planned_bytes"))),
        shown("%9.3f", of(theirs, "step_seconds")),
        shown("%7.1f", ratio(of(theirs, "step_seconds"), of(ours, "step_seconds"))),
        shown("%6.2f", gigabytes(of(theirs, "peak_rss_bytes")))
}

function write_steps() {
    title("Whole steps, " threads(many))
    printf "%-24s%8s%10s%9s%6s%9s%9s%7s%6s\n", "", "seconds", "images/s", "of peak",
        "GB", "planned", "PyTorch", "times", "GB"
    step("batch 64", "batch_64_many", "pytorch_64_many")
    step("batch 64, 1 thread", "batch_64_one", "")
    step("batch 16", "batch_16_many", "pytorch_16_many")
    step("batch 16, 1 thread", "batch_16_one", "pytorch_16_one")
    step("batch 4", "batch_4_many", "")
    step("two branches of 32", "branches_32_many", "")
    step("second order, batch 16", "second_order_16_many", "")
    step("4 of 8 operations, 16", "batch_16_half_many", "")
    step("gdas, batch 16", "batch_16_gdas_many", "")
    step("adversarial, batch 16", "batch_16_adversarial_many", "")
    step("derived, small, 64", "derived_small", "pytorch_derived_small")
    step("derived, published, 96", "derived_published", "pytorch_derived_published")
}

# ---- goals ----------------------------------------------------------------------

# `least` 1: the figure should be at least that much; 0: at most.
function goal(label, value, least, must, reach,    met) {
    met = (least ? value - must : must - value) >= 0 ? "yes" : "no"
    met = value == "" ? "-" : met
    printf "%-52s %s  %s %6s %6s  %s\n", label, shown("%7.2f", value),
        least ? ">=" : "<=", must, reach, met
    goals = goals (goals ? ",\n    " : "") \
        sprintf("{\"goal\": \"%s\", \"value\": %s, ", label,
            value == "" ? "null" : sprintf("%.6g", value)) \
        sprintf("\"at_least\": %s, \"must\": %s, \"reach\": %s}",
            least ? "true" : "false", must, reach)
}

function seconds(name) { return of(name, "step_seconds") }
function quotient(name) { return of(name, "quotient") }
function speed(name) { return of(name, "images_per_second") }

function write_goals(    few) {
    few = ", " threads(many)
    title("Goals, set for 16 channels, 8 cells, 3x32x32")
    printf "%-52s %7s     %6s %6s  %s\n", "", "here", "must", "reach", "met"
    goal("share of the SGEMM peak, batch 64" few,
        of("batch_64_many", "fraction_of_peak"), 1, 0.55, 0.65)
    goal("times PyTorch, batch 64" few,
        ratio(seconds("pytorch_64_many"), seconds("batch_64_many")), 1, 5, 6.5)
    goal("times PyTorch, batch 16" few,
        ratio(seconds("pytorch_16_many"), seconds("batch_16_many")), 1, 5.5, 7)
    goal("times PyTorch, batch 16, 1 thread",
        ratio(seconds("pytorch_16_one"), seconds("batch_16_one")), 1, 4.8, 5.8)
    goal("second thread: times one thread, batch 64",
        ratio(seconds("batch_64_one"), seconds("batch_64_many")), 1, 1.9, 1.96)
    goal("forward only, times PyTorch, batch 64" few,
        ratio(of("pytorch_forward_64_many", "forward_seconds"),
            of("batch_64_many", "forward_seconds")), 1, 3, 4)
    goal("peak memory, batch 64, GB", gigabytes(of("batch_64_many", "peak_rss_bytes")),
        0, 1.4, 1.1)
    goal("two branches against one, per image",
        ratio(speed("batch_64_many"), speed("branches_32_many")), 0, 1.1, 1.03)
    goal("second-order against first-order step, batch 16",
        ratio(seconds("second_order_16_many"), seconds("batch_16_many")), 0, 2.8, 2.6)
    goal("4 of 8 operations against all of them, batch 16",
        ratio(seconds("batch_16_half_many"), seconds("batch_16_many")), 0, 0.6, 0.55)
    goal("gdas against all operations, batch 16",
        ratio(seconds("batch_16_gdas_many"), seconds("batch_16_many")), 0, 0.35, 0.25)
    goal("adversarial step: architecture passes it lasts",
        ratio(seconds("batch_16_adversarial_many") - of("batch_16_many", "weight_seconds"),
            of("batch_16_many", "arch_seconds")), 0, 8, 7.5)
    goal("derived, small, times PyTorch, batch 64" few,
        ratio(seconds("pytorch_derived_small"), seconds("derived_small")), 1, 3.5, 5)
    goal("derived, published, times PyTorch, batch 96" few,
        ratio(seconds("pytorch_derived_published"), seconds("derived_published")),
        1, 3.5, 5)
    goal("derived, published, memory against PyTorch",
        ratio(of("derived_published", "peak_rss_bytes"),
            of("pytorch_derived_published", "peak_rss_bytes")), 0, 0.333, 0.25)
    goal("images/s at batch 4 against batch 64" few,
        ratio(speed("batch_4_many"), speed("batch_64_many")), 1, 0.7, 0.85)
    goal("loader's share of a step's time, autoaugment, 64" few,
        loader("autoaugment"), 0, 1, 0.1)
    goal("loader's share of a step's time, randaugment, 64" few,
        loader("randaugment"), 0, 1, 0.1)
    goal("second rank, batch 4: share of twice as fast",
        ratio(quotient("second_rank_batch_4"), 2), 1, 0.92, 0.96)
    goal("second rank, batch 8: share of twice as fast",
        ratio(quotient("second_rank_batch_8"), 2), 1, 0.94, 0.96)
    goal("2 ranks against 2 threads, batch 64: times as fast",
        quotient("rank_for_thread"), 1, 1.00, 1.05)
    goal("reproducible against default step, 2 ranks", quotient("reproducible"), 0,
        1.05, 1.03)
    goal("images read from their file: speed of those in memory",
        quotient("images_in_file"), 1, 0.8, 0.95)
    goal("study of 16 runs, 4 ranks: crews of 1 against of 4",
        quotient("study_in_crews"), 1, 1.5, 2)
    goal("times PyTorch's DDP (gloo), 2 processes, batch 64",
        quotient("pytorch_ranks"), 1, 5, 6.5)
}

# ---- the file -------------------------------------------------------------------

function write_json(    i) {
    printf "{\n  \"cpu\": \"%s\",\n  \"isa\": \"%s\",\n  \"many_threads\": %d,\n",
        of("batch_64_many", "cpu"), of("batch_64_many", "isa"), many >json
    printf "  \"programs_beside\": %d,\n", others >json
    for (i = 1; i <= name_count; i++)
        printf "  \"%s\": %s,\n", names[i], objects[names[i]] >json
    if (!("pytorch_64_many" in objects))
        printf "  \"pytorch\": null,\n" >json
    printf "  \"goals\": [\n    %s\n  ],\n  \"kernels\": [\n", goals >json
    for (i = 1; i <= kernel_count; i++)
        printf "    %s%s\n", kernels[i], i < kernel_count ? "," : "" >json
    printf "  ]\n}\n" >json
    close(json)
}
