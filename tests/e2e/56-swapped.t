#!/usr/bin/env bash
# Swapped schedules: a constant rate of the weights, a cosine of the architecture's.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
run taildart search --config jobs/configs/cifar10-lt-swapped.yaml --data "$T/data" --batch 24 --epochs 4 --imbalance 3 \
    --set net.channels=4 --set net.cells=3 --set net.nodes=1 --set data.crop_pad=1 --out "$T/run"
exits "a search by the configuration" 0
rates() { column "$T/run/metrics.csv" "$1" | awk '{ printf "%s%.4g", (NR > 1) ? " " : "", $1 }'; }
is "the weights' rate stays" "$(rates lr_weights)" "0.025 0.025 0.025 0.025"
is "the architecture's falls by half a cosine" "$(rates lr_arch)" "0.0003 0.0002561 0.00015 4.393e-05"
done_testing
