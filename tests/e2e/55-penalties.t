#!/usr/bin/env bash
# Penalties of the architecture, the bonus of skip_connect, and perturbed weight steps, end
# to end on two ranks.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --epochs 1 --imbalance 3 --set net.channels=4
    --set net.cells=3 --set net.nodes=2 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

run "${search[@]}" --out "$T/plain"
plain=$(learned "$T/plain")
is "without penalties their column is empty" "$(final "$T/plain" arch_penalty)" ""

# both NAME ARGUMENTS…: on two ranks and on one: the same bits, others than without.
both() {
    local name=$1; shift
    mpi 2 "${search[@]}" "$@" --out "$T/$name"
    exits "$name on two ranks" 0
    cp "$out" "$T/$name.start"
    run "${search[@]}" "$@" --out "$T/$name-1"
    exits "$name on one rank" 0
    is "one rank learns the same bits" "$(learned "$T/$name-1")" "$(learned "$T/$name")"
    if [ "$(learned "$T/$name")" != "$plain" ]; then pass "and others than without"
    else fail "and others than without"; fi
}

# ---- penalties ---------------------------------------------------------------------------

for penalty in beta_decay entropy flops; do
    both $penalty --set arch.penalty.$penalty.start=3
    has "the start tells its weight" "$T/$penalty.start" "^ +penalty $penalty constant: 3"
done
near "level alphas: the logarithm of 8 for each cell" "$(final "$T/beta_decay" arch_penalty)" 12.477 0.01
near "undecided edges: the same" "$(final "$T/entropy" arch_penalty)" 12.477 0.01
run "${search[@]}" --set net.cells=1 --set arch.penalty.beta_decay.start=1 --out "$T/single"
near "a single cell: the logarithm once" "$(final "$T/single" arch_penalty)" 2.079 0.01
is "and no entropy of a reduction" "$(final "$T/single" alpha_entropy_reduce)" ""
if awk -v x="$(final "$T/flops" arch_penalty)" 'BEGIN { exit !(x > 0.1 && x < 3.0 / 8) }'
then pass "an eighth of the operations' share"
else fail "an eighth of the operations' share"; fi
for penalty in zero_one_l2 zero_one_l1; do
    both $penalty --set arch.relaxation=sigmoid --set arch.penalty.$penalty.start=10
done
for penalty in anchor_l2 anchor_kl; do
    both $penalty --set arch.relaxation=dirichlet --set arch.penalty.$penalty.start=0.01 --set search.order=2
done
run "${search[@]}" --set arch.penalty.entropy.start=2 --set arch.penalty.entropy.shape=rising_linear --epochs 2 \
    --out "$T/rising"
near "a weight rises with the epochs" "$(final "$T/rising" arch_penalty)" 4.159 0.01

# ---- bonus, perturbation ------------------------------------------------------------------

both bonus --set arch.skip_bonus.start=1
both ending --set arch.skip_bonus.start=1 --set arch.skip_bonus.end=0.5 --set arch.skip_bonus.shape=rising_linear
has "a bonus has an end" "$T/ending.start" 'not at stride 2, rising_linear: 0.5'
has "the start tells where it is not" "$T/bonus.start" 'bonus on skip_connect, not at stride 2, linear: 1'
both random --set arch.perturb=random --set arch.epsilon.shape=constant
has "the start tells how far" "$T/random.start" 'random perturbation of weight steps, epsilon constant: 0.3'
both adversarial --set arch.perturb=adversarial --set arch.epsilon.shape=constant --set search.order=2
both two-branch --set arch.perturb=adversarial --set arch.epsilon.end=0.1 --set bbn.enabled=true \
    --set weights.class_weights=effective --set arch.edge_weights=true --set arch.relaxation=gumbel
# Constant schedules are not stretched: one epoch, and one more, are two.
resumed() {
    local name=$1; shift
    run "${search[@]}" "$@" --set weights.lr.shape=constant --epochs 2 --out "$T/$name-2"
    for epochs in 1 2; do
        mpi 2 "${search[@]}" "$@" --set weights.lr.shape=constant --epochs $epochs --out "$T/$name-3"
    done
    exits "$name: two starts on two ranks" 0
    is "$name: have the bits of one on one" "$(learned "$T/$name-3")" "$(learned "$T/$name-2")"
}
resumed random --set arch.perturb=random --set arch.epsilon.shape=constant
resumed adversarial --set arch.perturb=adversarial --set arch.epsilon.shape=constant
resumed bonus-entropy --set arch.skip_bonus.start=1 --set arch.skip_bonus.shape=constant --set arch.penalty.entropy.start=3
run "${search[@]}" --set arch.skip_bonus.start=1 --epochs 2 --out "$T/bonus-2"
run taildart eval "$T/bonus-2/checkpoint.h5" --data "$T/data" --part arch
near "an evaluation has the bonus of the last epoch" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(final "$T/bonus-2" valid_loss)" 6e-5

# ---- what makes no sense -----------------------------------------------------------------

# refuses WHAT WORDS ARGUMENTS…
refuses() {
    local what=$1 words=$2; shift 2
    run "${search[@]}" "$@" --out "$T/none"
    exits "$what" 2
    has "says why, and how" "$err" "$words"
}
refuses "zero-one of a softmax" 'arch.penalty.zero_one_l2.start.*set arch.relaxation to sigmoid' \
    --set arch.penalty.zero_one_l2.start=1
refuses "beta-decay of a sigmoid" 'arch.penalty.beta_decay.start.*set arch.relaxation to softmax' \
    --set arch.relaxation=sigmoid --set arch.penalty.beta_decay.start=1
refuses "an anchor of a softmax" 'arch.penalty.anchor_kl.start.*or use arch.decay' \
    --set arch.penalty.anchor_kl.start=1
refuses "a bonus where one operation is computed" 'arch.skip_bonus.start.*gdas computes one operation' \
    --set arch.relaxation=gdas --set arch.skip_bonus.start=1
refuses "a shift of one-hot weights" 'arch.perturb.*sum to 1' \
    --set arch.relaxation=reinmax --set arch.perturb=random
refuses "a shift of nothing" 'arch.epsilon.start.*arch.perturb is none' --set arch.epsilon.start=0.1
done_testing
