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

done_testing
