#!/usr/bin/env bash
# predict: what a network says of single pictures is what eval says of a data set of them.
. "$(dirname "$0")/lib.sh"

# Bright rows tell three classes apart; pictures of 8x8 pixels, and of 16x16 that shrink to them.
picture() { # FILE CLASS SIDE SEED
    local pixels
    mapfile -t pixels < <(perl -e 'my ($class, $side, $seed) = @ARGV; my $scale = $side / 8;
        for my $y (0 .. $side - 1) { for my $x (0 .. $side - 1) {
            print +(int($y / $scale) % 3 == $class ? 200 : 30) + ($x * 7 + $y * 13 + $seed * 5) % 40, "\n" } }' "$2" "$3" "$4")
    grey_png "$1" "$3" "${pixels[@]}"
}
names=(ant bee cat)
for class in 0 1 2; do
    for i in 1 2 3 4 5 6 7 8 9 10; do picture "$T/data/train/${names[class]}/$i.png" "$class" 8 "$i"; done
    for i in 1 2; do picture "$T/data/test/${names[class]}/$i.png" "$class" 8 $((i + 20)); done
done
cd "$T" || exit 1
ok "a training" taildart train --data data --genotype DARTS_V1 --set net.channels=4 --set net.cells=3 --batch 6 \
    --epochs 4 --set weights.lr.start=0.1 --set train.auxiliary=false --set data.flip=false --out run
all=(data/test/*/*.png)

# ---- the answers are those of eval -------------------------------------------------------

ok "eval" taildart eval run --confusion answers.csv
ok "predict" taildart predict run "${all[@]}" --csv
cp "$out" table.csv
is "one row per class, most likely first" "$(head -n 1 table.csv) $(tail -n +2 table.csv | wc -l)" \
    "picture,rank,class,name,probability 18"
confusion() {
    awk -F, -v OFS=, 'NR == 1 { next } $2 == 1 { split($1, part, "/"); n[part[3], $4]++ }
        END { print "class,ant,bee,cat"; for (i = 0; i < 3; i++) { a = substr("antbeecat", 3 * i + 1, 3)
            print a, n[a, "ant"] + 0, n[a, "bee"] + 0, n[a, "cat"] + 0 } }' "${1-table.csv}"
}
is "the first of each is what eval counts" "$(confusion)" "$(cat answers.csv)"
is "probabilities of a picture add up to 1" \
    "$(awk -F, 'NR > 1 { s[$1] += $5 } END { for (f in s) if (s[f] > 1.00001 || s[f] < 0.99999) bad++; print bad + 0 }' table.csv)" 0
is "and fall" "$(awk -F, 'NR > 1 && $1 == f && $5 > p { bad++ } { f = $1; p = $5 } END { print bad + 0 }' table.csv)" 0
run taildart predict run/checkpoint.h5 "${all[0]}" --top 1
is "as text" "$(cat "$out")" "$(awk -F, 'NR == 2 { printf "%s\n  %.4f  %s", $1, $5, $4 }' table.csv)"
run taildart predict run "${all[@]}" --top 2
is "--top" "$(grep -c '^  0' "$out")" 12

# ---- sizes -------------------------------------------------------------------------------

for class in 0 1 2; do picture "large/${names[class]}/1.png" "$class" 16 3; done
# The middle of a wide one is a bee, both sides of it are as bright as nothing else.
mapfile -t wide < <(perl -e 'for my $y (0 .. 15) { for my $x (0 .. 47) {
    print +(($x < 16 || $x > 31) ? 255 : int($y / 2) % 3 == 1 ? 230 : 50), "\n" } }')
grey_png large/bee/2.png 48 "${wide[@]}"
ok "an import" taildart data import large small.h5 --size 8 --test
ok "a data set of larger pictures" taildart eval run --data small.h5 --confusion shrunk.csv
run taildart predict run large/*/*.png --top 1 --csv
sed 's:large/:large/test/:' "$out" >large.csv
is "are cut and shrunk as the import does" "$(confusion large.csv)" "$(cat shrunk.csv)"
has "a wide one is its middle" large.csv 'bee/2.png,1,1,bee,'
picture tiny.png 0 4 1
run taildart predict run tiny.png large/bee/1.png --csv
exits "a picture that is too small" 1
has "is told with both sizes" "$err" 'WARNING: tiny.png: 4x4 pixels, but the network takes 8x8, and nothing is enlarged'
is "and the other is answered" "$(tail -n +2 "$out" | cut -d, -f1 | uniq)" large/bee/1.png

# ---- what cannot be read -----------------------------------------------------------------

head -c 60 "${all[1]}" >cut.png
: >empty.png
run taildart predict run cut.png "${all[0]}" none.png empty.png "${all[2]}" --json
exits "unreadable pictures" 1
has "are counted at the end" "$err" '^taildart: 3 of 5 pictures have no answer'
if command -v /usr/bin/python3 >/dev/null; then
    cat >check.py <<'END'
import json, sys
answers = json.load(open(sys.argv[1]))
print(*("error" in a and "-" or a["answers"][0]["name"] for a in answers), [len(a.get("answers", [])) for a in answers])
END
    first() { awk -F, -v f="$1" '$1 == f && $2 == 1 { print $4 }' table.csv; }
    is "JSON has all in their order" "$(/usr/bin/python3 check.py "$out")" \
        "- $(first "${all[0]}") - - $(first "${all[2]}") [0, 3, 0, 0, 3]"
else skip "JSON has all in their order" "python3 is not installed"; fi
many=()
for _ in {1..20}; do many+=("${all[@]}"); done
run taildart predict run "${many[@]}" --csv
is "more than a batch, the same answers" "$(tail -n +2 "$out" | sort -u)" "$(tail -n +2 table.csv | sort -u)"
is "for each" "$(tail -n +2 "$out" | wc -l)" 360

# ---- other networks ----------------------------------------------------------------------

ok "a search with noise" taildart search --data data --out search "${tiny_net[@]}" --batch 6 --set net.operations=s4
ok "its supernet" taildart predict search "${all[@]}" --csv --top 1
cp "$out" table.csv
ok "is judged" taildart eval search --confusion answers.csv
is "with the same answers" "$(confusion)" "$(cat answers.csv)"
ok "a training on padded images" taildart train --data data --genotype DARTS_V1 --set net.channels=4 --set net.cells=3 \
    --batch 6 --epochs 1 --set train.auxiliary=false --set data.pad_to=12 --out padded
ok "its answers" taildart predict padded "${all[@]}" --csv
cp "$out" table.csv
ok "its figures" taildart eval padded --confusion answers.csv
is "are of padded pictures" "$(confusion)" "$(cat answers.csv)"
run taildart predict padded large/bee/1.png --csv
exits "larger ones are shrunk to the run's size first" 0
mv data gone
run taildart predict padded "${all[@]/data/gone}" --csv
is "without the run's data set, too" "$(sed 's/^gone/data/' "$out")" "$(cat table.csv)"
run taildart predict padded large/bee/1.png
has "where larger ones are not known" "$err" 'large/bee/1.png: 16x16 pixels, more than 12x12, .* shrink it'

# ---- what makes no sense -----------------------------------------------------------------

refused "no picture" 2 'predict: PICTURE... is missing' taildart predict run
refused "two forms" 2 'either --csv or --json' taildart predict run x.png --csv --json
refused "no class" 2 'top: found "0"' taildart predict run x.png --top 0
refused "no checkpoint" 4 'none.h5' taildart predict none.h5 x.png
refused_mpi 2 "two ranks" 2 'predict: works on one rank, here are 2' taildart predict run x.png
done_testing
