#!/usr/bin/env bash
# A study tells the skip connections of the cell that it trains, not of alphas.
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

done_testing
