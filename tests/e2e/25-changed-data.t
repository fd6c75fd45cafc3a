#!/usr/bin/env bash
# What an import changes: a test part held out, a long tail cut, classes in another order.
. "$(dirname "$0")/lib.sh"

# counts FILE: name, training and test images of each class, in order.
counts() { taildart data info "$1" | awk 'on { print $2, $3, $4 } $1 == "class" { on = 1 }' | xargs; }
digest() { taildart data info "$1" | grep ^digest; }
nothing_written() { is "$1: no file" "$(cd "$T" && ls -d bad.h5* 2>/dev/null)" ""; }

# Class folders of 2, 3, 10 and 40 pictures, each picture of one brightness of its own.
value=0
for class in a:3 b:40 c:2 d:10; do
    for ((i = 0; i < ${class#*:}; i++)); do
        value=$((value + 4))
        mapfile -t pixels < <(yes "$value" | head -n 16)
        grey_png "$T/set/${class%:*}/$i.png" 4 "${pixels[@]}"
    done
done
ok "as it is" taildart data import "$T/set" "$T/set.h5"
is "its classes" "$(counts "$T/set.h5")" "a 3 0 b 40 0 c 2 0 d 10 0"

# ---- a test part -------------------------------------------------------------------

ok "a fifth for the test" taildart data import "$T/set" "$T/fifth.h5" --test-share 0.2
is "of each class, but of two images" "$(counts "$T/fifth.h5")" "a 2 1 b 32 8 c 2 0 d 8 2"
has "is told" "$out" '^held +11 of 55 images as the test part, seed 0$'
has "and the class that gives none" "$err" 'NOTE: 1 of 4 classes have fewer than three images'
ok "again" taildart data import "$T/set.h5" "$T/again.h5" --test-share 0.2 --seed 0
is "the same seed, the same images" "$(digest "$T/again.h5")" "$(digest "$T/fifth.h5")"
ok "another seed" taildart data import "$T/set" "$T/other.h5" --test-share 0.2 --seed 1
is "as many" "$(counts "$T/other.h5")" "a 2 1 b 32 8 c 2 0 d 8 2"
if [ "$(digest "$T/other.h5")" != "$(digest "$T/fifth.h5")" ]; then pass "others"; else fail "others"; fi
ok "nearly all" taildart data import "$T/set" "$T/most.h5" --test-share 0.99
is "two stay" "$(counts "$T/most.h5")" "a 2 1 b 2 38 c 2 0 d 2 8"
refused "a test part there is" 2 'data import: --test-share, but .*fifth.h5 has 11 test images: leave' \
    taildart data import "$T/fifth.h5" "$T/bad.h5" --test-share 0.2
for share in 0 1 -1 x 0.2x nan; do
    refused "a share of $share" 2 "^taildart: --test-share: found \"$share\"; accepted: a number between 0 and 1" \
        taildart data import "$T/set" "$T/bad.h5" --test-share="$share"
done
refused "a share of what is for the test" 2 'data import: --test makes test images of all' \
    taildart data import "$T/set" "$T/bad.h5" --test --test-share 0.2
mkdir "$T/pairs" && cp -r "$T/set/c" "$T/pairs/c" && cp -r "$T/set/c" "$T/pairs/e"
refused "pairs" 3 'pairs: no class has three images' taildart data import "$T/pairs" "$T/bad.h5" --test-share 0.2
nothing_written "a refusal"

# ---- order -------------------------------------------------------------------------

ok "by count" taildart data import "$T/set" "$T/count.h5" --order count
is "the largest first" "$(counts "$T/count.h5")" "b 40 0 d 10 0 a 3 0 c 2 0"
ok "by name again" taildart data import "$T/count.h5" "$T/name.h5" --order name
is "as it was" "$(counts "$T/name.h5")" "a 3 0 b 40 0 c 2 0 d 10 0"
printf 'd\r\n\nc\na\nb' >"$T/order.txt"
ok "by a list" taildart data import "$T/set" "$T/list.h5" --order "$T/order.txt"
is "in that order" "$(counts "$T/list.h5")" "d 10 0 c 2 0 a 3 0 b 40 0"
tiny_idx "$T/many" 12 20 1 4
ok "numbers by count" taildart data import "$T/many" "$T/tail.h5" --imbalance 10 --order count
ok "and by name" taildart data import "$T/tail.h5" "$T/numbers.h5" --order name
is "by their value" "$(counts "$T/numbers.h5" | awk '{ print $1, $4, $31, $34 }')" "0 1 10 11"
order_refused() {
    printf '%b' "$2" >"$T/order.txt"
    refused "$1" 3 "$3" taildart data import "$T/set" "$T/bad.h5" --order "$T/order.txt"
}
order_refused "a class too many" 'a\nb\nee\n' "order.txt: line 3: 'ee' is no class of .*set; accepted: a, b, c, d$"
order_refused "a class twice" 'a\nb\na\n' "order.txt: line 3: 'a' stands there twice"
order_refused "a class too few" 'a\nb\nd\n' "order.txt: 'c' of .*set is missing: name all 4 classes"
refused "no such list" 3 'none.txt: cannot be read' taildart data import "$T/set" "$T/bad.h5" --order "$T/none.txt"
nothing_written "another order"

# ---- the long tail -----------------------------------------------------------------

ok "a tail" taildart data import "$T/many" "$T/exp.h5" --imbalance 4
has "is told" "$out" '^kept +127 of 240 training images, seed 0$'
run taildart data info "$T/many" --imbalance 4
is "as many as a run keeps" "$(counts "$T/exp.h5" | awk '{ for (i = 2; i < NF; i += 3) print $i }' | xargs)" \
    "$(awk 'on { print $5 } $1 == "class" { on = 1 }' "$out" | xargs)"
ok "a step, fewer" taildart data import "$T/many" "$T/step.h5" --imbalance 5 --profile step --largest 10
is "its counts" "$(counts "$T/step.h5" | awk '{ print $2, $17, $20, $35 }')" "10 10 2 2"
# draws STREAM: the images of a run's half, in the order of the file.
draws() {
    taildart data draws --data "$T/many" --imbalance 4 --set data.seed=3 --batch 8 --epoch 0 --stream "$1" 2>/dev/null |
        awk -F, 'NR > 1 { print $3 }' | sort -un
}
ok "with a seed" taildart data import "$T/many" "$T/seeded.h5" --imbalance 4 --seed 3
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    taildart data import "$T/many" "$T/many.h5" --quiet
    { draws weights; draws arch; } | sort -un >"$T/drawn"
    cat >"$T/same.py" <<'PY'
import h5py, sys
whole, kept = (h5py.File(name)["train"] for name in sys.argv[1:3])
drawn = [int(line) for line in open(sys.argv[3])]
assert len(kept["images"]) == 127 and set(drawn) <= set(range(240)) and len(drawn) >= 68
rows = {(l, i.tobytes()) for l, i in zip(kept["labels"][:], kept["images"][:])}
assert all((whole["labels"][i], whole["images"][i].tobytes()) in rows for i in drawn)
PY
    ok "a run draws the same images" /usr/bin/python3 "$T/same.py" "$T/many.h5" "$T/seeded.h5" "$T/drawn"
else
    skip "a run draws the same images" "python3-h5py is not installed"
fi
refused "a profile without a tail" 2 'data import: --profile is of a tail' \
    taildart data import "$T/many" "$T/bad.h5" --profile step
refused "a tail that leaves too few" 3 'set: 1 of 4 classes has fewer than 2 training images' taildart data import "$T/set" "$T/bad.h5" --imbalance 40
refused "no number" 2 'data.imbalance: found "x"' taildart data import "$T/set" "$T/bad.h5" --imbalance x
nothing_written "a bad tail"
ok "all of them" taildart data import "$T/set" "$T/all.h5" --order count --test-share 0.2 --imbalance 2
is "one after the other" "$(counts "$T/all.h5")" "b 32 8 d 8 2 a 2 1 c 2 0"

done_testing
