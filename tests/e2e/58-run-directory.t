#!/usr/bin/env bash
# A run directory stands for its checkpoint or its cell, whichever a command wants, and a
# run for the data set that it has read.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
cd "$T" || exit 1
ok "a search" taildart search --data data --out runs/a "${tiny_net[@]}"
small=(--batch 8 --epochs 1 --set net.channels=2 --set net.cells=3 --set data.crop_pad=1)

# ---- eval ------------------------------------------------------------------------------

run taildart eval runs/a/checkpoint.h5 --data data
exits "eval" 0
cp "$out" plain
run taildart eval runs/a/ --data data
exits "of a run directory" 0
is "is that of its checkpoint" "$(cat "$out")" "$(cat plain)"
run taildart eval runs/a
exits "without --data" 0
has "tells the data set of the run" "$out" '^data +data, as the run names it$'
is "which is what is read" "$(grep -v '^data ' "$out")" "$(cat plain)"
mpi 2 taildart eval runs/a
is "on two ranks, too" "$(grep -v '^data ' "$out")" "$(cat plain)"
cp -r data held
run taildart eval runs/a --data held
has "another one wins" "$out" '^part +test of held,'
has_not "and is told as a part alone" "$out" '^data '

# What the evaluations leave in the run: one row per kind.
rows=runs/a/evaluations.csv
is "its directory keeps a row of each data set" "$(column "$rows" checkpoint | xargs) $(column "$rows" data | sort | xargs)" \
    "last last $(realpath data) $(realpath held)"
is "with what was told" \
    "$(awk -F, 'NR > 1 { printf "%.4f %.4f %.4f %.4f\n", $10, $11, $12, $13 }' "$rows" | tail -n 1)" \
    "$(awk '$1 ~ /^(loss|top-1|balanced|macro-f1)$/ { print $2 }' "$out" | xargs)"
is "class by class" "$(column "$rows" class_images | tail -n 1) $(column "$rows" class_top1 | tail -n 1 | wc -w)" \
    "10 10 10 10 4"
run taildart eval runs/a --data held --part test --adjust 0.5,1
is "those of cures beside them" "$(column "$rows" adjust | xargs)" "0.5 1"
mkdir other && cp -r held other/data
run taildart eval ./runs/a --data "$PWD/./data/"
(cd other && taildart eval ../runs/a --data data) >/dev/null 2>&1
is "a data set is one by any name, two of a name are two" \
    "$(awk -F, 'NR > 1 && $8 == "" { print $6 }' "$rows" | sort | xargs)" \
    "$(realpath data held other/data | sort | xargs)"
chmod a-w runs/a && before=$(cat "$rows")
if [ -w runs/a ]; then skip "a directory of others keeps none" "root writes anywhere"
else
    run taildart eval runs/a --data data
    is "a directory of others keeps none" "$status $(cat "$rows")" "0 $before"
    has "which is told" "$err" 'NOTE: the run has no row of these figures: '
fi
chmod u+w runs/a
echo "my notes" >"$rows"
run taildart eval runs/a
is "what is no such table stays" "$status $(cat "$rows")" "0 my notes"
has "which is told, too" "$err" 'NOTE: the run has no row of these figures: runs/a/evaluations.csv'
rm "$rows"

# What a start leaves.
is "a run knows its start" "$(column runs/a/starts.csv ranks) $(column runs/a/starts.csv host)" "1 $(uname -n)"
has "and its command line" runs/a/starts.csv ',[^,]*taildart search --data data --out runs/a --set net'
ok "a search whose name has a line end" \
    taildart search --data data --out $'runs/two\nlines' "${tiny_net[@]}" --epochs 1
is "its start is a row of one line" "$(wc -l <$'runs/two\nlines/starts.csv')" 2
has "as a shell reads it" $'runs/two\nlines/starts.csv' "\\$'runs/two.012lines'"
ok "the older checkpoint stands in" cp runs/a/checkpoint.h5 kept.h5
mkdir old && mv kept.h5 old/checkpoint.prev.h5
run taildart eval old
exits "of a directory that has no other" 0
has "which is told" "$err" 'old/checkpoint.h5: .*; using old/checkpoint.prev.h5'

mv data away
refused "a data set that is gone" 3 'runs/a/checkpoint.h5: the data set of the run, data, is not there: .*--data' \
    taildart eval runs/a
tiny_idx data 4 20
run taildart eval runs/a
has "one that has changed is told of" "$err" 'NOTE: data no longer holds the images that runs/a/checkpoint.h5 has learned'
rm -r data && mv away data
mkdir empty
refused "a directory of no run" 4 '^taildart: empty/checkpoint.h5: ' taildart eval empty --data data
refused "an output on the run's checkpoint" 2 'runs/a/checkpoint.h5' taildart eval runs/a --csv runs/a/checkpoint.h5

# ---- genotype --------------------------------------------------------------------------

cell=$(cat runs/a/genotype.txt)
run taildart genotype runs/a
is "genotype of a run" "$(cat "$out")" "$cell"
run taildart genotype runs/a --threshold 0.01
cp "$out" strong
run taildart genotype runs/a/checkpoint.h5 --threshold 0.01
is "derived anew" "$(cat "$out")" "$(cat strong)"
mkdir text saved
cp runs/a/genotype.txt text
cp runs/a/checkpoint.h5 saved
run taildart genotype text
is "of one whose checkpoints are gone" "$(cat "$out")" "$cell"
run taildart genotype saved
is "of one whose texts are gone" "$(cat "$out")" "$cell"
refused "of no run" 4 'empty: no checkpoint.h5 is in it; give the directory of a run, which' taildart genotype empty

# Architecture parameters, and what they make of operations.
run taildart genotype runs/a --alphas --csv
cp "$out" alphas.csv
is "alphas: a row for each operation of an edge" "$(head -n 1 alphas.csv) $(wc -l <alphas.csv)" \
    "cell,node,input,operation,alpha,weight,beta 81"
# shellcheck disable=SC2016
is "and the weights are their softmax" "$(perl -F, -lane 'next if $. == 1; my $edge = "@F[0..2]";
    $sum{$edge} += exp $F[4]; push @all, [$edge, @F[4, 5]];
    END { $off += abs(exp($_->[1]) / $sum{$_->[0]} - $_->[2]) for @all; print @all . ($off < 1e-7 ? " good" : " off by $off") }' alphas.csv)" \
    "80 good"
run taildart genotype runs/a/checkpoint.h5 --alphas
is "as tables, too: two of each cell" "$(grep ' cell' "$out" | xargs -d '\n' echo)" \
    "alphas of the normal cell mixture weights of the normal cell (softmax) alphas of the reduction cell mixture weights of the reduction cell (softmax)"
is "with the same numbers" "$(awk '/^into node 1$/ { on = 1 } on && $1 == "c_{k-1}" { print $2; exit }' "$out")" \
    "$(awk -F, '$2 == 3 && $3 == 1 { printf "%.4f\n", $5; exit }' alphas.csv)"
has_not "in 80 columns" "$out" '.{81}'
refused "--alphas of a name" 2 '--alphas: DARTS_V2 is a name' taildart genotype DARTS_V2 --alphas
refused "--csv alone" 2 '--csv goes with --alphas' taildart genotype runs/a --csv
refused "--alphas as a picture" 2 '--alphas takes no --format' taildart genotype runs/a --alphas --format svg

# A log of DARTS's scripts, and lists of cells: as files, and the latter as a word.
{
    echo "05/02 11:37:21 PM gpu device = 0"
    echo "05/02 11:40:02 PM genotype = $(taildart genotype DARTS_V1)"
    echo "05/02 11:59:58 PM genotype = $cell"
    echo "05/03 00:00:07 AM valid_acc 61.400000"
} >log.txt
run taildart genotype log.txt
is "of a log the last one" "$(cat "$out")" "$cell"
has "which is told" "$err" '^NOTE: log.txt: the last of its 2 genotypes is taken, line 3$'
grep -v Genotype log.txt >training.txt
refused "a log without one" 4 '^taildart: training.txt: no line with a Genotype\(\.\.\.\), .*: give the log of the search, ' \
    taildart genotype training.txt
lists=$(sed "s/Genotype(normal=/[/; s/ [a-z]*_concat=range([^)]*),//; s/ reduce=//; s/, [a-z]*_concat=range([^)]*))/,],/
    s/_conv_/_CONV_/g" runs/a/genotype.txt)
echo "$lists" >lists.json
for given in "$lists" lists.json; do
    run taildart genotype "$given"
    is "lists of cells, operations in any case" "$(cat "$out")" "$cell"
done
refused "an operation that there is not" 2 "found \"sep.*, expected one of 'max_pool_3x3', .*; the nearest is 'sep_conv_3x3'$" \
    taildart genotype "[[['sep_con_3x3', 0]"

# ---- train -----------------------------------------------------------------------------

for given in runs/a saved runs/a/checkpoint.h5 old/checkpoint.prev.h5 log.txt "$lists"; do
    run taildart train --data data "${small[@]}" --genotype "$given" --dry-run
    exits "a training of $given" 0
    has "has its cell" <(tr -s '\n ' ' ' <"$out") "$(printf %s "$cell" | sed 's/[][()]/\\&/g' | cut -c1-60)"
done
refused "a directory of no run" 4 'train.genotype: empty: no checkpoint.h5 is in it' \
    taildart train --data data --genotype empty --out none
refused "a checkpoint that is not there" 4 'train.genotype: none.h5: ' \
    taildart train --data data --genotype none.h5 --out none
ok "a training" taildart train --data data "${small[@]}" --genotype runs/a --set train.auxiliary=false --out runs/b
refused "which has no alphas" 2 '--alphas: runs/b is of a training, whose cell is given' \
    taildart genotype runs/b --alphas
again=(taildart train --data data --batch 8 --epochs 1 --from runs/b --out runs/c)
ok "whose classifier learns anew, by the directory" "${again[@]}"
cp -r runs/c before
ok "is done when asked again" "${again[@]}"
ok "by the run's checkpoint, too" "${again[@]}" --from runs/b/checkpoint.h5
rm -r runs/b
ok "without its source, too" "${again[@]}"
is "and stays as it was" "$(cksum <runs/c/checkpoint.h5)" "$(cksum <before/checkpoint.h5)"
ok "report" taildart report runs/a runs/c --out page.html
done_testing
