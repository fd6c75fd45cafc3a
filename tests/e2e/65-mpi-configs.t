#!/usr/bin/env bash
# The parameter files are taken by mpirun, word for word, and change nothing but speed.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data"
search=(taildart search --data "$T/data" --seed 3 "${tiny_net[@]}")
genotype_of() { cat "$1/genotype.txt" 2>/dev/null; }
losses_of() { column "$1/metrics.csv" train_loss; column "$1/metrics.csv" valid_loss; }

mpi 2 "${search[@]}" --out "$T/plain"
exits "two ranks without a file" 0
# The files speak for themselves here: nothing of it from the tests' environment.
unset OMPI_MCA_rmaps_base_oversubscribe OMPI_MCA_mpi_yield_when_idle OMPI_MCA_btl \
    OMPI_MCA_hwloc_base_binding_policy
for file in workstation tcp-cluster; do
    run mpirun --tune "mpi_configs/$file.conf" -n 2 "${search[@]}" --out "$T/$file"
    exits "mpirun --tune $file.conf" 0
    has_not "reads every line of it" "$err" "keyval|Unable to locate|not find"
    is "the same bits: $file" "$(losses_of "$T/$file")" "$(losses_of "$T/plain")"
    is "the same cell: $file" "$(genotype_of "$T/$file")" "$(genotype_of "$T/plain")"
done
run mpirun --tune mpi_configs/workstation.conf -n 3 true
exits "workstation.conf: more ranks than cores start" 0
for file in mpi_configs/*.conf; do
    is "a comment above every line of $file" "$(awk '/^[a-z]/ && before !~ /^#/; { before = $0 }' "$file")" ""
done

# A network between the ranks gives the bits of shared memory.
export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_rmaps_base_oversubscribe=1
mpi 2 "${search[@]}" --out "$T/tcp"
exits "two ranks over TCP" 0
is "the same bits over TCP" "$(losses_of "$T/tcp")" "$(losses_of "$T/plain")"

done_testing
