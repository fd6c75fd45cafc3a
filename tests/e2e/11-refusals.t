#!/usr/bin/env bash
# Mistakes in words, options and keys: one line that names what is wrong and what is
# accepted, at most one hint, nothing on stdout, nothing written, the right exit status.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data"
cd "$T" || exit 1
search=(taildart search --data "$T/data" --out "$T/run" "${tiny_net[@]}")

# ---- words -------------------------------------------------------------------------

refused "a mistyped command" 2 "unknown command serach; the nearest is search" taildart serach
refused "an option before the command" 2 "unknown option --data" taildart --data x search
for command in search genotype eval bench; do
    refused "a mistyped option of $command" 2 "^taildart: $command: unknown option --hlep; the nearest is --help" \
        taildart "$command" --hlep
    refused "one word too many for $command" 2 "unexpected word" taildart "$command" a b
done
refused "an option without its value" 2 "a value is missing behind option --data" taildart search --data
refused "one that is a word" 2 "a value is missing behind option --resume; accepted: auto, never, must" taildart search --resume
refused "a word of a command's own" 2 "a value is missing behind option --part; accepted: test.held-out.train" taildart eval --part
refused "a word that there is not" 2 'run.resume: found "yes"; accepted: auto, never, must' taildart search --resume yes
refused "a value for a switch" 2 "no value is taken by option --quiet" "${search[@]}" --quiet=yes
refused "an ambiguous beginning" 2 "several options begin with --se" "${search[@]}" --se=1
refused "a missing operand" 2 "CHECKPOINT is missing" taildart genotype
refused "a format that is not known" 2 "^taildart: --format: found \"pgn\"; accepted: python, json, dot, svg$" \
    taildart genotype x --format pgn
refused "a part that is not known" 2 "part" taildart eval x --data "$T/data" --part val

# ---- keys --------------------------------------------------------------------------

# set_refused KEY=VALUE REGEX: as an option, and from a file in a dry run, which does
# without MPI and its second.
set_refused() {
    local key=${1%%=*} value=${1#*=}
    refused "--set $1" 2 "^taildart: $2" "${search[@]}" --set "$1"
    echo "$key: $value" >keys.yaml
    refused "$1 in a file" 2 "^taildart: keys.yaml:1: $2" "${search[@]}" --config keys.yaml --dry-run
}
set_refused data.imbalnce=3 "unknown key data.imbalnce; the nearest is data.imbalance"
set_refused imbalance=3 "unknown key imbalance; the nearest is data.imbalance"
set_refused weights.lr.strat=3 "unknown key weights.lr.strat; the nearest is weights.lr.start"
set_refused data.imbalance=0.5 'data.imbalance: found "0.5"; accepted: a number from 1'
set_refused search.order=3 'search.order: found "3"; accepted: a whole number from 1 to 2'
set_refused search.batch=6x4 'search.batch: found "6x4"; accepted: a whole number .*\(images\)'
set_refused weights.momentum=nan 'weights.momentum: found "nan"; accepted: a number from 0 to below 1'
set_refused weights.lr.start=inf 'weights.lr.start: found "inf"'
set_refused weights.lr.shape=coupled 'weights.lr.shape: found "coupled"; accepted: constant, '
set_refused data.sampler=reverse 'data.sampler: found "reverse"; accepted: .*reversed'
set_refused bbn.enabled=yes 'bbn.enabled: found "yes"; accepted: true or false'
set_refused arch.lr.frozen_from=x 'arch.lr.frozen_from: found "x"; accepted: .*never'
set_refused arch.betas=0.5 'arch.betas: found "0.5"; accepted: \[a, b\]'
refused "a shorthand out of range" 2 '^taildart: data.imbalance: found "0"' "${search[@]}" --imbalance 0
refused "--set without a value" 2 'found "seed"; accepted: KEY=VALUE' "${search[@]}" --set seed
refused "a group for a key" 2 "weights.lr is a group" "${search[@]}" --set weights.lr=1
# Halves without images are a matter of data.
refused "a share of 1" 3 'data.train_share: found "1"; accepted: a number above 0 and below 1' \
    "${search[@]}" --set data.train_share=1
refused "a share of 0" 3 'data.train_share' "${search[@]}" --set data.train_share=0

# ---- rules between keys ------------------------------------------------------------

refused "a bbn key without bbn" 2 "^taildart: bbn.sampler: .*bbn.enabled is false" \
    "${search[@]}" --set bbn.sampler=instance
refused "its mixing, too" 2 "^taildart: bbn.mixing.shape: " "${search[@]}" --set bbn.mixing.shape=linear
refused "coupled without bbn" 2 "^taildart: arch.lr.shape: " "${search[@]}" --set arch.lr.shape=coupled
refused "frozen throughout" 2 "^taildart: arch.lr.frozen_until: " \
    "${search[@]}" --set arch.lr.frozen_until=3 --set arch.lr.frozen_from=3
refused "a key by its name in other scripts" 2 "unknown key net.layers; the nearest is net.cells" \
    "${search[@]}" --set net.layers=8
refused "an option, too" 2 "unknown option --save; the nearest is --out$" "${search[@]}" --save x
refused "where a command has no such key" 2 "unknown option --save$" taildart eval x --save y
refused "that of a cell" 2 "unknown option --arch; the nearest is --genotype$" taildart train --arch DARTS_V2
refused "no data" 2 "^taildart: data.path is not set .*--data" taildart search --out "$T/run"
refused "no run directory" 2 "^taildart: run.out is not set .*--out" taildart search --data "$T/data"

# ---- files -------------------------------------------------------------------------

# file_refused NAME REGEX TEXT
file_refused() {
    printf '%s\n' "$3" >keys.yaml
    refused "$1" 2 "^taildart: keys.yaml$2" "${search[@]}" --config keys.yaml --dry-run
}
set_refused lr=3 "unknown key lr; the nearest is weights.lr.start or arch.lr.start$"
set_refused interval=3 "unknown key interval; the nearest is arch.interval$"
set_refused skips=3 "unknown key skips; the nearest is search.max_skips$"
set_refused decay=3 "unknown key decay; the nearest is weights.decay or arch.decay$"
set_refused warmup=3 "unknown key warmup; the nearest is weights.lr.warmup or arch.lr.warmup$"
set_refused wombats=3 "unknown key wombats$"
set_refused net.wombats=3 "unknown key net.wombats$"
for word in gpu cuda device; do set_refused "$word=0" "unknown key $word: taildart runs on CPUs$"; done
set_refused learning_rate=3 "unknown key learning_rate; the nearest is weights.lr.start"
set_refused drop_path_prob=3 "unknown key drop_path_prob; the nearest is train.drop_path.start"
set_refused batch-size=3 "unknown key batch-size; the nearest is search.batch"
set_refused weights.lr.start=0x1 'weights.lr.start: found "0x1"; accepted: a number'
refused "an option that is a key of both steps" 2 \
    "unknown option --lr; the nearest key is --set weights.lr.start=... or arch.lr.start=...$" taildart search --lr 3
refused "which a training has of weights alone" 2 \
    "unknown option --lr; the nearest key is --set weights.lr.start=...$" taildart train --lr 3
refused "an option that is the whole of a key" 2 \
    "unknown option --data.path; the nearest key is --set data.path=...$" taildart search --data.path x
refused "an option that is near to nothing" 2 "unknown option --wombats$" taildart search --wombats 0
for word in gpu cuda device; do
    refused "an option --$word" 2 "unknown option --$word: taildart runs on CPUs$" taildart search "--$word=0"
done
refused "a command that is near to none" 2 'unknown command "find"; accepted: search, train, .*, bench$' taildart find
# shellcheck disable=SC2016   # quoted as it is printed
refused "a part of data" 2 'unknown command import; it is `taildart data import`' taildart import a b

# ---- genotypes -----------------------------------------------------------------------

taildart genotype DARTS_V2 --output "$T/cell.txt"
taildart genotype DARTS_V2 --format json --output "$T/cell.json"
run taildart genotype "$T/cell.json"
is "genotype.json is read" "$(cat "$out")" "$(cat "$T/cell.txt")"
train_dry=(taildart train --dry-run --data "$T/data" --set net.channels=4 --set net.cells=3 --genotype)
run "${train_dry[@]}" "$T/cell.json"
exits "by a training, too" 0
sed 's/"input": 0/"input": 7/' "$T/cell.json" >"$T/odd.json"
refused "one that is no cell" 4 "odd.json: genotype: JSON, but not of the form" "${train_dry[@]}" "$T/odd.json"
refused "a directory of no run" 4 "train.genotype: $T/data: no checkpoint.h5 is in it; give the directory of a run" "${train_dry[@]}" "$T/data"
printf '\211HDF\r\n\032\n0000' >"$T/some.h5"
refused "a damaged checkpoint" 4 "train.genotype: $T/some.h5: " "${train_dry[@]}" "$T/some.h5"
refused "a name that there is not" 2 'train.genotype: found "DARTS_V3"; .* DARTS_V1, DARTS_V2, PCDARTS, PDARTS$' "${train_dry[@]}" DARTS_V3
refused "nor to show" 2 'found "DARTS_V3"; .* DARTS_V1, DARTS_V2, PCDARTS, PDARTS$' taildart genotype DARTS_V3

file_refused "an unknown group" ":2: unknown key wieghts; the nearest is weights" "seed: 1
wieghts: {decay: 1}"
file_refused "a value for a group" ":1: data: found a value" "data: cifar10.h5"
file_refused "keys for a value" ":1: seed: found keys below it" "seed: {a: 1}"
file_refused "a list for a value" ":1: seed: found a list" "seed: [1]"
file_refused "a list for the file" ":1: the file: " "- seed"
file_refused "broken YAML" ":2: not valid YAML" 'data: {path: "x'
file_refused "two documents" ":2: a second document begins" "seed: 1
---
seed: 2"
refused "a missing file" 2 "^taildart: none.yaml: .*No such file" "${search[@]}" --config none.yaml
refused "a folder for a file" 2 "^taildart: data: " "${search[@]}" --config data

# A run, a checkpoint, a genotype that is not there: 4 for each command, in the same words.
for given in none none.h5; do
    for command in eval watch report "export --to onnx" genotype "genotype --alphas" "predict --top 1"; do
        words=("$given"); [ "${command%% *}" != predict ] || words+=(a.png)
        # shellcheck disable=SC2086
        refused "no $given for $command" 4 "^taildart: $given: cannot be read: No such file or directory; give .*directory of a run" \
            taildart $command "${words[@]}"
    done
    for option in genotype from; do
        refused "no $given for train --$option" 4 "$given: cannot be read: No such file or directory; give .*directory of a run" \
            taildart train --dry-run --data data "--$option" "$given"
    done
done
refused "a missing genotype" 4 "^taildart: none.txt: cannot be read" taildart genotype none.txt
echo "Genotype(normal=[('sep_conv', 1)])" >cell.txt
refused "one whose name looks like a text" 4 "^taildart: Genotype.txt: cannot be read" taildart genotype Genotype.txt
refused "a text that is wrong" 2 "^taildart: genotype: line 1, column" taildart genotype "Genotype(normal"
refused "strengths of a text" 2 "is a text, without strengths" taildart genotype --threshold 0.9 "$(taildart genotype DARTS_V2)"
refused "strengths of a name" 2 "DARTS_V2 is a name, without strengths" taildart genotype --threshold 0.9 DARTS_V2
refused "a genotype that is none" 4 "^taildart: cell.txt: " taildart genotype cell.txt

# ---- the same under mpirun, and in a dry run ---------------------------------------

refused_mpi 2 "a mistyped option on two ranks" 2 "unknown option --imbalnce; the nearest is --imbalance" \
    "${search[@]}" --imbalnce 3
refused_mpi 2 "an unknown key on two ranks" 2 "^taildart: unknown key sed; the nearest is seed" \
    "${search[@]}" --set sed=1
refused_mpi 3 "a missing file on three ranks" 2 "^taildart: none.yaml: " "${search[@]}" --config none.yaml
refused_mpi 2 "a mistyped command on two ranks" 2 "unknown command serach" taildart serach
refused_mpi 2 "eval on two ranks" 4 "^taildart: .*none.h5" taildart eval none.h5 --data "$T/data"
refused_mpi 2 "bench on two ranks" 2 "^taildart: bench.steps: found" taildart bench --set bench.steps=0
refused_mpi 2 "a dry run on two ranks" 2 "^taildart: unknown key sed" "${search[@]}" --dry-run --set sed=1
refused "a dry run: unknown key" 2 "unknown key sed" "${search[@]}" --dry-run --set sed=1
refused "a dry run: missing data" 3 "^taildart: none" taildart search --data none --dry-run

[ ! -e "$T/run" ]
is "none of them made a run directory" $? 0
done_testing
