#!/usr/bin/env bash
# search.method random: shared weights, a random cell a step, the best of some in the end.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --set net.channels=4 --set net.cells=3
    --set net.nodes=2 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true
    --set weights.lr.shape=constant)
random=("${search[@]}" --set search.method=random --set search.samples=6)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

run "${random[@]}" --epochs 3 --out "$T/a"
exits "a random search" 0
has "the start tells it" "$out" '^method +random: a step learns weights of its own cell; best of 6'
has "the end tells what was judged" "$out" '^6 random cells judged by the held-out half: top-1 [01]\.[0-9]+ to [01]\.[0-9]+; the best is kept'
is "its alphas tell nothing" \
    "$(for name in alpha_entropy_normal alpha_entropy_reduce alpha_change; do column "$T/a/metrics.csv" $name; done | tr -d '\n')" ''
best=$(sed -nE 's/^6 random cells .* to ([01]\.[0-9]+);.*/\1/p' "$out")
near "the best is the last validation" "$(column "$T/a/metrics.csv" valid_top1 | tail -n 1)" "$best" 6e-5
run taildart eval "$T/a/checkpoint.h5" --data "$T/data" --part arch
near "and what an evaluation finds" "$(awk '$1 == "top-1" { print $2 }' "$out")" "$best" 6e-5
run taildart genotype "$T/a/checkpoint.h5"
is "the checkpoint has the cell" "$(cat "$out")" "$(cat "$T/a/genotype.txt")"
for epochs in 1 3; do mpi 2 "${random[@]}" --epochs $epochs --out "$T/b"; done
exits "on two ranks, in two starts" 0
is "it finds the same cell" "$(cat "$T/b/genotype.txt")" "$(cat "$T/a/genotype.txt")"
is "with the same bits" "$(learned "$T/b")" "$(learned "$T/a")"
run "${random[@]}" --epochs 3 --seed 9 --out "$T/c"
if cmp -s "$T/a/genotype.txt" "$T/c/genotype.txt"; then fail "another seed finds another"; else pass "another seed finds another"; fi
run taildart report "$T/a" --out "$T/page.html"
exits "it has a page" 0
run taildart train --genotype "$T/a/genotype.txt" --data "$T/data" --epochs 1 --batch 12 \
    --set net.channels=4 --set net.cells=3 --out "$T/train"
exits "the cell is trained" 0

mpi 2 "${random[@]}" --set net.operations=s2 --set bbn.enabled=true --epochs 1 --out "$T/s2"
exits "of a space without none, with two branches" 0
has_not "it takes what there is" "$T/s2/genotype.txt" "'(none|max|avg|dil|sep_conv_5)"

for key in search.order=2 search.stop=skips 'search.prune=[{epoch: 1, keep: 4}]' arch.lr.start=0.1 arch.sampler=reversed; do
    run "${random[@]}" --set "$key" --out "$T/none"
    exits "$key does nothing there" 2
    has "and is refused" "$err" "${key%%=*}: found .*search.method is random"
done
run "${search[@]}" --set search.samples=7 --out "$T/none"
exits "samples without it" 2
has "say what they need" "$err" 'search.samples: found "7", but search.method is darts; set search.method to random'
done_testing
