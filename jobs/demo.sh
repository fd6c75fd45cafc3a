#!/usr/bin/env bash
# `make demo`: a search on Fashion-MNIST-LT on two ranks, and what it found.
set -eu
cd "$(dirname "$0")/.."
taildart=${BUILD:-build}/taildart
run=runs/demo
data=${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}

# The cores are shared out between the ranks; bits do not depend on that.
export OMP_NUM_THREADS=$((($(env -u OMP_NUM_THREADS nproc) + 1) / 2))
. tests/mpi-env.sh

rm -rf "$run"      # each demo starts afresh
command=(mpirun -n 2 "$taildart" search --config jobs/configs/fashion-mnist-lt-demo.yaml
    --data "$data" --out "$run")
echo "${command[*]}"
"${command[@]}"

"$taildart" genotype "$run/checkpoint.h5" --format svg >"$run/genotype.svg"
echo
echo "On the test images, which the search has not seen:"
mpirun -n 2 "$taildart" eval "$run/checkpoint.h5" --data "$data"
echo
echo "checkpoint  $run/checkpoint.h5"
echo "genotype    $run/genotype.txt"
echo "picture     $run/genotype.svg"
