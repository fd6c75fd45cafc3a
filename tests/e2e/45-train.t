#!/usr/bin/env bash
# Training a derived network: where its cell comes from, stopping and going on, two
# branches, the best epoch, evaluation, and what is refused.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
tiny_idx "$T/ten" 10 4
tiny_idx "$T/few" 4 8
tiny_idx "$T/large" 4 2 2 32
small=(--data "$T/data" --set net.channels=4 --set net.cells=3 --batch 16)
text="$(sed 's/^ *//' <<'TEXT'
Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0)], normal_concat=range(2, 3), reduce=[('max_pool_3x3', 0), ('dil_conv_3x3', 1)], reduce_concat=range(2, 3))
TEXT
)"
train=(taildart train "${small[@]}" --genotype "$text" --epochs 3)

states() { said "$1" | grep '^epoch [0-9]*: state' | sort -u; }
metrics() { cut -d, -f1,4-18 "$1/metrics.csv"; }

# ---- where the cell comes from -----------------------------------------------------------

run taildart train --data "$T/ten" --genotype DARTS_V1 --dry-run
exits "a cell by name" 0
# as published, 3169414 with three colours; the stem of one has 1944 weights fewer
has "has the parameters of the publication" "$out" "^parameters 3167470$"
has "says that all images train" "$out" "^parts +train [1-9][0-9]*, held-out 0 images$"
has_not "and so promises no best.h5" "$out" "best.h5"
run taildart train --data "$T/ten" --genotype pcdarts --dry-run
has "and so has another" "$out" "^parameters 3632734$"

run taildart genotype DARTS_V2
exits "a name can be shown" 0
cp "$out" "$T/named.txt"
run taildart genotype "$T/named.txt"
is "and read back" "$(cat "$out")" "$(cat "$T/named.txt")"

# Options of the whole run: all but a tenth train, so there is a best epoch.
held=("${train[@]}" --epochs 30 --set data.train_share=0.9)
mpi 2 "${held[@]}" --out "$T/whole"
exits "two ranks train" 0
is "has one state per epoch" "$(states "$T/whole" | wc -l)" 30
is "the cell is the one given" "$(cat "$T/whole/genotype.txt")" "$text"
if [ -s "$T/whole/best.h5" ]; then pass "the best epoch is kept"
else fail "the best epoch is kept"; fi
has "and told, in lines of a terminal" "$out" "^best epoch by the balanced accuracy of the images held out, [0-9]+:$"

run taildart train "${small[@]}" --genotype "$T/whole/genotype.txt" --epochs 1 \
    --out "$T/file"
exits "a cell from a file" 0
is "without images held out there is no best epoch" "$(ls "$T/file/best.h5" 2>/dev/null)" ""
is "and validation is empty" "$(tail -n 1 "$T/file/metrics.csv" | cut -d, -f9-11)" ",,"

# ---- stopping and going on -----------------------------------------------------------------

start stopped mpirun -n 2 "${held[@]}" --set checkpoint.minutes=0 --out "$T/stopped"
until_true 60 test -s "$T/stopped/checkpoint.h5" || fail "it gets under way"
kill -USR2 "$(child_of "$started_pid")"
status=0; wait "$started_pid" || status=$?
exits "a signal stops it" 85
OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive mpi 2 "${held[@]}" --out "$T/stopped"
exits "the same command finishes it, on two threads" 0
is "same states" "$(states "$T/stopped")" "$(states "$T/whole")"
is "same metrics" "$(metrics "$T/stopped")" "$(metrics "$T/whole")"

# ---- evaluation, two branches ----------------------------------------------------------------

for file in checkpoint best; do
    run taildart eval "$T/whole/$file.h5" --data "$T/data"
    exits "eval of $file.h5" 0
    cp "$out" "$T/one.txt"
    mpi 2 taildart eval "$T/whole/$file.h5" --data "$T/data"
    is "on two ranks it says the same" "$(cat "$out")" "$(cat "$T/one.txt")"
    label=best; [ "$file" = best ] || label=last
    has "and which state it is" "$out" "^checkpoint .*/$file.h5 \\($label\\), after"
    [ "$file" != best ] || has "and by what it was chosen" "$out" "^checkpoint .*, chosen by balanced accuracy$"
done
run taildart eval "$T/whole/checkpoint.h5" --data "$T/data" --part arch
exits "eval of the images held out" 0
run taildart eval "$T/whole/checkpoint.h5" --data "$T/data" --part weights
exits "and of those that trained" 0
has "all but a tenth" "$out" "^part +train of .*, 288 images"

ok "a training has a page" taildart report "$T/whole"
has "with its planned epochs" "$T/whole/report.html" ">30 of 30<"
has_not "and nothing about weights of an architecture" "$T/whole/report.html" \
    "Architecture weights|no architecture|not finished"

# 8 pixels a side are too few for the second classifier; padded to 32 they leave it 8.
few=(taildart train --data "$T/few" --set data.pad_to=32 --set net.channels=4
    --set net.cells=3 --batch 16 --genotype "$text" --epochs 2)
mpi 2 "${few[@]}" --out "$T/padded"
exits "padded images have the second classifier" 0
has "which is told" <(said "$T/padded") "^auxiliary +on"
run taildart eval "$T/padded/checkpoint.h5" --data "$T/few"
exits "and eval pads likewise" 0

mpi 2 "${train[@]}" --epochs 1 --set bbn.enabled=true --out "$T/branches"
exits "two branches" 0
run taildart eval "$T/branches/checkpoint.h5" --data "$T/data"
exits "and their eval" 0

# ---- what an output must not take the place of -------------------------------------------

keep=$(cksum <"$T/whole/checkpoint.h5")
eval=(taildart eval "$T/whole/checkpoint.h5" --data "$T/data")
refused "figures over the checkpoint" 2 "checkpoint.h5: would be written over" \
    "${eval[@]}" --csv "$T/whole/checkpoint.h5"
ln -s "$T/whole/checkpoint.h5" "$T/alias.h5"
refused "by another name" 2 "would be written over" "${eval[@]}" --logits "$T/alias.h5"
refused "two outputs in one file" 2 "would be written over" \
    "${eval[@]}" --csv "$T/f.csv" --confusion "$T/f.csv"
refused "a page over it" 2 "would be written over" \
    taildart report "$T/whole" --out "$T/whole/checkpoint.h5"
is "it is as it was" "$(cksum <"$T/whole/checkpoint.h5")" "$keep"
ln -s aim.csv "$T/link.csv"; : >"$T/aim.csv"
ok "a link stays a link" "${eval[@]}" --csv "$T/link.csv"
has "and its file has the figures" "$T/aim.csv" "^top1,"
[ -L "$T/link.csv" ] || fail "link.csv is a link no more"
run "${eval[@]}" --csv /dev/full
exits "figures on a full device" 1
[ -c /dev/full ] || fail "/dev/full is a device no more"
run "${eval[@]}" --csv /dev/stdout
exits "figures on standard output" 0
has "are there" "$out" "^top1,"

# ---- refusals -----------------------------------------------------------------------------------

new=(taildart train "${small[@]}" --epochs 1 --out "$T/none" --genotype)
refused "an unknown name" 2 "train.genotype: found \"DARTS_V3\".*DARTS_V1" "${new[@]}" DARTS_V3
refused "a text cut short" 2 "train.genotype" "${new[@]}" "${text%,*}"
refused "an edge that does not exist" 2 "train.genotype" "${new[@]}" "${text/x3\', 1/x3\', 7}"
run taildart train "${small[@]}" --genotype "$text" --set arch.interval=2 --dry-run
has "a key of the search is told to be idle" "$err" "train does not read arch.interval"
refused "another batch in the same folder" 2 "^taildart: train.batch: '7' does not fit the run" \
    "${held[@]}" --batch 7 --genotype "$text" --out "$T/whole"
refused "another cell in the same folder" 2 "train.genotype" \
    "${held[@]}" --genotype DARTS_V2 --out "$T/whole"

refused "a search in a training's folder" 2 "run.out: .* holds a training: choose another" \
    taildart search --data "$T/data" --set data.imbalance=1 --out "$T/whole"
refused "eval of other classes" 3 "$T/ten: 10 classes, but .* has learned 4, and .* has no class names" \
    taildart eval "$T/whole/checkpoint.h5" --data "$T/ten"
refused "eval of larger images" 4 "was trained on images of 8x8 pixels, $T/large holds 32x32" \
    taildart eval "$T/whole/checkpoint.h5" --data "$T/large"
cell=(taildart train "${small[@]}" --genotype "${text/sep_conv/dil_conv}")
ok "a run of another cell" "${cell[@]}" --epochs 1 --out "$T/cell"
cp "$T/file/checkpoint.h5" "$T/cell/checkpoint.h5"
rm -f "$T/cell/checkpoint.prev.h5"
run "${cell[@]}" --epochs 2 --out "$T/cell"
exits "a checkpoint of another cell in its place" 4
has "is told from its own" "$err" "^taildart: [^ ]+: it is of another network: "

for file in jobs/configs/*.yaml; do
    ! grep -q '^methods:' "$file" || continue   # a study: 47-study.t looks at those
    command=search; [[ $file == */train-* ]] && command=train
    run taildart "$command" --config "$file" --data "$T/data" --set data.imbalance=1 --dry-run
    exits "$file serves" 0
done
done_testing
