#!/usr/bin/env bash
# Names and files of others steer neither the terminal nor a shell: what is printed only
# prints, what becomes a file's name is a plain word, what is read has an end.
. "$(dirname "$0")/lib.sh"

esc=$'\x1b'
# prints_only NAME: no control character but line ends in what the last run said.
prints_only() {
    if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$out" "$err"; then
        fail "$1" "$(cat -v "$out" "$err" | head -n 20)"
    else pass "$1"; fi
}

# ---- terminals ---------------------------------------------------------------------

red="red${esc}[31m"
for part in train test; do
    for i in 1 2 3 4; do
        grey_png "$T/data/$part/$red/$i.png" 8 $(seq "$i" $((i + 63)))
        grey_png "$T/data/$part/blue/$i.png" 8 $(seq $((64 + i)) $((i + 127)))
    done
done
ok 'class names with escapes are described' taildart data info "$T/data"
has 'and shown as what they are' "$out" 'red\\x1b\[31m '
prints_only 'and do not reach the terminal'

quick=("${tiny_net[@]}" --batch 4 --set data.crop_pad=0 --threads 1)
ok 'they are searched' taildart search --data "$T/data" --out "$T/run" "${quick[@]}"
prints_only 'a search prints only'
ok 'evaluated' taildart eval "$T/run/checkpoint.h5" --data "$T/data" --per-class
has 'the table of classes shows them' "$out" 'red\\x1b\[31m$'
prints_only 'an evaluation prints only'
ok 'and pictured' taildart report "$T/run"
if LC_ALL=C grep -qP '\x1b' "$T/run/report.html"; then fail 'the page holds no escape'
else pass 'the page holds no escape'; fi

cp -r "$T/run" "$T/run${esc}]0;x"
ok 'also in a folder with an escape' taildart report "$T/run${esc}]0;x"
has 'whose page is named' "$out" 'run\\x1b\]0;x/report.html$'
prints_only 'so that it prints only'
ok 'and as a picture of two' taildart report "$T/run" "$T/run${esc}]0;x" --out "$T/two${esc}.html"
prints_only 'wherever it is written'

run taildart data info "$T/no${esc}]0;owned"$'\a'
exits 'a path with escapes that is not there' 3
prints_only 'is named as it is'
run taildart search --dry-run --data "$T/data" --set "run.out=$T/a${esc}b" "${quick[@]}"
exits 'a dry run with an escape in a value' 0
prints_only 'its table prints only'
run taildart search --set "net.cells=3${esc}[2J"
exits 'a value with an escape is refused' 2
has 'and shown' "$err" 'found "3\\x1b\[2J"'
run taildart "se${esc}arch"
prints_only 'an unknown command prints only'

# ---- a shell behind a picture --------------------------------------------------------

mkdir -p "$T/bin"
printf '#!/bin/sh\ncp study.gp "%s/seen.gp"\n' "$T" >"$T/bin/gnuplot" # what it would be given
chmod +x "$T/bin/gnuplot"
study() { # NAME FOLDER
    printf 'out: "%s"\ndata: %s\nseeds: [1]\nimbalance: [1]\nmethods: [{name: "%s"}]\n' \
        "$2" "$T/data" "$1" >"$T/study.yaml"
}
# shellcheck disable=SC2016   # nothing is to be expanded
for name in '`touch owned`' "a'b" 'a@b' '$HOME' 'a b' '../a' '-a' "a;b"; do
    study "$name" "$T/study"
    refused "a method is not called $name" 2 'study.yaml:5: .*a name of a method is' \
        taildart study "$T/study.yaml" --collect
done
# shellcheck disable=SC2016
study plain "$T/a'b\`touch owned\`"
mkdir -p "$T/a'b\`touch owned\`"
ok 'a folder may be called anything' env PATH="$T/bin:$PATH" taildart study "$T/study.yaml" --collect
# shellcheck disable=SC2016
has_not 'and gnuplot sees no word that a shell would run' "$T/seen.gp" '`|[$]\(|@'
has_not 'nor a text between double quotes in a command' "$T/seen.gp" '^(set|plot).*"'

# ---- files that have no end ----------------------------------------------------------

printf '&a {methods: [*a]}' >"$T/self.yaml"
refused 'a study that holds itself' 2 'self.yaml:1: \*a repeats a map or a list' \
    taildart study "$T/self.yaml"
refused 'a configuration that holds itself' 2 'self.yaml:1: \*a repeats a map or a list' \
    taildart search --config "$T/self.yaml" --dry-run
refused 'a configuration without an end' 2 '/dev/zero: cannot be read: File too large' \
    taildart search --config /dev/zero --dry-run
mkfifo "$T/pipe.yaml"
refused 'a configuration that nobody may ever write' 2 'pipe.yaml: cannot be read: it is a named pipe' \
    taildart search --config "$T/pipe.yaml" --dry-run
refused 'a study that nobody may ever write' 2 'pipe.yaml: cannot be read: it is a named pipe' \
    taildart study "$T/pipe.yaml"
ok 'a pipe of the shell is read' bash -c \
    "taildart search --config <(echo 'seed: 77') --data '$T/data' --dry-run ${quick[*]}"
has 'to its end' "$out" '^seed +77 .*file'

# A cell from somebody: as --genotype and as what `genotype` shows.
taildart genotype DARTS_V2 >"$T/cell.txt"
{ cat "$T/cell.txt"; printf '\0x'; } >"$T/zero.txt"
printf 'Genotype(normal=[(\x27sep\x1b[2J\x27, 0)' >"$T/escape.txt"
head -c 2000000 /dev/zero | tr '\0' '(' >"$T/long.txt"
mkfifo "$T/pipe.txt"
cell_refused() { # NAME FILE REGEX
    refused "$1" 4 "$3" taildart genotype "$2"
    refused "$1, for a training" 4 "train.genotype: .*$3" \
        taildart train --dry-run --data "$T/data" --genotype "$2"
}
cell_refused 'a cell with a byte of value 0' "$T/zero.txt" 'zero.txt: found a byte of value 0'
cell_refused 'a cell with an escape' "$T/escape.txt" \
    "column 20: found \"sep\\\\x1b\\[2J\", expected one of 'max_pool_3x3'"
cell_refused 'a cell of 2 MB' "$T/long.txt" 'long.txt: cannot be read: File too large'
cell_refused 'a cell from a pipe that nobody writes to' "$T/pipe.txt" 'it is a named pipe'
ok 'a pipe of the shell is read, too' bash -c \
    "taildart train --genotype <(taildart genotype DARTS_V2) --data '$T/data' --dry-run --batch 4 --set net.cells=3"

# ---- values of a command line --------------------------------------------------------

for value in nan inf -inf 1e400 ' 1' '1 ' '' 0x 1e 1,5 '٣' "$(printf '9%.0s' {1..400})"; do
    refused "no rate is '${value:0:20}'" 2 '^taildart: weights.lr.start: found ".*"; accepted: a number from 0' \
        taildart search --dry-run --data "$T/data" --set "weights.lr.start=$value"
done
for value in '[0.5]' '[0.5, 0.9, 0.9]' '[0.5, 1]' '[nan, 0.9]' '[[0.5, 0.9]]' '0.5 0.9' '['; do
    refused "no two numbers are $value" 2 'arch.betas: found ".*"; accepted: \[a, b\]' \
        taildart search --dry-run --data "$T/data" --set "arch.betas=$value"
done
for word in seed =1 seed.=1 .seed=1 data=1 "$(printf 'a%.0s' {1..5000})=1"; do
    refused "no key is ${word:0:20}" 2 '^taildart: ' taildart search --dry-run --set "$word"
done

done_testing
