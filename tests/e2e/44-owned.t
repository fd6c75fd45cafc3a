#!/usr/bin/env bash
# A run writes only into directories of its own: what people have lies where it lay.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 48
options=(--data "$T/data" "${tiny_net[@]}" --batch 12)
search=(taildart search "${options[@]}")

# same NAME FOLDER: byte for byte what kept() has noted, and nothing beside it.
sums() { (cd "$1" && find . -type f -exec cksum {} + | sort -k3; find . | sort); }
kept() { sums "$1" >"$T/.before"; }
same() {
    sums "$2" >"$T/.after"
    if cmp -s "$T/.before" "$T/.after"; then pass "$1"
    else fail "$1" "$(diff "$T/.before" "$T/.after")"; fi
}

# ---- folders of people ----------------------------------------------------------------------

mkdir "$T/mine"
printf 'data: {path: %s}\nnet: {channels: 4, cells: 3, nodes: 2}\nsearch: {epochs: 1, batch: 12}\n' \
    "$T/data" >"$T/mine/config.yaml"
echo "a,b" >"$T/mine/metrics.csv"
echo "half" >"$T/mine/draft.tmp"
kept "$T/mine"
refused "a folder with somebody's files" 2 "$T/mine: holds config.yaml, .*new or empty" \
    taildart search --config "$T/mine/config.yaml" --out "$T/mine"
same "they stay" "$T/mine"
ok "another folder takes the run" taildart search --config "$T/mine/config.yaml" --out "$T/mine/run"
rm -r "$T/mine/run"
same "they stay then, too" "$T/mine"

# ---- folders of runs -------------------------------------------------------------------------

run "${search[@]}" --out "$T/a"
exits "a run in a new folder" 0
echo "remember" >"$T/a/notes.txt"
echo "half" >"$T/a/notes.txt.tmp"
echo "half" >"$T/a/.checkpoint.h5.99-0123abcd.tmp"
run "${search[@]}" --out "$T/a" --epochs 2
exits "continues beside somebody's notes" 0
is "which stay" "$(cat "$T/a/notes.txt" "$T/a/notes.txt.tmp" | tr '\n' ' ')" "remember half "
is "what a killed run left half goes" "$(find "$T/a" -name ".checkpoint*")" ""
rm "$T/a/run.lock"
run "${search[@]}" --out "$T/a" --epochs 3
exits "a copy without its lock continues" 0

# ---- links in a folder that somebody sent ---------------------------------------------------

echo "precious" >"$T/precious"
for name in run.log run.lock metrics.csv config.yaml genotype.txt genotype.json genotype.dot \
    checkpoint.prev.h5
do
    cp -R "$T/a" "$T/sent"
    rm -f "$T/sent/$name"
    ln -s "$T/precious" "$T/sent/$name"
    run "${search[@]}" --out "$T/sent" --epochs 4
    is "$name: nothing is written through a link" "$(cat "$T/precious")" "precious"
    rm -r "$T/sent"
done

# ---- what is asked for costs nothing before it is done --------------------------------------

start million "${search[@]}" --epochs 1000000 --out "$T/million"
until_true 60 grep -q '^0,' "$T/million/metrics.csv" || fail "a long run gets under way"
kill -TERM "$(child_of "$started_pid")"
status=0; wait "$started_pid" || status=$?
is "a run of a million epochs is stopped" "$status" 85
rss=$(column "$T/million/metrics.csv" peak_rss_bytes | head -n 1)
if [ "$rss" -lt 250000000 ]; then pass "it has taken no memory for them"
else fail "it has taken no memory for them" "$rss bytes"; fi

# ---- what a finished run lacks is made good --------------------------------------------------

run "${search[@]}" --out "$T/whole" --epochs 2
exits "a run that is whole" 0
run "${search[@]}" --out "$T/whole" --epochs 2
exits "started again" 0
has_not "has nothing to make good" "$err" "made from the checkpoint"
cp -R "$T/whole" "$T/lacks"
sed -i '$d' "$T/lacks/metrics.csv"
echo "another" >"$T/lacks/genotype.json"
rm "$T/lacks/genotype.txt" "$T/lacks/config.yaml"
run "${search[@]}" --out "$T/lacks" --epochs 2
exits "a last row, a cell, a configuration that are gone" 0
has "are made good, which is said" "$err" "^NOTE: $T/lacks/metrics.csv .*made from the checkpoint"
for name in metrics.csv genotype.txt genotype.json genotype.dot config.yaml; do
    sed "s|$T/lacks|$T/whole|" "$T/lacks/$name" >"$T/.made"
    if cmp -s "$T/.made" "$T/whole/$name"; then pass "$name is as it was"
    else fail "$name is as it was" "$(diff "$T/.made" "$T/whole/$name")"; fi
done
rm "$T/lacks/metrics.csv"
mkdir "$T/lacks/metrics.csv"
run "${search[@]}" --out "$T/lacks" --epochs 2
exits "what cannot be made good is a failure" 1
has "that names it" "$err" "^taildart: $T/lacks/metrics.csv: cannot be written"

train=(taildart train --genotype "$T/whole/genotype.txt" --data "$T/data" --batch 12
    --set net.channels=4 --set net.cells=3 --epochs 1 --set data.train_share=0.5 --out "$T/trained")
ok "a training" "${train[@]}"
mv "$T/trained/best.h5" "$T/best.h5"
run "${train[@]}"
exits "whose best epoch is the last one, and gone" 0
has "is told" "$err" "^NOTE: $T/trained/best.h5 .*made from the checkpoint"
if cmp -s "$T/best.h5" "$T/trained/best.h5"; then pass "and made again, byte for byte"
else fail "and made again, byte for byte"; fi

# ---- checkpoints that are no files --------------------------------------------------------------

limit=20
mkfifo "$T/pipe.h5"
refused "a named pipe is no checkpoint, and not waited for" 4 "pipe.h5: cannot be read: it is a named pipe" \
    taildart genotype "$T/pipe.h5"
refused "nor is a device without an end" 4 "/dev/zero: cannot be read: it is a device" \
    taildart eval /dev/zero --data "$T/data"
cp -r "$T/whole" "$T/piped"
rm -f "$T/piped/checkpoint.h5" "$T/piped/checkpoint.prev.h5"
mkfifo "$T/piped/checkpoint.h5"
run "${search[@]}" --out "$T/piped" --epochs 2
exits "nor in a run's folder" 4
limit=300

# ---- outputs in the place of other files ------------------------------------------------------

cp "$T/a/checkpoint.h5" "$T/copy.h5"
ok "a data set" taildart data import "$T/data" "$T/data.h5"
cp "$T/data.h5" "$T/copy-data.h5"
echo "<p>mine</p>" >"$T/mine.html"
echo "x,y" >"$T/mine.csv"
# stays NAME REGEX COMMAND…: refused with 2, and nothing below $T has changed.
stays() {
    local name=$1 regex=$2; shift 2
    cp -p "$T/copy.h5" "$T/.copy"
    refused "$name" 2 "$regex" "$@"
    if cmp -s "$T/copy.h5" "$T/.copy" && cmp -s "$T/data.h5" "$T/copy-data.h5" &&
        [ "$(cat "$T/mine.html" "$T/mine.csv" | tr '\n' ' ')" = "<p>mine</p> x,y " ]
    then pass "$name: it stays"
    else fail "$name: it stays"; fi
}
stays "an import over a checkpoint" "copy.h5: exists|copy.h5 exists and is no data set" \
    taildart data import "$T/data" "$T/copy.h5"
ok "an import over a data set" taildart data import "$T/data" "$T/data.h5"
cp "$T/data.h5" "$T/copy-data.h5"
ln "$T/data.h5" "$T/hard.h5"
ln -s data.h5 "$T/soft.h5"
for same in data.h5 ./data.h5 hard.h5 soft.h5; do
    stays "an import over its own input, $same" "data.h5: would be written over" \
        taildart data import "$T/data.h5" "$T/$same" --size 4
done
rm "$T/hard.h5" "$T/soft.h5"
refused "two outputs of one name, written differently" 2 "new.csv: would be written over" \
    taildart eval "$T/a/checkpoint.h5" --data "$T/data" --csv "$T/new.csv" --confusion "$T/./new.csv"
stays "a page over a checkpoint" "copy.h5: exists and is no page" \
    taildart report "$T/a" --out "$T/copy.h5"
stays "a page over another page" "mine.html: exists and is no page" \
    taildart report "$T/a" --out "$T/mine.html"
ok "a page" taildart report "$T/a" --out "$T/page.html"
ok "a page over a page" taildart report "$T/a" --out "$T/page.html"
rm -f "$T/a/report.html"
ln -s "$T/precious" "$T/a/report.html"
run taildart report "$T/a/"
is "report.html: nothing is written through a link" "$(cat "$T/precious")" "precious"
rm -f "$T/a/report.html"
stays "a genotype over a checkpoint" "copy.h5: exists and is no genotype" \
    taildart genotype "$T/a/checkpoint.h5" -o "$T/copy.h5"
ok "a genotype over one" taildart genotype "$T/a/checkpoint.h5" -o "$T/a/genotype.json" --format json
judge=(taildart eval "$T/a/checkpoint.h5" --data "$T/data")
stays "measures over a table" "mine.csv: exists and is no table" "${judge[@]}" --csv "$T/mine.csv"
stays "a matrix over a checkpoint" "copy.h5: exists" "${judge[@]}" --confusion "$T/copy.h5"
stays "logits over a checkpoint" "copy.h5: exists and is no file of logits" \
    "${judge[@]}" --logits "$T/copy.h5"
stays "logits over a data set" "data.h5: exists" "${judge[@]}" --logits "$T/data.h5"
for _ in first second; do
    ok "files of an evaluation, over each other" "${judge[@]}" --csv "$T/e.csv" \
        --confusion "$T/c.csv" --logits "$T/l.h5"
done

# ---- studies ------------------------------------------------------------------------------

printf 'out: %s\ndata: %s\nseeds: [1]\nimbalance: [10]\nmethods: [{name: darts}]\n' \
    "$T/study" "$T/data" >"$T/study.yaml"
mkdir "$T/study"
echo "my,own,figures" >"$T/study/study.csv"
kept "$T/study"
refused "a study over somebody's study.csv" 2 "study.csv: exists and is no file of a study" \
    taildart study "$T/study.yaml"
refused "its tables over it" 2 "study.csv: exists" taildart study "$T/study.yaml" --collect
same "it stays" "$T/study"
rm "$T/study/study.csv"
ln -s "$T/precious" "$T/study/study.svg"
refused "a picture through a link" 2 "study.svg: is a link" taildart study "$T/study.yaml" --collect
rm "$T/study/study.svg"
for _ in first second; do ok "tables, over each other" taildart study "$T/study.yaml" --collect; done

# ---- ranks that continue, settings that do not -----------------------------------------------

mpi 5 "${search[@]}" --out "$T/a" --epochs 4
exits "5 ranks and batches of 12" 2
has "are told how many can" "$err" "5 ranks cannot continue .*start 4 ranks"
mpi 4 "${search[@]}" --out "$T/a" --epochs 4
exits "and these can" 0

done_testing
