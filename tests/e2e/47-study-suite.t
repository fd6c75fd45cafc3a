#!/usr/bin/env bash
# A study of several settings, with several trainings of each cell: real runs, what is
# made when one is added, and what is said of differences.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/bars" 4 40
tiny_idx "$T/five" 5 40
cat >"$T/suite.yaml" <<END
out: $T/suite
seeds: [1, 2]
imbalance: [10]
search:
  search: {epochs: 1, batch: 16}
  net: {channels: 4, cells: 3, nodes: 2}
train:
  grid: {weights: {decay: [0, 1e-2]}}
  train: {epochs: 1, batch: 16, auxiliary: false}
  net: {channels: 4, cells: 3}
axes:
  data: [{name: four, data: $T/bars}, {name: five, data: $T/five}]
methods:
  - {name: random, genotype: random}
  - {name: darts}
control: darts
END

ok "--dry-run" taildart study "$T/suite.yaml" --dry-run
is "has the commands of every point" "$(grep -c '^taildart\|/taildart ' "$out")" 40
ok "a suite of two data sets" taildart study "$T/suite.yaml"
rows() { grep -c "^$1" "$T/suite/study.csv"; }
is "a row a training" "$(rows '[rd]a')" 16
is "all done" "$(rows '.*,done,')" 16
is "each with its own test" "$(cut -d, -f1-5,9- "$T/suite/study.csv" | sort -u | wc -l)" 17
point=$T/suite/imbalance-10/five/darts/seed-2
has "a set is that of its folder" "$point/train-weights.decay=0.01/config.yaml" "decay: 0.01"
has "the data are those of the setting" "$point/search/config.yaml" "path: .*$T/five"
has "differences are written" "$T/suite/study-differences.csv" "^random,darts,all,all,test_balanced,2,-?[0-9.e-]+,"
has "the table says what the seeds can show" "$T/suite/study-table.md" \
    "^2 seeds can show differences above [0-9.]+ in the balanced test accuracy"
has "and no best set, since trainings hold nothing out" "$T/suite/study-table.md" "^\| darts \| 10 \| four \| n/a \| n/a \|"
if command -v gnuplot >/dev/null; then
    has "a panel for each setting" "$T/suite/study.svg" "imbalance 10, five: test"
else
    skip "a panel for each setting" "gnuplot is not installed"
fi

# Repeats are added; nothing that is there is made again.
cp "$T/suite/study.csv" "$T/before.csv"
sed -i 's/^train:/train:\n  repeats: 2/' "$T/suite.yaml"
ok "repeats are added" taildart study "$T/suite.yaml" --only darts
is "and no search is made again" "$(cat "$T"/suite/imbalance-10/*/darts/seed-*/search.out | grep -c '^continues\|already')" 0
is "a second training each" "$(cat "$T"/suite/imbalance-10/*/darts/seed-*/train-weights.decay=*-repeat-2/config.yaml | grep -c '^seed: 100')" 8
has "with another seed" "$point/train-weights.decay=0.01-repeat-2/config.yaml" "seed: 1002"
is "the first ones stand" "$(grep '^darts' "$T/suite/study.csv" | awk -F, '$6 == 1' | cut -d, -f1-5,7- )" "$(grep '^darts' "$T/before.csv")"
has "the deviation of repeats is told" "$T/suite/study-table.md" "^\| darts \| 10 \| four \| 0\.[0-9]+ \|"

# In one job, by crews: the same figures.
sed -i "s#^out: .*#out: $T/crews#" "$T/suite.yaml"
mpi 2 taildart study "$T/suite.yaml" --only darts --ranks-per-run 1
exits "crews make it, too" 0
figures() { grep '^darts' "$1/study.csv" | cut -d, -f1-21,23; }
is "with the same figures" "$(figures "$T/crews")" "$(figures "$T/suite")"

# A value in front of the others moves no folder, and makes one training per cell.
sed -i "s/decay: \[0, 1e-2\]/decay: [5e-3, 0, 1e-2]/; s/repeats: 2/repeats: 1/; s#^out: .*#out: $T/suite#" "$T/suite.yaml"
ok "a value is added" taildart study "$T/suite.yaml" --only darts
is "its trainings are made" "$(cat "$T"/suite/imbalance-10/*/darts/seed-*/train-weights.decay=0.005/config.yaml | grep -c 'decay: 0.005')" 4
is "and no other" "$(column "$T/suite/study.csv" state | sort | uniq -c | tr -s ' ' | tr '\n' ';')" " 20 done; 4 searched;"

# A search that ends early is done, and its cell is trained; a control at random has the
# operations of its setting.
cat >"$T/stops.yaml" <<END
out: $T/stops
data: $T/bars
seeds: [1]
imbalance: [10]
search:
  search: {epochs: 3, batch: 16, stop: skips, stop_limit: 1, stop_start: 0}
  net: {channels: 4, cells: 3, nodes: 2}
train:
  train: {epochs: 1, batch: 16, auxiliary: false}
  net: {channels: 4, cells: 3}
axes:
  operations: [{name: skips, search: {net: {operations: [none, skip_connect]}}}]
methods: [{name: darts}, {name: random, genotype: random}]
END
ok "a search that stops early is no failure" taildart study "$T/stops.yaml"
stopped=$T/stops/imbalance-10/skips
is "it has ended after its first epoch" "$(wc -l <"$stopped/darts/seed-1/search/metrics.csv")" 2
is "and its cell is trained" "$(column "$T/stops/study.csv" state | sort -u)" "done"
has_not "a cell at random has the operations of its setting" "$stopped/random/seed-1/search/genotype.txt" "conv|pool"
ok "and again there is nothing to do" taildart study "$T/stops.yaml"
is "nothing is started" "$(grep -c starts "$out")" 0

done_testing
