#!/usr/bin/env bash
# The parts of a run by the words of users, and what eval tells beside accuracies.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
ok "a search" taildart search --data "$T/data" --out "$T/run" "${tiny_net[@]}"
eval=(taildart eval "$T/run" --csv "$T/figures.csv")

for words in "train weights" "held-out arch"; do
    run "${eval[@]}" --part "${words% *}"
    exits "part ${words% *}" 0
    has "is told" "$out" "^part +${words% *} of .*/data, 48 images$"
    cp "$out" "$T/new"
    run "${eval[@]}" --part "${words#* }"
    is "is what ${words#* } was" "$(cat "$out")" "$(cat "$T/new")"
done
near "held-out images are those of valid_top1" "$(column "$T/figures.csv" top1)" "$(final "$T/run" valid_top1)" 1e-5
run "${eval[@]}" --part test
has "test is a part, too" "$out" "^part +test of"
refused "no other" 2 'part validation: there is no such part: test, held-out or train' "${eval[@]}" --part validation

shown() { awk -v key="$1" '$1 == key { print $2 }' "$out"; }
run "${eval[@]}"
is "without --top there is none" "$(grep -c '^top-' "$out")" 1
is "columns that are read by place stay in front" "$(head -n 1 "$T/figures.csv")" \
    "top1,balanced,many,medium,few,ece,range_many,range_medium,range_few,macro_f1"
near "F1 is in the table" "$(column "$T/figures.csv" macro_f1)" "$(shown macro-f1)" 5.1e-5
run "${eval[@]}" --top 2 --adjust 0,1
is "others come behind" "$(head -n 1 "$T/figures.csv" | cut -d, -f9-)" "range_few,adjust,macro_f1,top2"
near "top 2" "$(column "$T/figures.csv" top2 | head -n 1)" "$(shown top-2)" 5.1e-5
cp "$out" "$T/one"
mpi 2 "${eval[@]}" --top 2 --adjust 0,1
is "the same on two ranks" "$(cat "$out")" "$(cat "$T/one")"
run "${eval[@]}" --top 4
is "all classes hold every label" "$(shown top-4)" 1.0000
run "${eval[@]}" --top 1
is "the first alone is top-1" "$(shown top-1 | uniq | wc -l)" 1
refused "more than there are" 2 'top 5: .*/run/checkpoint.h5 knows 4 classes' "${eval[@]}" --top 5
refused "none" 2 'top: found "0"' "${eval[@]}" --top 0
done_testing
