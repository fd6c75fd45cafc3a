#!/usr/bin/env bash
# A study: a grid of tiny real searches and trainings that survives a failing run, a kill
# and a stop, is shared among tasks, and ends in a table.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 40
methods="  - name: darts
  - name: bbn
    search: {bbn: {enabled: true}, arch: {lr: {shape: parabolic}}}
  - {name: random, genotype: random}"
# config NAME [EPOCHS=2] [LAUNCH]
config() { tiny_study "$1" "$methods" "${2:-2}" "${3:-}"; }
cell() { echo "$T/$1/imbalance-10/$2/seed-$3"; }
# What must be equal between two studies: all figures but minutes.
figures() { cut -d, -f1-18,20 "$1/study.csv"; }

# A program whose trainings of bbn with seed 2 fail as long as $T/broken exists.
cat >"$T/program" <<END
#!/usr/bin/env bash
case "\$*" in
    train*bbn/seed-2*) [ ! -e "$T/broken" ] || { echo "taildart: train: out of luck" >&2
        echo "some other line" >&2; exit 1; } ;;
esac
exec taildart "\$@"
END
chmod +x "$T/program"

# ---- commands first ------------------------------------------------------------------------

config whole 2 "mpirun -n 2"
ok "--dry-run" taildart study "$T/whole.yaml" --dry-run
is "has the commands of every cell" "$(grep -c "taildart " "$out")" 18
has "with ranks for the search" "$out" \
    "^mpirun -n 2 .*taildart search --data .* --set bbn.enabled=true --set arch.lr.shape=parabolic --out"
is "and starts nothing" "$(ls -d "$T/whole" 2>/dev/null)" ""
ok "--only and --task choose" taildart study "$T/whole.yaml" --dry-run --only bbn,darts --task 2/2
is "from the grid" "$(grep '^#' "$out" | cut -d' ' -f3 | paste -sd' ')" \
    "imbalance-10/bbn/seed-1 imbalance-10/bbn/seed-2"
for task in 1 2 3 4; do taildart study "$T/whole.yaml" --dry-run --task $task/4; done >"$T/tasks"
is "four tasks have the grid, each cell once" "$(grep '^#' "$T/tasks" | cut -d' ' -f3 | sort -u | wc -l) $(grep -c '^#' "$T/tasks")" "6 6"

# ---- what it must not write through -------------------------------------------------------

config links
run taildart study "$T/links.yaml" --only darts --task 1/2 --program false
ln -sf "$T/elsewhere" "$(cell links darts 1)/search.out"
run taildart study "$T/links.yaml" --only darts --task 1/2
exits "a link in the place of a step's output" 1
has "is named" "$err" "cannot open .*search.out: .*link"
is "and not followed" "$(ls "$T/elsewhere" 2>/dev/null)" ""
for variables in "OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0" "PMI_SIZE=2 PMI_RANK=0" \
    "SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0"; do
    # shellcheck disable=SC2086   # words of env
    refused "a study started by a launcher (${variables%%=*})" 2 "study: started by .*${variables%%=*}=" \
        env $variables taildart study "$T/links.yaml"
done

# ---- what would hinder every cell is found before the first one ---------------------------

config mine
mkdir "$T/mine"
echo "buy milk" >"$T/mine/notes.txt"
before() { refused "$1" 2 "$2" taildart study "$T/mine.yaml" "${@:3}"; }
before "a folder of the user's" "^taildart: $T/mine: holds notes.txt, which is no study's: "
before "tables alone, too" "^taildart: $T/mine: holds notes.txt, " --collect
is "nothing is put beside" "$(ls "$T/mine")" notes.txt
rm "$T/mine/notes.txt"
before "a launcher that is not there" "mine.yaml: launch: mpirum: no program of this name is in the PATH" \
    --launch "mpirum -n 2"
before "a path that is no program" "mine.yaml: launch: $T/mine.yaml: no program that can be started" \
    --launch "$T/mine.yaml -n 2"
before "a program that is not there" "mine.yaml: program: $T/none: no program that can be started" \
    --program "$T/none"
refused "a file in the folder's place" 1 "mine.yaml: out: $T/mine.yaml: Not a directory" \
    taildart study "$T/mine.yaml" --out "$T/mine.yaml"
is "an empty folder stays empty" "$(ls "$T/mine")" ""
cp "$T/mine.yaml" "$T/mine/mine.yaml"
run taildart study "$T/mine/mine.yaml" --only darts --task 1/2 --program true
has "the study's own file may lie there" "$err" "darts.*ended well, but its files are not complete"
run taildart study "$T/mine/mine.yaml" --only darts --task 1/2 --program true
has "and it goes on in its own folder" "$err" "darts.*ended well, but its files are not complete"

# ---- a run that another start holds is tried once more at the end --------------------------

config held
cat >"$T/holds" <<END
#!/bin/sh
case "\$*" in *seed-1*) seed=1 ;; *) seed=2 ;; esac
echo \$seed >>"$T/seeds"
[ \$seed = 2 ] && exit 1
[ "\$(grep -c 1 "$T/seeds")" -gt 1 ] && exit 3
echo "taildart: search: the run directory is in use by pid 3 on elsewhere" >&2
exit 2
END
chmod +x "$T/holds"
run taildart study "$T/held.yaml" --only darts --program "$T/holds"
is "a run that was held is tried again behind the others" "$(xargs <"$T/seeds")" "1 2 1"
has "its second end counts" "$err" "^taildart: 2 of 2 runs failed"

# ---- a whole study, one run of which fails -----------------------------------------------

touch "$T/broken"
run taildart study "$T/whole.yaml" --program "$T/program"
exits "one failing run does not stop a study" 1
has "the end says how many" "$err" "^taildart: 1 of 6 runs failed"
has "and which, with its own last words" "$err" "imbalance-10/bbn/seed-2 train: exit status 1: taildart: train: out of luck"
has "each step has a line before" "$out" "^\[6/6\] imbalance-10/random/seed-2 train: starts; about .* left"
has "and behind it" "$out" "^\[1/6\] imbalance-10/darts/seed-1 search: done in "
is "the others are done" "$(column "$T/whole/study.csv" state | sort | uniq -c | xargs)" "5 done 1 failed"
has "the table counts it" "$T/whole/study-table.csv" "^bbn,10,1,1,"
has "and people see it" "$T/whole/study-table.md" "^\| bbn \| 10 \| 1 \| .* \| 1 \|$"
has "what a control lacks is n/a" "$T/whole/study-table.md" "^\| random \| 10 \| 2 \| [0-9.]+ \(n=1\) \| n/a \| n/a \| [01]\.[0-9]{3} ± "
is "test accuracy is what eval says" "$(sed -n 2p "$(cell whole darts 1)/test.csv" | cut -d, -f1 | xargs printf '%.4f')" \
    "$(sed -n 's/^top-1 *//p' "$(cell whole darts 1)/eval.out")"
is "and in the table of runs" "$(column "$T/whole/study.csv" test_top1 | head -n 1 | xargs printf '%.4f')" \
    "$(sed -n 's/^top-1 *//p' "$(cell whole darts 1)/eval.out")"
is "with the thirds of the classes" "$(column "$T/whole/study.csv" test_range_few | head -n 1 | xargs printf '%.4f')" \
    "$(awk '$1 == "by" && $2 == "range" { print $5 }' "$(cell whole darts 1)/eval.out")"
is "images are those of the checkpoint, twice as many for two branches" \
    "$(column "$T/whole/study.csv" search_images | sed -n 2p)" \
    "$((2 * $(column "$T/whole/study.csv" search_images | sed -n 1p)))"
if [ -s "$T/whole/study.gp" ]; then pass "there is a script for gnuplot"
else fail "there is a script for gnuplot"; fi
has "whose ticks are whole epochs" "$T/whole/study.gp" '^set xtics norotate 1,1,[12]$'
if command -v gnuplot >/dev/null; then has "and a picture" "$T/whole/study.svg" "</svg>"
else
    has "and a note that nothing draws it" "$err" "gnuplot is not installed"
    is "nothing else comes of that" "$(ls "$T/whole/study.gp.err" 2>/dev/null)" ""
fi

has "its page says so" "$T/whole/study.html" "5 of 6 points done, <strong>1 failed</strong>"
has "and which one" "$T/whole/study.html" "<li>imbalance-10/bbn/seed-2: failed: train: exit status 1: taildart: train: out of luck"

rm "$T/broken"
ok "the same command tries it again" taildart study "$T/whole.yaml" --program "$T/program"
is "and nothing else" "$(grep -c starts "$out")" 2
has "all are done" "$T/whole/study-table.csv" "^bbn,10,2,0,"
ok "a finished study is finished" taildart study "$T/whole.yaml"
has_not "and starts nothing" "$out" "starts"
page=$T/whole/study.html
rm "$page"
ok "report takes the folder" taildart report "$T/whole/"
is "and writes its page" "$(cat "$out")" "$page"
has "which has all" "$page" "6 of 6 points done; 3 methods, 2 seeds, compared with darts"
has_not "and nothing to come" "$page" "not done"
has "with the figures of the table" "$page" \
    ">random</th><td>10</td><td>$(awk -F, '$1 == "random"' "$T/whole/study-table.csv" | cut -d, -f14 | xargs printf '%.3f') "
has "a dot a seed" "$page" "<title>seed 2: $(column "$T/whole/study.csv" test_balanced | sed -n 4p | xargs printf '%.3f')</title>"
has "differences to the control" "$page" "<h2>Differences to darts</h2>"
has "with what two seeds can show" "$page" "$(grep -o '^2 seeds can show differences above 0[.0-9]*' "$T/whole/study-table.md")"
has "and the searches" "$page" "<title>bbn, epoch 2: 0\.[0-9]+ \(2 seeds: "
has_not "from nowhere else" "$page" "https?:|<script|<link|@import|url\("
if command -v xmllint >/dev/null; then ok "it is well-formed" xmllint --noout "$page"
else skip "it is well-formed" "xmllint is not here"; fi
refused "a study beside a run" 2 "whole: the folder of a study: give it alone" \
    taildart report "$T/whole" "$(cell whole darts 1)/search"
refused "a study in the terminal" 2 "whole: the folder of a study, which has a page alone" \
    taildart report "$T/whole" --term
mkdir "$T/old"
cp "$T/whole/study.csv" "$T/old"
refused "the folder of an older study" 2 "old: the folder of a study, without its study-file.yaml" \
    taildart report "$T/old"
echo mine >"$page"
refused "a page of the user's" 2 "study.html: exists and is no" taildart report "$T/whole"
rm "$page"
ok "--collect" taildart study "$T/whole.yaml" --collect
has_not "starts nothing" "$out" "starts"

sed 's/shape: parabolic/shape: linear/' "$T/whole.yaml" >"$T/changed.yaml"
run taildart study "$T/changed.yaml"
exits "runs of a file that was changed since do not count" 1
has "the key is named" "$err" "bbn/seed-1 search: exit status 2: .*arch.lr.shape"
is "the others stand" "$(column "$T/whole/study.csv" state | sort | uniq -c | xargs)" "4 done 2 failed"
ok "with the file as it was they count again" taildart study "$T/whole.yaml"
is "all of them" "$(column "$T/whole/study.csv" state | sort | uniq -c | xargs)" "6 done"

# ---- kills and stops -----------------------------------------------------------------------

# The same grid in 150 epochs a search, so that there is time to disturb it.
config calm 150
config rough 150
start calm taildart study "$T/calm.yaml" --only darts --task 1/2
wait "$started_pid"
is "a study that nobody disturbs" "$?" 0

holder() { sed -n 's/^pid \([0-9]*\).*/\1/p' "$(cell rough darts 1)/run.lock"; }
under_way() { [ "$(wc -l <"$(cell rough darts 1)/search/metrics.csv")" -gt 2 ]; }
start rough taildart study "$T/rough.yaml" --only darts --task 1/2
until_true 60 under_way || fail "a search gets under way"
study=$(holder)
run taildart study "$T/rough.yaml" --only darts --task 1/2
exits "a second study leaves alone what the first one does" 0
has "and says who does it" "$err" "in use by pid $study .*skipped"
kill -KILL "$study"
wait "$started_pid" 2>/dev/null
ok "a study at work has a page" taildart report "$T/rough"
has "which says how far it is" "$T/rough/study.html" "0 of 6 points done"
# The search, asked by the kernel, saves and stops.
until_true 60 flock -n "$(cell rough darts 1)/search/run.lock" true
at=$(wc -l <"$(cell rough darts 1)/search/metrics.csv")
start stop taildart study "$T/rough.yaml" --only darts --task 1/2
further() { [ "$(wc -l <"$(cell rough darts 1)/search/metrics.csv")" -gt "$at" ]; }
until_true 60 further || fail "it goes on after a kill"
has "it goes on where it was" "$(cell rough darts 1)/search.out" "^continues +after"
kill -TERM "$(holder)"
status=0; wait "$started_pid" || status=$?
if [ "$(wc -l <"$(cell rough darts 1)/search/metrics.csv")" -lt 151 ]; then
    is "TERM stops it with 85" "$status" 85
    has "one line says so" "$T/stop.err" "stopped on request.*the same command continues"
    has "the search has saved" "$(cell rough darts 1)/search.err" "stopped on request"
else
    skip "TERM stops it with 85" "the search was faster"
fi
ok "the same command ends it" taildart study "$T/rough.yaml" --only darts --task 1/2
is "with the same figures" "$(figures "$T/rough" | grep darts,10,1)" "$(figures "$T/calm" | grep darts,10,1)"

# ---- refusals --------------------------------------------------------------------------------

refused "no file" 2 "FILE.yaml is missing" taildart study
refused "a file that is not there" 2 "^taildart: $T/none.yaml: .*No such file" taildart study "$T/none.yaml"
refused "an unknown method" 2 "\"bnn\"; the nearest is bbn" taildart study "$T/calm.yaml" --only bnn
refused "no task" 2 "^taildart: --task: found \"5/4\"" taildart study "$T/calm.yaml" --task 5/4
sed 's/enabled/enabeld/; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
refused "an unknown key" 2 "typo.yaml:15: unknown key bbn.enabeld; the nearest is bbn.enabled" \
    taildart study "$T/typo.yaml"
sed 's/genotype: random/genotype: none.txt/; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
refused "a missing genotype" 2 "typo.yaml:[0-9]+: random: genotype: none.txt: cannot be read" \
    taildart study "$T/typo.yaml" --dry-run
sed 's/genotype: random/genotype: DARTS_V3/; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
refused "an unknown genotype" 2 "typo.yaml:[0-9]+: random: genotype: found \"DARTS_V3\"; accepted: .*; or random" \
    taildart study "$T/typo.yaml"
sed 's/name: bbn/name: darts/; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
refused "a name twice" 2 "two methods have this name" taildart study "$T/typo.yaml"
sed '/seeds/d; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
refused "no seeds" 2 "no seeds" taildart study "$T/typo.yaml"
is "nothing was started" "$(ls -d "$T/typo" 2>/dev/null)" ""
run mpirun -n 1 taildart study "$T/calm.yaml"
exits "under mpirun" 2
has "the fix is told" "$err" "start it without mpirun"

sed 's/genotype: random/genotype: random, search: {net: {nodes: 3}}/; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
ok "a random cell may have nodes of its own" taildart study "$T/typo.yaml" --dry-run
has "as many as its method says" "$out" "genotype --random 1 --nodes 3"
sed 's/genotype: random/genotype: DARTS_V1, search: {net: {nodes: 2}}/; s/calm/typo/' "$T/calm.yaml" >"$T/typo.yaml"
refused "keys of a search that is not made" 2 "random: search: nothing is searched" \
    taildart study "$T/typo.yaml"
refused "data that are not there" 3 "data: $T/nowhere: No such file" \
    taildart study "$T/calm.yaml" --data "$T/nowhere"
cp -r "$T/data" "$T/untested"
rm "$T/untested"/t10k-*
refused "data without test images, before the first search" 3 \
    "data: $T/untested holds no test images" \
    taildart study "$T/calm.yaml" --data "$T/untested" --out "$T/untested.out"
run taildart study "$T/calm.yaml" --data no/such
has "a relative path counts from where the study is started, which is told" "$err" \
    "^paths in a study file count from the directory where the study is started"

# The same images by another name are the same study, others are not.
cp -r "$T/data" "$T/moved"
ok "the data set has moved" taildart study "$T/calm.yaml" --only darts --task 1/2 --data "$T/moved"
tiny_idx "$T/others" 4 30
run taildart study "$T/calm.yaml" --only darts --task 1/2 --data "$T/others"
exits "other images" 1
has "are told" "$(cell calm darts 1)/failed.txt" "holds other images"
ok "with the first ones it is done" taildart study "$T/calm.yaml" --only darts --task 1/2

# A longer search finds another cell: the old training does not pass for its own.
old=$(cell calm darts 1)
# shellcheck disable=SC2016
perl -pi -e 's/\x27(\w+)\x27/$1 eq "dil_conv_5x5" ? "\x27sep_conv_3x3\x27" : "\x27dil_conv_5x5\x27"/e' "$old/search/genotype.txt"
run taildart study "$T/calm.yaml" --only darts --task 1/2 --dry-run
is "--dry-run has the training, and the test behind it" "$(grep -oE 'taildart (search|train|eval) ' "$out" | xargs)" \
    "taildart train taildart eval"
run taildart study "$T/calm.yaml" --only darts --task 1/2
exits "another cell than was trained is trained" 0
is "the new one" "$(cat "$old/train/genotype.txt")" "$(grep Genotype "$old/search/genotype.txt")"
has "the old training is kept, which is told" "$err" "^NOTE: $old/train trained another cell .* kept as $old/train-1"
[ -s "$old/train-1/checkpoint.h5" ] || fail "it is there"

# The studies that come with taildart.
mapfile -t studies < <(grep -l '^methods:' jobs/configs/*.yaml)
is "the studies that come with taildart" "${#studies[@]}" 6
for file in "${studies[@]}"; do
    ok "$file is in order" taildart study "$file" --dry-run --out "$T/none"
done

done_testing
