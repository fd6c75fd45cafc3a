#!/usr/bin/env bash
# What cannot have been meant is refused, what is doubtful is noted: before work starts,
# and by --dry-run alike.
. "$(dirname "$0")/lib.sh"

data=$T/data
tiny_idx "$data" 4 20 4 8     # 80 images: 40 and 40
base=(--data "$data" --set net.channels=4 --set net.cells=3 --set net.nodes=2 --epochs 2
      --batch 20 --set data.crop_pad=1 --threads 1)

# noted NAME REGEX COMMAND OPTION…: a dry run that says so in a NOTE.
noted() {
    local name=$1 regex=$2 command=$3; shift 3
    run taildart "$command" --dry-run "${base[@]}" "$@"
    # shellcheck disable=SC2154   # of lib.sh
    if [ "$status" -eq 0 ] && grep -qE "^NOTE: $regex" "$err"; then pass "$name"
    else fail "$name" "exit $status; wanted NOTE: $regex" "$(head -n 8 "$err")"; fi
}
train=(--genotype DARTS_V2 --set train.auxiliary=false)

run taildart search --dry-run "${base[@]}"
exits 'a plain search' 0
if [ -s "$err" ]; then fail 'has nothing noted' "$(cat "$err")"; else pass 'has nothing noted'; fi
has 'its augmentation is told, and that of digits' "$out" \
    '^augment +cropped after 1 pixel of padding, mirrored at random \(digits'
run taildart search --dry-run "${base[@]}" --set data.flip=false --set data.cutout=2
has 'what is cut out, too' "$out" ', not mirrored, a square of 2'

# ---- cells -------------------------------------------------------------------------

refused 'a search of 2 cells' 2 'net.cells: found "2".*no normal cell would be searched; accepted: 1, or 3 and more' \
    taildart search "${base[@]}" --set net.cells=2 --out "$T/few"
noted 'a training of 2 cells' 'net.cells 2: .*the normal cell of the genotype is not used' \
    train "${train[@]}" --set net.cells=2
noted 'a training of 1 cell' 'net.cells 1: the reduction cell of the genotype is not used' \
    train "${train[@]}" --set net.cells=1
noted 'a threshold out of reach' 'search.threshold 0.85 asks for an alpha of 1.73, and all steps of arch.lr together reach' \
    search --set search.discretise=threshold --set arch.relaxation=sigmoid
noted 'edges that nothing tells apart' 'one operation per edge is left at the end: the edges of a node are *equally strong' \
    search --set 'search.prune=[{epoch: 1, keep: 1}]'
noted 'operations that nobody has' 'search.prune: keep 5, but net.operations s2 has 2 per edge: nothing' \
    search --set 'search.prune=[{epoch: 1, keep: 5}]' --set net.operations=s2
noted 'operations dropped before they learn' 'search.prune: epoch 1, but arch.lr.frozen_until 1: .*random start' \
    search --set 'search.prune=[{epoch: 1, keep: 5}]' --set arch.lr.frozen_until=1
noted 'a stop behind the end' 'search.stop skips can end a search after 11 epochs at the earliest, but search.epochs is 2' \
    search --set search.stop=skips
noted 'one that needs more epochs' 'search.stop eigenvalue can end a search after 23 epochs at the earliest' \
    search --set search.stop=eigenvalue --epochs 23
run taildart search --dry-run "${base[@]}" --set search.stop=eigenvalue --epochs 24
has_not 'but not of one that has them' "$err" 'search.stop'
noted 'operations dropped behind the end' 'search.prune: epoch 9, but search.epochs 2: nothing is dropped' \
    search --set 'search.prune=[{epoch: 9, keep: 5}]' --epochs 2
noted 'a stage that never begins' 'search.stages: epoch 9, but search.epochs 4: that stage never begins' \
    search --set 'search.stages=[{epoch: 2, cells: 4, keep: 5}, {epoch: 9, cells: 5, keep: 3}]' --epochs 4
noted 'a stage that does not choose' 'arch.lr.frozen_until 3, but stage 2 of the search has 2 epochs: its alphas do not learn' \
    search --set 'search.stages=[{epoch: 4, cells: 4, keep: 5}]' --set arch.lr.frozen_until=3 --epochs 6
noted 'a rise that takes a stage' 'weights.lr.warmup 4, but epochs of the longest stage 4: the rate rises' \
    search --set 'search.stages=[{epoch: 4, cells: 4, keep: 5}]' --set weights.lr.warmup=4 --epochs 6
if [ -e "$T/few" ]; then fail 'nothing was begun'; else pass 'nothing was begun'; fi

# ---- batches -------------------------------------------------------------------------

noted 'a batch above the weight half' \
    'search.batch 48, but the weight half has 40 images and the architecture half 40, and a batch of the architecture holds some of them twice: at most 40 fits' \
    search --batch 48
is 'is told in one line' "$(grep -c 'search.batch 48, but' "$err")" 1
noted 'one far above it' 'search.batch 400, but .*, and a batch of the architecture holds each about 10 times: at most 40 fits' \
    search --batch 400
noted 'above the architecture half alone' \
    'search.batch 24, but the architecture half has 16 images, and a batch holds some of them twice: at most 16 fits' \
    search --batch 24 --set data.train_share=0.8
noted 'in shards of which a batch takes equal parts' 'search.batch 48, .* at most 39 fits' \
    search --batch 48 --set data.shards=3
noted 'of a training' 'train.batch 96, but the training part has 80 images' train "${train[@]}" --batch 96
noted 'an interval above an epoch' 'arch.interval 5, but an epoch has 2 steps: one architecture step' \
    search --set arch.interval=5

noted 'a limit that no class reaches' 'data.largest 1000, but the largest class has [0-9]+ images: it cuts nothing' \
    search --set data.largest=1000
run taildart search "${base[@]}" --set data.largest=1000 --out "$T/largest"
has 'a start tells the tail' "$out" '^tail '
has_not 'and no limit that has cut nothing' "$out" 'cut by data.largest'

# ---- the tail corrected twice --------------------------------------------------------

noted 'balanced sampling with weights' \
    'data.sampler class-balanced and weights.class_weights inverse both favour .* corrected twice' \
    search --set data.sampler=class-balanced --set weights.class_weights=inverse
noted 'of the architecture' 'arch.sampler square-root and arch.class_weights effective both favour' \
    search --set arch.sampler=square-root --set arch.class_weights=effective
noted 'of the re-balancing branch' 'bbn.sampler reversed and weights.class_weights inverse both favour' \
    search --set bbn.enabled=true --set weights.class_weights=inverse
noted 'of a training' 'data.sampler reversed and weights.class_weights effective' \
    train "${train[@]}" --set data.sampler=reversed --set weights.class_weights=effective
for loss in vs balanced-softmax logit-adjustment cdt; do
    noted "weights with logits of $loss" \
        "weights.class_weights inverse and weights.loss.kind $loss both favour .*\`none\` or \`cross-entropy\`" \
        search --set weights.class_weights=inverse --set weights.loss.kind=$loss
done
noted 'a branch with such logits' 'bbn.sampler reversed and weights.loss.kind cdt both favour' \
    search --set bbn.enabled=true --set weights.loss.kind=cdt
noted 'a sampler with margins' 'data.sampler class-balanced and weights.loss.kind ldam both favour' \
    search --set data.sampler=class-balanced --set weights.loss.kind=ldam --set net.head=normalised
run taildart search --dry-run "${base[@]}" --set weights.class_weights=effective --set weights.class_weights_from=1 \
    --set weights.loss.kind=ldam --set net.head=normalised
has_not 'margins and late weights are published together' "$err" 'twice'
refused 'mixing that never mixes' 2 'data.mix_probability: found "0"' \
    taildart search --dry-run "${base[@]}" --set data.mix=mixup --set data.mix_probability=0
refused 'a temperature that is none' 2 'arch.temperature: reaches .* in epoch 199, .*accepted: 0.001 and more' \
    taildart search --dry-run "${base[@]}" --set arch.temperature.shape=exponential --set arch.temperature.gamma=0.9 --epochs 200
noted 'a branch that balances nothing' 'bbn.sampler instance: the re-balancing branch sees the same tail' \
    search --set bbn.enabled=true --set bbn.sampler=instance
noted 'a conventional branch that is balanced' 'data.sampler: the conventional branch is re-balanced' \
    search --set bbn.enabled=true --set data.sampler=class-balanced

# ---- schedules -----------------------------------------------------------------------

noted 'an architecture that is frozen throughout' 'arch.lr.frozen_until 2, but search.epochs 2: .*one of chance' \
    search --set arch.lr.frozen_until=2
noted 'or has no rate' 'arch.lr: 0 in every epoch' search --set arch.lr.start=0
noted 'weights that have none' 'weights.lr: 0 in every epoch' \
    search --set weights.lr.start=0 --set weights.lr.end=0
noted 'a rise over the whole run' 'weights.lr.warmup 2, but search.epochs 2' search --set weights.lr.warmup=2
noted 'a branch that never learns' 'bbn.mixing: 1 in every epoch' \
    search --set bbn.enabled=true --set bbn.mixing.shape=constant
noted 'nor the other' 'bbn.mixing: 0 in every epoch' \
    search --set bbn.enabled=true --set bbn.mixing.shape=constant --set bbn.mixing.start=0
noted 'a value that its shape does not read' 'weights.lr.gamma: found "0.5", but the shape cosine does not read it' \
    search --set weights.lr.gamma=0.5
noted 'also of drop path' 'train.drop_path.every: found "3", but the shape rising_linear' \
    train "${train[@]}" --set train.drop_path.every=3

noted 'of the temperature, which stays' 'arch.temperature.end: found "0.5", but the shape constant does not read it' \
    search --set arch.temperature.end=0.5
noted 'of a penalty, which is none' 'arch.penalty.entropy.end: found "1", but the shape constant' \
    search --set arch.penalty.entropy.end=1
noted 'of the bonus' 'arch.skip_bonus.end: found "1", but the shape constant' \
    search --set arch.skip_bonus.shape=constant --set arch.skip_bonus.end=1
noted 'of perturbation' 'arch.epsilon.end: found "0.1", but the shape constant' \
    search --set arch.perturb=random --set arch.epsilon.shape=constant --set arch.epsilon.end=0.1
noted 'drops of the temperature after the end' 'arch.temperature.every 15, but search.epochs 2' \
    search --set arch.temperature.shape=step
noted 'drops that come after the end' 'weights.lr.every 15, but search.epochs 2: no epoch comes after a drop' \
    search --set weights.lr.shape=step

# ---- images --------------------------------------------------------------------------

noted 'a crop that leaves nothing' 'data.crop_pad 8, but the images are 8x8' search --set data.crop_pad=8
noted 'a square that covers all' 'data.cutout 8, but the images are 8x8' search --set data.cutout=8
noted 'a head without a weight' 'train.auxiliary_weight 0: the second classifier' \
    train --genotype DARTS_V2 --set train.auxiliary_weight=0
noted 'a weight without a head' 'train.auxiliary_weight 0.9, but train.auxiliary is false' \
    train "${train[@]}" --set train.auxiliary=false --set train.auxiliary_weight=0.9
noted 'a measure with nothing to measure' 'train.best top1, but data.train_share 1 holds nothing out' \
    train "${train[@]}" --set train.best=top1

# ---- another length on resume ------------------------------------------------------

# Cosine from 0.025 to 0.001: after 2 of 2 epochs 0.013; epoch 3 of 4 has 0.013, too, but
# epoch 2 of 4 would have had 0.0215.
search=(taildart search "${base[@]}" --set bbn.enabled=true --out "$T/run")
ok 'two epochs' "${search[@]}" --epochs 2
ok 'two more' "${search[@]}" --epochs 4
has_not 'a search speaks of no best.h5' "$err" 'best.h5'
has 'the seam is told' "$err" \
    '^NOTE: search.epochs was 2 and is 4: .*weights 0.013 -> 0.013, architecture 0.0003 -> 0.0003, mixing 0.75 -> 0.75\).* not that of 4 epochs from the start'
ok 'eight in all' "${search[@]}" --epochs 8
has 'rates go up again' "$err" 'was 4 and is 8: .*weights 0.00451 -> 0.013, .* mixing 0.438 -> 0.75'
is 'each stands in the log of the run, in front of what follows it' \
    "$(said "$T/run" | grep -cE '^NOTE: search.epochs was')" 2
ok 'the same length again' "${search[@]}" --epochs 8
has_not 'has no seam' "$err" 'NOTE'
ok 'a constant course' taildart search "${base[@]}" --set weights.lr.shape=constant --epochs 1 --out "$T/even"
ok 'goes on as it was' taildart search "${base[@]}" --set weights.lr.shape=constant --epochs 2 --out "$T/even"
has_not 'without a seam' "$err" 'stretched'

# Rates that stay, while all else of the architecture's goes from one end to the other.
moving=(taildart search "${base[@]}" --set weights.lr.shape=constant --set arch.temperature.shape=linear
    --set arch.skip_bonus.start=1 --set arch.penalty.beta_decay.shape=rising_linear
    --set arch.penalty.beta_decay.start=2 --set arch.perturb=random --set data.sampler=progressive
    --out "$T/moving")
ok 'two epochs of moving schedules' "${moving[@]}" --epochs 2
ok 'four' "${moving[@]}" --epochs 4
has 'each of them is told' "$err" \
    'weights 0.025 -> 0.025, architecture 0.0003 -> 0.0003, temperature 0.55 -> 0.55, skip bonus 0.5 -> 0.5, penalty beta_decay 1 -> 1, epsilon 0.15 -> 0.15, progressive sampling 0.5 -> 0.5\)'
done_testing
