#!/usr/bin/env bash
# A search from its command line to what it leaves behind.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data"
search=(taildart search --data "$T/data" "${tiny_net[@]}")

# ---- one search ----------------------------------------------------------------------

run "${search[@]}" --out "$T/a" --epochs 8 --batch 8
exits "a search ends" 0
for file in config.yaml checkpoint.h5 checkpoint.prev.h5 metrics.csv genotype.txt \
    genotype.json genotype.dot run.log run.lock; do
    if [ -s "$T/a/$file" ]; then pass "it leaves $file"; else fail "it leaves $file"; fi
done
is "one plain line per epoch where stdout is a file" "$(grep -c '^epoch ' "$out")" 8
has_not "and no live line" "$out" $'\r'
has "the start says how to repeat it" "$out" "^repeat .*taildart search --config $T/a/config.yaml"
has "the end shows the cell" "$out" "^Genotype\(normal=\[\('"
start=$(sed -n '/^data /,/^repeat /p' "$out")
is "the report at start fits into 80 columns" "$(grep -vF "$T" <<<"$start" | awk 'length($0) > 80')" ""
is "and says nothing of what is not there" \
    "$(grep -nE '(^|[^0-9.])1 [a-z]+s( |,|;|$)|in 1 of 1|x1 |none, none|a branch' <<<"$start")" ""
has "and how far alpha has moved" "$out" "^alpha has moved by [0-9.]+ from its start"
is "the start report is short" "$(sed '/^epoch /,$d' "$out" | awk 'END { print NR <= 25 }')" 1
is "run.log began before the first step" \
    "$(awk '/^repeat/ { print "start" } /^epoch/ { print "epoch"; exit }' <(said "$T/a") | tr '\n' ' ')" \
    "start epoch "

is "metrics.csv has the columns of its contract" "$(head -n 1 "$T/a/metrics.csv")" \
    "epoch,seconds,images_per_second,lr_weights,lr_arch,mixing,train_loss,train_top1,valid_loss,valid_top1,valid_balanced_top1,many_top1,medium_top1,few_top1,alpha_entropy_normal,alpha_entropy_reduce,alpha_change,skip_count_normal,comm_seconds,peak_rss_bytes,valid_ece,data_seconds,forward_seconds,backward_seconds,weight_reduction_seconds,arch_reduction_seconds,update_seconds,validation_seconds,checkpoint_seconds,other_seconds,weight_transfer_seconds,weight_wait_seconds,arch_transfer_seconds,arch_wait_seconds,hidden_seconds,imbalance,slowest_rank,arch_penalty,hessian_eigenvalue"
is "epochs count from 0" "$(column "$T/a/metrics.csv" epoch | tr '\n' ' ')" "0 1 2 3 4 5 6 7 "
is "a group without classes is an empty field" "$(column "$T/a/metrics.csv" many_top1 | tr -d '\n')" ""
is "so is the mixing of one branch" "$(column "$T/a/metrics.csv" mixing | tr -d '\n')" ""
near "the first rate is that of the key" "$(column "$T/a/metrics.csv" lr_weights | head -n 1)" 0.025 1e-9
is "it learns: the loss falls" \
    "$(column "$T/a/metrics.csv" train_loss | awk 'NR == 1 { first = $1 } END { print ($1 < 0.9 * first) }')" 1

# ---- eval and genotype agree with it ---------------------------------------------------

run taildart eval "$T/a/checkpoint.h5" --data "$T/data" --part arch
exits "eval reads its checkpoint" 0
cp "$out" "$T/eval"
near "the architecture half's loss is that of the last validation" \
    "$(awk '$1 == "loss" { print $2 }' "$T/eval")" \
    "$(column "$T/a/metrics.csv" valid_loss | tail -n 1)" 6e-5
near "and its top-1, too" "$(awk '$1 == "top-1" { print $2 }' "$T/eval")" \
    "$(column "$T/a/metrics.csv" valid_top1 | tail -n 1)" 6e-5
near "and its error of calibration" "$(awk '$1 == "ece" { print $2 }' "$T/eval")" \
    "$(column "$T/a/metrics.csv" valid_ece | tail -n 1)" 6e-5
has "with four decimals" "$T/eval" "^top-1 +[01]\.[0-9]{4}$"
run taildart eval "$T/a/checkpoint.h5" --data "$T/data" --logits "$T/logits.h5"
exits "eval writes logits of the test part" 0
has "and counts its images" "$out" "^part +test of .*, 40 images$"
has "an error of calibration" "$out" "^ece +[01]\.[0-9]{4} "
has "groups by count, those without a class n/a" "$out" "^by count +n/a +[01]\.[0-9]{4} +n/a "
has "and by range" "$out" "^by range +[01]\.[0-9]{4} +[01]\.[0-9]{4} +[01]\.[0-9]{4} "
has_not "the classes are listed on request only" "$out" "^class "

run taildart eval "$T/a/checkpoint.h5" --data "$T/data" --per-class --confusion "$T/confusion.csv"
exits "eval --per-class --confusion" 0
is "40 images per class before the halves were cut" \
    "$(awk '$1 ~ /^[0-9]+$/ { print $2, $4, $5, $6 }' "$out" | tr '\n' ';')" \
    "10 40 medium many;10 40 medium medium;10 40 medium medium;10 40 medium few;"
is "a line of the matrix a class, under a header" "$(cut -d, -f1 "$T/confusion.csv" | tr '\n' ' ')" \
    "class $(awk '$1 ~ /^[0-9]+$/ { print $NF }' "$out" | tr '\n' ' ')"
is "each with its images" "$(awk -F, 'NR > 1 { n = 0; for (i = 2; i <= NF; i++) n += $i
    print n }' "$T/confusion.csv" | tr '\n' ' ')" "10 10 10 10 "
near "its diagonal is top-1" \
    "$(awk -F, 'NR > 1 { n += $NR } END { print n / 40 }' "$T/confusion.csv")" \
    "$(awk '$1 == "top-1" { print $2 }' "$out")" 6e-5
tiny_idx "$T/other" 4 5
run taildart eval "$T/a/checkpoint.h5" --data "$T/other"
has "the groups are the run's, whatever file is given" "$out" "^by count +n/a +[01]\.[0-9]{4} +n/a "
for option in confusion logits; do
    refused "--$option into no folder" 1 "$T/none/x: cannot be written" taildart eval \
        "$T/a/checkpoint.h5" --data "$T/data" "--$option" "$T/none/x"
    refused "--$option onto a folder" 1 "$T/data: cannot be written" taildart eval \
        "$T/a/checkpoint.h5" --data "$T/data" "--$option" "$T/data"
done
refused "an option that eval does not have" 2 "unknown option --confusing; the nearest is --confusion" \
    taildart eval "$T/a/checkpoint.h5" --data "$T/data" --confusing x
if command -v h5dump >/dev/null; then
    h5dump -H "$T/logits.h5" >"$T/header"
    has "of float32" "$T/header" "H5T_IEEE_F32LE"
    has "one row per image" "$T/header" "\( 40, 4 \)"
else
    skip "shape of the logits" "no h5dump"
fi
run taildart genotype "$T/a/checkpoint.h5"
is "genotype prints the same cell" "$(cat "$out")" "$(cat "$T/a/genotype.txt")"

# ---- small images, padded --------------------------------------------------------------

padded=(taildart search "${tiny_net[@]}" --set data.pad_to=32 --set data.cutout=16)
run "${padded[@]}" --data "$T/data" --out "$T/dry" --dry-run
exits "--dry-run with data.pad_to" 0
has "shows the padded size" "$out" "32x32"
small=$T/data
if [ -e "$FASHION_MNIST/train-images-idx3-ubyte.gz" ]; then
    small=$T/fashion
    mkdir "$small"
    for part in train:1000 t10k:200; do
        n=${part#*:} part=${part%:*}
        { printf '\0\0\010\003'; perl -e 'print pack("NNN", $ARGV[0], 28, 28)' "$n"
          zcat "$FASHION_MNIST/$part-images-idx3-ubyte.gz" | tail -c +17 | head -c $((n * 784))
        } >"$small/$part-images-idx3-ubyte"
        { printf '\0\0\010\001'; perl -e 'print pack("N", $ARGV[0])' "$n"
          zcat "$FASHION_MNIST/$part-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$n"
        } >"$small/$part-labels-idx1-ubyte"
    done
fi
run "${padded[@]}" --data "$small" --out "$T/padded"
exits "a search of padded images ends" 0
run taildart eval "$T/padded/checkpoint.h5" --data "$small" --part arch
exits "eval pads, too" 0
near "as the search did" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(column "$T/padded/metrics.csv" valid_loss | tail -n 1)" 6e-5

# ---- config.yaml repeats the run --------------------------------------------------------

run taildart search --config "$T/a/config.yaml" --out "$T/again"
exits "the saved configuration runs" 0
is "and ends in the same bits" "$(grep -c . <(comm -12 <(said "$T/a" | grep state | sort) \
    <(said "$T/again" | grep state | sort)))" 8

# ---- the methods, each one key away ------------------------------------------------------

method() { # NAME OPTION…
    local name=$1; shift
    ok "$name" "${search[@]}" --out "$T/$name" --set data.imbalance=4 "$@"
    is "$name has a row" "$(column "$T/$name/metrics.csv" valid_loss | grep -c .)" 1
}
method darts
method class-balanced --set data.sampler=class-balanced --set arch.sampler=class-balanced
method effective --set weights.class_weights=effective --set arch.class_weights=effective
method bbn --set bbn.enabled=true
method bbn-hls --set bbn.enabled=true --set arch.lr.shape=coupled
method second-order --set search.order=2
method frozen --set arch.lr.frozen_until=1
near "frozen alphas have not moved" "$(column "$T/frozen/metrics.csv" alpha_change)" 0 0
near "two branches mix" "$(column "$T/bbn/metrics.csv" mixing)" 1 0

# ---- --dry-run --------------------------------------------------------------------------

run taildart search --data "$T/data" --batch 16 --set data.imbalance=4 --dry-run
exits "--dry-run" 0
has "it counts parameters" "$out" "^parameters [0-9]+$"
has "and bytes" "$out" "^planned bytes [0-9]+"
has "and the tail" "$out" "^tail +[0-9]+ images: 40 "
few=$(sed -n 's/^planned bytes \([0-9]*\).*/\1/p' "$out")
run taildart search --data "$T/data" --batch 16 --set net.recompute=all --dry-run
ok "recomputing takes less" test "$(sed -n 's/^planned bytes \([0-9]*\).*/\1/p' "$out")" -lt "$few"

done_testing
