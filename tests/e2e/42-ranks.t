#!/usr/bin/env bash
# Any number of ranks: the same shards, other rank counts on resume, refusals.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 48
options=(--data "$T/data" "${tiny_net[@]}" --batch 24 --epochs 2)
taildart_on() { local ranks=$1; shift; mpi "$ranks" taildart "$@"; }

for ranks in 1 2 3 4 6; do
    taildart_on "$ranks" search "${options[@]}" --set data.shards=12 --out "$T/p$ranks"
    exits "12 shards on $ranks ranks" 0
    has "each with its share" "$out" "^shards +12, $((12 / ranks)) per rank"
done

# ---- what ranks change and what they do not --------------------------------------------

# The images of every global batch, in an order that does not tell of ranks.
draws() { taildart data draws "${options[@]}" --set data.shards=12 --ranks "$1" --stream "$2" --epoch 1 |
    awk -F, 'NR > 1 { print $1 "," $3 "," $4 }' | LC_ALL=C sort; }
for stream in weights arch; do
    draws 1 $stream >"$T/draws1"
    is "$stream: an epoch of draws" "$(($(wc -l <"$T/draws1") >= 96))" 1
    for ranks in 2 3 4 6 12; do
        ok "$stream: $ranks ranks draw what one does" cmp "$T/draws1" <(draws "$ranks" $stream)
    done
done

# A batch norm sees the images of its rank alone, and that is all that may tell ranks apart:
# where all images are the same, it sees the same everywhere, and equal labels give equal losses.
tiny_idx "$T/same" 4 48
perl -0777 -i -pe 'my $first = substr($_, 16, 64); substr($_, 16) = $first x ((length($_) - 16) / 64)' \
    "$T"/same/*images*
same=(--data "$T/same" "${tiny_net[@]}" --batch 24 --epochs 2 --imbalance 3 --set data.shards=12
    --set data.flip=false --set data.crop_pad=0 --set weights.class_weights=inverse --set weights.lr.start=0.1)
for ranks in 1 2 3 6; do
    taildart_on "$ranks" search "${same[@]}" --out "$T/same$ranks"
    column "$T/same$ranks/metrics.csv" train_loss >"$T/same$ranks.loss"
done
for epoch in 1 2; do
    for ranks in 2 3 6; do
        near "equal images: the loss of epoch $epoch on $ranks ranks is that of one" \
            "$(sed -n ${epoch}p "$T/same$ranks.loss")" "$(sed -n ${epoch}p "$T/same1.loss")" 1e-5
    done
done
first=$(head -n 1 "$T/same1.loss") second=$(tail -n 1 "$T/same1.loss")
is "and there was something to learn" "$(awk -v a="$first" -v b="$second" 'BEGIN { print (a - b > 1e-4) }')" 1

# ---- eval: what is printed does not depend on who computes -----------------------------

for ranks in 1 2 3; do
    taildart_on "$ranks" eval "$T/p1/checkpoint.h5" --data "$T/data" \
        --per-class --confusion "$T/confusion$ranks.csv" --logits "$T/logits$ranks.h5"
    exits "eval on $ranks ranks" 0
    cp "$out" "$T/eval$ranks"
done
for ranks in 2 3; do
    if cmp -s "$T/eval1" "$T/eval$ranks" && cmp -s "$T/logits1.h5" "$T/logits$ranks.h5" &&
        cmp -s "$T/confusion1.csv" "$T/confusion$ranks.csv"
    then pass "$ranks ranks print and write what one does"
    else fail "$ranks ranks print and write what one does" "$(diff "$T/eval1" "$T/eval$ranks")"; fi
done

refused_mpi 2 "a confusion matrix that cannot be written" 1 "$T/none/x.csv: cannot be written" \
    taildart eval "$T/p1/checkpoint.h5" --data "$T/data" --confusion "$T/none/x.csv"

# ---- another rank count continues ---------------------------------------------------------

taildart_on 3 search "${options[@]}" --set data.shards=12 --out "$T/p2" --epochs 3
exits "2 ranks continue on 3" 0
has "a NOTE tells that bits will differ" "$err" "NOTE: .*saved on 2 ranks and continues on 3"
has "the shards stay" "$out" "^shards +12, 4 per rank"
taildart_on 2 search "${options[@]}" --out "$T/dealt"
exits "2 ranks with a shard each" 0
taildart_on 3 search "${options[@]}" --out "$T/dealt" --epochs 3
exits "3 ranks cannot share 2 shards, and still continue" 0
has "a NOTE tells that the data are dealt anew" "$err" "NOTE: .*dealt anew into 3 shards"
has "into 3 shards" "$out" "^shards +3, 1 per rank"
is "no row is lost" "$(column "$T/dealt/metrics.csv" epoch | tr '\n' ' ')" "0 1 2 "

# ---- refusals, the same on any number of ranks ----------------------------------------------

refused_mpi 3 "a batch that is no multiple of the shards" 2 "search.batch.* 16 .*(15|18)" \
    taildart search "${options[@]}" --batch 16 --out "$T/no"
refused_mpi 2 "ranks that do not divide the shards" 2 "data.shards" \
    taildart search "${options[@]}" --set data.shards=3 --out "$T/no"
refused_mpi 2 "which --dry-run on these ranks says, too" 2 "data.shards 3 cannot be dealt evenly to 2 ranks" \
    taildart search "${options[@]}" --set data.shards=3 --dry-run
refused_mpi 2 "where the bits depend on the shards, other ranks are the fix" 2 \
    "data.shards 3 cannot be dealt evenly to 2 ranks: start 1, or another number that divides them" \
    taildart search "${options[@]}" --set data.shards=3 --set dist.reproducible=true --out "$T/no"
refused_mpi 1 "more shards than images of a batch" 2 "data.shards [0-9]*, but a batch has 12 images: set a number that divides" \
    taildart search "${options[@]}" --batch 12 --set data.shards=24 --out "$T/no"
tiny_idx "$T/few" 2 3
refused_mpi 4 "more ranks than images" 3 "4 ranks" \
    taildart search "${options[@]}" --data "$T/few" --out "$T/no"
refused_mpi 2 "a missing file" 3 "$T/missing" \
    taildart search "${options[@]}" --data "$T/missing" --out "$T/no"
is "none of them wrote anything" "$(ls -d "$T/no" 2>/dev/null)" ""

run mpirun -n 2 taildart bench --json --batch 4 --set net.channels=4 --set net.cells=3 \
    --set bench.size=8 --set bench.steps=2
exits "bench on 2 ranks" 0
has "speaks once, of both" "$out" '"ranks": 2'
is "in one line" "$(wc -l <"$out")" 1

done_testing
