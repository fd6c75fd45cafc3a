#!/usr/bin/env bash
# A study tells the skip connections of the cell that it trains, not of alphas; and starts
# no training of a cell without operations.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 40
tiny_study limit "  - name: none
    search: {net: {operations: 'skip_connect,max_pool_3x3'}, search: {max_skips: 0}}" 1
sed -i 's/^seeds: .*/seeds: [1]/' "$T/limit.yaml"
ok "a study with search.max_skips" taildart study "$T/limit.yaml"
search="$T/limit/imbalance-10/none/seed-1/search"
[ "$(column "$search/metrics.csv" skip_count_normal)" -gt 0 ] || fail "alphas have some"
is "the cell has none" "$(sed -E 's/, normal_concat.*//' "$search/genotype.txt" | grep -c skip_connect)" 0
is "nor has its line" "$(column "$T/limit/study.csv" skip_count_normal)" 0

tiny_study empty "  - name: none
    search: {search: {discretise: threshold, threshold: 0.999}}" 1
sed -i 's/^seeds: .*/seeds: [1]/' "$T/empty.yaml"
run taildart study "$T/empty.yaml"
exits "a search that leaves an empty cell" 1
why='train: the normal cell has no operation.* lower search.threshold leaves more: not tried until the search is another$'
has "is told" "$err" "WARNING: imbalance-10/none/seed-1 $why"
has "and kept" "$T/empty/imbalance-10/none/seed-1/failed.txt" "^$why"
has_not "no training was started" "$out" 'seed-1 train'
run taildart study "$T/empty.yaml"
exits "once more" 1
has "it is told again" "$err" "$why"
has_not "and nothing is started" "$out" 'starts'

done_testing
