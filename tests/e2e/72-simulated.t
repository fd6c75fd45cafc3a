#!/usr/bin/env bash
# The program on hundreds of simulated ranks: it works there, time passes as its model and
# the network say, and always the same.
. "$(dirname "$0")/lib.sh"
command -v smpicc >/dev/null || skip_all "SimGrid is not installed (libsimgrid-dev)"

ok "it builds" make --no-print-directory BUILD="$BUILD" simulated
export BUILD
model=tests/simulate/node.txt
value() { sed -n "s/.*\"$1\": \([^,}]*\).*/\1/p" "$out"; }
minus() { awk "BEGIN { printf \"%.9f\", $1 - $2 }"; }
# predicted NETWORK RANKS IMAGES: seconds of a step alone, and together.
predicted() { awk -f tests/simulate/formula.awk $model - <<<"$*"; }
# bench NETWORK RANKS IMAGES [ARGUMENT…]: a step of so many images on each rank.
bench() {
    local network=$1 ranks=$2 images=$3; shift 3
    run tests/simulate/ranks "$network" "$ranks" bench --json --quiet --threads 1 \
        --batch $((ranks * images)) --set bench.steps=1 --set bench.warmup=0 "$@"
}

# ---- the model is in the place of the passes -------------------------------------------

# Each stage by itself: a function that the linker missed would take no time at all.
bench 25gbe 2 1
exits "a step on two ranks" 0
read -r -a row < <(grep '^1 ' $model)
stages=(weight_forward weight_backward arch_forward arch_backward forward update)
for i in "${!stages[@]}"; do
    near "${stages[i]} takes the model's seconds" "$(value "${stages[i]}_seconds")" "${row[i + 1]}" 1e-6
done
near "and nothing else but messages takes time" \
    "$(minus "$(value step_seconds)" "$(value comm_seconds)")" \
    "$(predicted 25gbe 2 1 | cut -d' ' -f1)" 1e-6

# ---- time is that of the network ---------------------------------------------------------

# by_formula NETWORK RANKS REDUCE: acknowledgements cost 5 % in SimGrid.
by_formula() {
    bench "$1" "$2" 1 --set dist.reduce="$3"
    read -r alone together < <(predicted "$1" "$2" 1)
    near "$1, $2 ranks, $3: messages take what the formula says, and little more" \
        "$(awk "BEGIN { print $(value comm_seconds) / ($together - $alone) }")" 1.04 0.05
}
for network in 10gbe 25gbe hdr; do by_formula $network 4 blocking; done
by_formula 25gbe 3 blocking
by_formula 25gbe 12 ring

# What a step takes beyond that of one rank, with the weights' sums hidden or not.
exposed() {
    bench 10gbe 8 16 --set dist.reduce="$1"
    read -r alone _ < <(predicted 10gbe 8 16)
    minus "$(value step_seconds)" "$alone"
}
hidden=$(awk "BEGIN { print 1 - $(exposed overlapped) / $(exposed ring) }")
near "10gbe, 8 ranks: overlapped hides two thirds of it, or more" "$hidden" 0.84 0.16

# ---- a part of the sweep ------------------------------------------------------------------

ok "a part of \`make simulate\`" env OUT="$T/sweep" MOST=8 tests/simulate/run strong
for network in 10gbe 25gbe hdr; do
    for kind in predicted simulated; do
        has "has rows $kind for $network" "$T/sweep/scaling.csv" \
            "^[^,]*,,,,8,1,strong,1024,1\.6[0-9.]*,.*,0\.99[0-9]*,$kind,$network blocking\$|,1\.0000,$kind,$network blocking\$"
    done
done
has "and a page" "$T/sweep/scaling.html" "25gbe blocking"

# ---- what has to be reached -----------------------------------------------------------------

# reached KIND RANKS MODE SECONDS TRANSFER EFFICIENCY LABEL: a row.
reached() { echo "now,,,,$2,1,$3,64,$4,1,$5,,$6,$1,$7"; }
{
    head -n 1 "$T/sweep/scaling.csv"
    reached simulated 256 weak 1 0.01 0.99 "25gbe blocking"
    reached simulated 256 weak 1 0.01 0.997 "hdr blocking"
    reached predicted 3 weak 1 0.01 0.99 "25gbe ring"
    reached simulated 3 weak 1 0.0116 0.99 "25gbe ring"
    reached predicted 64 weak 1 0.1 0.9 "10gbe ring"
    reached simulated 64 weak 1 0.1 0.9 "10gbe ring"
    reached simulated 64 weak 0.92 0.02 0.978 "10gbe overlapped"
} >"$T/reached.csv"
run awk -f tests/simulate/goals.awk tests/simulate/goals.txt "$T/reached.csv"
exits "a goal that is not met is an error" 1
is "goals are told" "$(cat "$out")" "ok      25gbe blocking, weak, 256 ranks: efficiency 0.9900, at least 0.985
NOT MET hdr blocking, weak, 256 ranks: efficiency 0.9970, at least 0.998
NOT MET 25gbe ring, weak, 3 ranks: formula 1.1600, at most 1.15
ok      10gbe overlapped, weak, 64 ranks: hidden 0.8000, at least 0.5"
ok "none is, where all are met" awk -f tests/simulate/goals.awk tests/simulate/goals.txt <(sed '3d;5d' "$T/reached.csv")

# ---- noise -------------------------------------------------------------------------------

noisy() {
    export TAILDART_NOISE=0.05
    bench hdr 8 1 --set net.channels=4
    value step_seconds
}
first=$(noisy)
is "disturbed passes repeat to the last digit" "$(noisy)" "$first"
read -r alone _ < <(predicted hdr 8 1)
near "and cost the waiting for the slowest" "$(awk "BEGIN { print $first / $alone }")" 1.06 0.04

# ---- a search on 64 ranks ------------------------------------------------------------------

tiny_idx "$T/data" 4 400 10
search() {
    run tests/simulate/ranks 25gbe "$1" search --data "$T/data" --out "$T/$2" --epochs 1 --batch "$3" \
        --set net.channels=4 --set net.cells=3 --set net.nodes=2 --threads 1
}
search 64 first 128
exits "a search on 64 ranks" 0
has "ends with replicas that are equal, and its cell" "$out" "^done: 1 epoch"
search 64 second 128
# They are the difference of two times of day, whose own last digits differ.
near "its seconds repeat" "$(column "$T/second/metrics.csv" seconds)" \
    "$(column "$T/first/metrics.csv" seconds)" 3e-9
ok "its checkpoint is one" taildart genotype "$T/first/checkpoint.h5"

# Ranks add different gradients: one that a sum leaves out is missed by the other way to sum.
for reduce in blocking overlapped; do
    run tests/simulate/ranks 25gbe 12 search --data "$T/data" --out "$T/$reduce" --epochs 1 --batch 96 \
        --set net.channels=4 --set net.cells=3 --set net.nodes=2 --threads 1 \
        --set dist.reproducible=true --set dist.bucket=16 --set "dist.reduce=$reduce"
    exits "order-free sums of 12 ranks, $reduce" 0
done
is "are the same" "$("$BUILD/tests/tools/state_hash" "$T/overlapped/checkpoint.h5")" \
    "$("$BUILD/tests/tools/state_hash" "$T/blocking/checkpoint.h5")"

# ---- 256 ranks -----------------------------------------------------------------------------

search 256 many 256
exits "a search on 256 ranks" 0
has "tells its hosts in a line" "$out" "^ranks 0-255: hosts node\[0-255\], 1 thread"
lines=$(sed '/^epoch 1/,$d' "$out" | wc -l)
if [ "$lines" -lt 25 ]; then pass "and starts in fewer than 25 lines"
else fail "and starts in fewer than 25 lines" "$lines lines:" "$(head -n 30 "$out")"; fi

# 256 replicas of the default network would take 10 GB.
bench 25gbe 256 64 --set net.channels=8
exits "a step on 256 ranks" 0
read -r alone _ < <(predicted 25gbe 256 64)
efficiency=$(awk "BEGIN { print $alone / $(value step_seconds) }")
near "is 98.5 % as fast as on one, or more" "$efficiency" 0.9925 0.0075

done_testing
