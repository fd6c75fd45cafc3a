#!/usr/bin/env bash
# `taildart report`: the page of a run, of two, of one that was interrupted; refusals.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
options=(--data "$T/data" "${tiny_net[@]}" --epochs 3)
both=(--set bbn.enabled=true --set arch.lr.shape=parabolic)

run taildart search "${options[@]}" "${both[@]}" --out "$T/a"
exits "a search to look at" 0
run taildart search "${options[@]}" --epochs 2 --out "$T/b"
exits "and another" 0

# well_formed NAME FILE: every tag is closed, every entity known, no name appears twice.
well_formed() {
    if command -v xmllint >/dev/null; then
        if xmllint --noout "$2" 2>"$T/.xml"; then pass "$1"; else fail "$1" "$(head -5 "$T/.xml")"; fi
    else skip "$1" "xmllint is not here"; fi
}

# section FILE HEADING: from that heading to the end of its section.
section() { sed -n "/<h2>$2</,/<\/section>/p" "$1"; }

# ---- one run -----------------------------------------------------------------------------

ok "the page of a run" taildart report "$T/a"
is "its name is said" "$(cat "$out")" "$T/a/report.html"
page=$T/a/report.html
well_formed "it is well-formed" "$page"
for heading in Results Test Accuracies Losses "The two branches" "Learning rates" Calibration \
    "Entropy of the architecture" Classes "Architecture weights" "Derived cell" "Configuration and versions"; do
    has "it has: $heading" "$page" "<h2>$heading</h2>"
done
has_not "nothing is fetched from anywhere" "$page" "https?:|<script|<link|@import|url\("
has_not "no number is missing in a place" "$page" "[\">: ]-?(nan|inf)[\"< ]"
has "it knows light and dark" "$page" "prefers-color-scheme:dark"
has "its results have the last epoch" "$page" ">3 of 3<"
has "and its accuracy" "$page" \
    "<dt>valid top-1</dt><dd>$(column "$T/a/metrics.csv" valid_top1 | awk 'END { printf "%.4f", $1 }')<"
read -r best_epoch best_value <<<"$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "valid_balanced_top1") c = i; next }
    $c > most { most = $c; epoch = $1 + 1 } END { printf "%d %.4f", epoch, most }' "$T/a/metrics.csv")"
has "the best epoch by balanced accuracy" "$page" "<dt>best balanced</dt><dd>$best_value <em>epoch $best_epoch</em>"
has "which is ringed" "$page" "<title>validation balanced, best epoch $best_epoch: "
has "it was started here" "$page" "<dt>Host</dt><dd>$(uname -n)</dd>"
has "today" "$page" "<dt>Started</dt><dd>20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC([+-][0-9:]{5})?</dd>"
has "by this command line" "$page" "class=\"command\">[^ ]*taildart search --data $T/data --set net.channels=4"
has "values can be read by pointing" "$page" "<title>conventional branch, m, epoch 1: 1</title>"
has "also of the other branch" "$page" "<title>re-balancing branch, 1 − m, epoch 1: 0</title>"
has "the classes are counted" "$page" "<th scope=\"row\">0</th><td class=\"bar\" style=\"--s:1.0000\">80</td>"
has "without an evaluation it says how to get one" "$page" "No evaluation is known: taildart eval RUN"
has "the weights have their start" "$page" "<title>sep_conv_3x3 start: 0\.1[0-9]{3}</title>"
has "and their last epoch" "$page" "<title>sep_conv_3x3 after epoch 3: 0\.[0-9]{4}</title>"
has_not "the history is there" "$page" "history is absent"
is "five edges of two cells, eight operations, four moments" \
    "$(section "$page" "Architecture weights" | grep -oE '(start|after epoch [0-9]): ' | wc -l)" 320
is "what the cells take is framed" "$(grep -c 'class="taken"' "$page")" 8
is "the cells are drawn" "$(grep -c '<svg class="cell"' "$page")" 2
has "the configuration is there" "$page" "parabolic"
has "and the version" "$page" "^(<p>.*)?.*taildart [0-9]+\.[0-9]+"

ok "an evaluation" taildart eval "$T/a" --data "$T/data"
top1=$(awk '$1 == "top-1" { print $2 }' "$out")
ok "and the page again" taildart report "$T/a"
is "has its figures" "$(section "$page" Test | grep -o '<td>[0-9.]*</td>' | sed -n 's/<[^>]*>//g; 2p')" "$top1"
has "and those of each class" <(section "$page" Classes) "<th scope=\"col\">test images, last epoch</th>"
well_formed "it is well-formed still" "$page"
mkdir "$T/older"
cp "$T/a/checkpoint.h5" "$T/a/metrics.csv" "$T/older"
ok "a run of an older version has a page" taildart report "$T/older"
has "which says what is not known" "$T/older/report.html" "Date, host and command line are not known"
well_formed "and is well-formed, too" "$T/older/report.html"

# ---- names of classes ------------------------------------------------------------------------

# Ten classes of ten images in CIFAR's form, and their names.
mkdir "$T/cifar"
for part in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
    perl -e 'for my $i (0 .. 19) { print chr($i % 10), map { chr(($i * 37 + $_) % 256) } 1 .. 3072 }' \
        >"$T/cifar/$part.bin"
done
printf '%s\n' plane '<car> & "bus"' bird cat deer dog frog horse ship truck >"$T/cifar/batches.meta.txt"
run taildart search --data "$T/cifar" "${tiny_net[@]}" --out "$T/names"
exits "a search of classes with names" 0
ok "has a page" taildart report "$T/names"
has "with the names" "$T/names/report.html" "<th scope=\"row\">truck <em>9</em></th>.*>10</td>"
has "in order" "$T/names/report.html" "<th scope=\"row\">&lt;car&gt; &amp; &quot;bus&quot; <em>1</em></th>"
well_formed "and well-formed" "$T/names/report.html"

# ---- what the shell has opened -----------------------------------------------------------

echo "a line before" >"$T/log"
taildart report "$T/a" --out /dev/stdout >>"$T/log" 2>"$err"
is "a page to the end of a file by >>" "$? $(grep -c "a line before" "$T/log") $(grep -c "</html>" "$T/log")" "0 1 1"
taildart genotype DARTS_V2 --output /dev/fd/3 3>>"$T/log" >"$out" 2>"$err"
is "and of a descriptor" "$? $(grep -c "a line before" "$T/log") $(grep -c "^Genotype" "$T/log")" "0 1 1"

# ---- several -----------------------------------------------------------------------------

ok "the page of two" taildart report "$T/a" "$T/b/" --out "$T/two.html"
well_formed "it is well-formed" "$T/two.html"
is "one row per run" "$(section "$T/two.html" Results | grep -c '^<tr.*<th scope="row">')" 2
is "a figure a metric" "$(section "$T/two.html" Losses | grep -c '<figure>')" 2
is "with both runs in it" \
    "$(section "$T/two.html" Losses | grep -oE 'h[01] d0" d="M[0-9. ]+L' | cut -c1,2 | sort | uniq -c | xargs)" "2 h0 2 h1"
is "and one axis" "$(section "$T/two.html" Losses | grep -c 'text-anchor="middle">3</text>')" 2
has "their names lose what is the same" "$T/two.html" "<title>b, training loss, epoch 2: "
has "which is said once" "$T/two.html" "^<p>in $T/</p>"
has "what differs is shown" "$T/two.html" '<th scope="row">search.epochs</th><td>3</td><td>2</td>'
has_not "what does not is not" "$T/two.html" '<th scope="row">net.channels</th>'
has "one run has no branches" "$T/two.html" ">1 of 2 runs has no numbers of this<"
is "one is the best" "$(grep -c '★ best' "$T/two.html")" 1
root=$PWD
cd "$T" || exit 1
ok "without --out it lies here" "$BUILD/taildart" report a b
cd "$root" || exit 1
is "as report.html" "$(grep -c '<h1>' "$T/report.html")" 1

# ---- interrupted and resumed ---------------------------------------------------------------

start c taildart search "${options[@]}" "${both[@]}" --set checkpoint.minutes=0 --out "$T/c"
until_true 60 grep -q '^0,' "$T/c/metrics.csv" || fail "c gets under way"
kill -USR2 "$(sed -n 's/^pid \([0-9]*\).*/\1/p' "$T/c/run.lock")"
status=0; wait "$started_pid" || status=$?
if [ "$status" -eq 85 ]; then
    ok "a run under way has a page" taildart report "$T/c"
    has "which says so" "$T/c/report.html" "not finished: [0-9]+ steps into epoch [1-3]"
    well_formed "and is well-formed" "$T/c/report.html"
else
    skip "a run under way has a page" "it ended before it was stopped"
fi
ok "it goes on" taildart search "${options[@]}" "${both[@]}" --set checkpoint.minutes=0 --out "$T/c"
ok "and has a page" taildart report "$T/c"
if [ "$(section "$page" "Architecture weights")" = "$(section "$T/c/report.html" "Architecture weights")" ]
then pass "the history is that of a run that nobody disturbed"
else fail "the history is that of a run that nobody disturbed"; fi

mkdir "$T/early"
start early taildart search "${options[@]}" --epochs 50 --set checkpoint.minutes=0 --out "$T/early/<&>"
until_true 60 test -s "$T/early/<&>/checkpoint.h5" || fail "early gets under way"
ok "a run at work has a page" taildart report "$T/early/<&>" --out "$T/early.html"
well_formed "with its name in order" "$T/early.html"
has "as it was typed" "$T/early.html" "early/&lt;&amp;&gt;"
kill "$started_pid"; wait "$started_pid" 2>/dev/null

# ---- refusals --------------------------------------------------------------------------------

refused "no run" 2 "RUN... is missing" taildart report
refused "an unknown option" 2 "unknown option" taildart report "$T/a" --output2 x
refused "an empty name" 2 "^taildart: --out" taildart report "$T/a" --out ""
for file in checkpoint.h5 config.yaml metrics.csv run.log starts.csv; do
    refused "$file, which pages are made of" 2 "$file: would be written over" taildart report "$T/b" "$T/a" --out "$T/a/$file"
done
refused "no such directory" 4 "^taildart: $T/none: cannot be read: No such file or directory; give" taildart report "$T/none"
refused "a file elsewhere" 4 "train-images-idx3-ubyte: not the directory of a run; give one$" taildart report "$T/data/train-images-idx3-ubyte"
refused "a file" 4 "checkpoint.h5: not the directory of a run; give $T/a$" taildart report "$T/a/checkpoint.h5"
mkdir "$T/empty"
refused "a directory without a run" 4 "^taildart: $T/empty: no checkpoint.h5" taildart report "$T/empty"
refused "the second of two" 4 "$T/empty" taildart report "$T/a" "$T/empty" --out "$T/none.html"
is "leaves no page" "$(ls "$T"/none.html* 2>/dev/null)" ""
mkdir "$T/bad"
echo damaged >"$T/bad/checkpoint.h5"
refused "a damaged checkpoint" 4 "^taildart: $T/bad/checkpoint.h5: " taildart report "$T/bad"
for form in "" --png; do
    # shellcheck disable=SC2086
    refused "a folder that is not there $form, before runs are read" 1 "nowhere/r" \
        taildart report "$T/bad" $form --out "$T/nowhere/r"
done
cp "$T/a/checkpoint.h5" "$T/a/checkpoint.prev.h5"
echo damaged >"$T/a/checkpoint.h5"
run taildart report "$T/a"
exits "the checkpoint before serves" 0
has "and is named" "$err" "^WARNING: .*checkpoint.h5: .*using .*checkpoint.prev.h5"
ok "help" taildart report --help
has "with examples" "$out" "taildart report runs/a runs/b --out"

done_testing
