#!/usr/bin/env bash
# What the command line promises: help, version, precedence of keys, --dry-run, genotype.
. "$(dirname "$0")/lib.sh"

# ---- help and version --------------------------------------------------------------

ok "taildart --help" taildart --help
for command in search genotype eval predict export data bench; do
    has "it lists $command" "$out" "^  $command +[a-z]"
done
has "it tells the exit statuses" "$out" "85 stopped"
has "it has an example" "$out" "^  (mpirun .*)?taildart search .*--out"
has_not "quietly" "$err" .
ok "-h is help" taildart -h
cp "$out" "$T/helped"
for words in "" help; do
    # shellcheck disable=SC2086   # no word, or one
    ok "taildart $words" taildart $words
    is "is the same" "$(cat "$out")" "$(cat "$T/helped")"
    has_not "quietly" "$err" .
done
mpi 2 taildart
is "taildart alone under mpirun helps once" "$status, $(grep -c '^Usage:' "$out")" "0, 1"

for command in search genotype eval predict export bench data; do
    ok "taildart $command --help" taildart "$command" --help
    has_not "quietly" "$err" .
    examples=$(grep -cE "^ +(mpirun .*)?taildart $command " "$out")
    if [ "$examples" -ge 2 ]; then pass "$command has two examples"
    else fail "$command has two examples" "found $examples"; fi
    ok "taildart $command --version" taildart "$command" --version
    has "it names itself" "$out" "^taildart [0-9]+\.[0-9]+"
done

# narrow NAME FILE: for a terminal of 80 columns.
narrow() {
    local wide
    wide=$(LC_ALL=C.UTF-8 awk 'length($0) > 80' "$2" | head -3)
    is "$1" "$wide" ""
}
# screen NAME FILE: and of 24 lines.
screen() {
    local lines
    lines=$(wc -l <"$2")
    if [ "$lines" -gt 0 ] && [ "$lines" -le 24 ]; then pass "$1"; else fail "$1" "$lines lines"; fi
}
for command in "" search train eval predict genotype export data "data import" "data info" "data draws" \
               report watch study bench; do
    # shellcheck disable=SC2086   # two words, or none
    run taildart $command --help
    exits "taildart $command --help" 0
    narrow "fits into 80 columns" "$out"
    screen "and 24 lines" "$out"
    has "and has examples" "$out" "^Examples:"
    cp "$out" "$T/helped"
    # shellcheck disable=SC2086
    run taildart help $command
    is "taildart help $command is the same" "$(cat "$out")" "$(cat "$T/helped")"
done
refused "help of no command" 2 "unknown command serach; the nearest is search" taildart help serach
run taildart --help
listed=$(sed -n '/^Exit status/,$p' "$out" | tr '\n' ' ' | grep -oE '(: |; )[0-9]+' | tr -dc '0-9\n' | tr '\n' ' ')
is "the exit statuses are those that there are" "$listed" "0 1 2 3 4 5 6 85 128 "
is "those of the table in README.md, too" \
    "$(sed -n '/^| exit status /,/^$/s/^| \([0-9]*\)\(+N\)\{0,1\} |.*/\1/p' README.md | tr '\n' ' ')" "$listed"
is "and all that the program has" \
    "$(sed -n '/TD_OK = 0/,/}/s/^ *TD_[A-Z]* = \([0-9]*\).*/\1/p' include/taildart/base.h | tr '\n' ' ')128 " "$listed"

for command in "" search train eval genotype data "data info" report study bench; do
    # shellcheck disable=SC2086   # two words, or none
    run taildart $command --version
    cp "$out" "$T/version"
    # shellcheck disable=SC2086
    ok "taildart $command -V" taildart $command -V
    is "is --version" "$(cat "$out")" "$(cat "$T/version")"
done
ok "taildart --version" taildart --version
narrow "fits into 80 columns" "$out"
for part in compiler MPI BLAS HDF5 commit; do has "it tells $part" "$out" "^$part +[^ ]"; done

# ---- help on keys and schedules ----------------------------------------------------

ok "help keys" taildart help keys
narrow "fits into 80 columns" "$out"
has_not "quietly" "$err" .
for group in dataset images network searching cell training weights-step architecture-step \
             loss branches ranks running timing; do
    has "tells group $group" "$out" "^  $group +[A-Z]"
    has "and its keys" "$out" "^[A-Z].* \($group\)$"
done
# One key per line, whatever it takes in the help.
sed '1,/^The data set/d' "$out" | awk '/^  [a-z]/ { if (key) print key; key = $0; next }
    /^      / { sub(/^ +/, " "); key = key $0 } END { print key }' >"$T/keys"
has "a key has limits, unit and default" "$T/keys" '^  search.batch .* 1 to 1048576 \(images\); default 64; option --batch; read by search'
has "names" "$T/keys" '^  data.sampler .* instance, class-balanced, square-root, reversed'
has "words for what its name shortens" "$T/keys" '^  weights.lr.start +learning rate of the weights where'
has "the default of a training" "$T/keys" '^  net.channels .* default 16 \(train: 36\)'
is "each stands there once" "$(awk '{ print $1 }' "$T/keys" | sort | uniq -d)" ""
ok "help on a group" taildart help keys weights.lr
has "tells its keys" "$out" '^  weights.lr.end '
has_not "and no other" "$out" '^  (arch|bbn|weights.decay)'
ok "on a part of names" taildart help keys lr
is "tells both rates" "$(grep -oE '^  [a-z]+\.lr\.start' "$out" | xargs)" "weights.lr.start arch.lr.start"
ok "help on a key" taildart help keys arch.betas
has "tells its default" "$out" '^  default +\[0.5, 0.999\]$'
set_option=$(sed -n 's/^  as option *//p' "$out")
is "and how it is set" "$set_option" '--set "arch.betas=[0.5, 0.999]"'
refused "help on no key" 2 'no group of keys is called wombats$' taildart help keys wombats
refused "on a mistyped one" 2 'weights.lr.strat; the nearest is weights.lr.start$' taildart help keys weights.lr.strat
refused "one word too many" 2 'help shapes: unexpected word lr' taildart help shapes lr

ok "help shapes" taildart help shapes
narrow "fits into 80 columns" "$out"
cp "$out" "$T/shapes"
run taildart help keys bbn.mixing.shape
read -ra shapes <<<"$(sed -n '/accepts/,/unit/p' "$out" | sed '$d; s/^ *accepts//; s/,//g' | xargs)"
is "there are shapes" "${shapes[0]-} ${#shapes[@]}" "constant 13"
for shape in "${shapes[@]}"; do
    has "draws $shape" "$T/shapes" "(^|  )$shape(  |$)"
done

# Under mpirun one process answers, without starting MPI.
mpi 2 taildart search --help
exits "search --help under mpirun" 0
is "is printed once" "$(grep -c '^Usage:' "$out")" 1
run env OMPI_MCA_pml=none taildart search --help
exits "help needs no working MPI" 0

# ---- --dry-run: every key, and precedence ------------------------------------------

tiny_idx "$T/data"
dry() { run taildart search --data "$T/data" "${tiny_net[@]}" --dry-run; }
# shown KEY: value and origin of a key in the last table.
shown() { awk -v key="$1" '$1 == key { print $2, $NF }' "$out"; }

dry
exits "a dry run" 0
has_not "is quiet on stderr" "$err" .
has "tells the parameters" "$out" "^parameters +[0-9]+$"
has "and the classes by name" "$out" '^classes +[a-z0-9 ]+ [0-9]+, '
has "and the time" "$out" '^time +about [0-9.]+ .* on hosts like this: [0-9]+ epochs? of [0-9]+ steps? of [0-9.e+-]+ ?'
has "and the work" "$out" '^work +[0-9.e+]+ million MACs per image'
has "and what is written" "$out" '^writes +the run directory \(--out\): checkpoint\.h5 of [0-9.]+ [kM]B, '
has "and the planned bytes" "$out" "^planned bytes +[0-9]+"
is "defaults say so" "$(shown weights.lr.start)" "0.025 default"
is "options say so" "$(shown net.channels)" "4 option"
is "units are shown" "$(awk '$1 == "search.batch" { print $3 }' "$out")" images
grep -E 'read by [a-z, ]*search' "$T/keys" | awk '{ print $1 }' | sort >"$T/helped"
dry
sed '/^$/q' "$out" | awk 'NR > 1 && NF { print $1 }' | sort >"$T/shown"
is "every key that help tells is in the table" "$(diff "$T/helped" "$T/shown")" ""
is "in columns" "$(sed '/^$/q' "$out" | awk 'NF == 4 && length($2) <= 24 { print index($0, " " $NF) }' | sort -u | wc -l)" 1
is "defaults first, then what was given" "$(sed '/^$/q' "$out" | awk 'NR > 1 && NF { print $NF }' | uniq | xargs)" "default option"
is "below it what may be long, then data, memory, time and files" \
    "$(sed '1,/^$/d' "$out" | grep -oE '^(tail|classes|data|planned bytes|memory|time|writes) ' | xargs)" \
    "tail classes data planned bytes memory time writes"
has_not "the sum of its bytes is said once" "$out" "^bytes .* sum$|^a host "

cat >"$T/a.yaml" <<END
seed: 5
search: {epochs: 11, batch: 8}
weights:
  lr: {start: 0.125, shape: linear}
arch: {betas: [0.25, 0.75]}
END
echo "search: {epochs: 12}" >"$T/b.yaml"
file_run() { run taildart search --data "$T/data" --set net.channels=4 --dry-run "$@"; }
file_run --config "$T/a.yaml"
is "a file beats the default" "$(shown seed)" "5 file"
is "deep in a group, too" "$(shown weights.lr.start)" "0.125 file"
is "the rest stays" "$(shown weights.lr.end)" "0.001 default"
file_run --seed 6 --config "$T/a.yaml"
is "an option beats the file behind it" "$(shown seed)" "6 option"
file_run --config "$T/a.yaml" --set seed=7
is "--set beats the file before it" "$(shown seed)" "7 option"
file_run --seed 6 --set seed=7 --seed=8
is "the last of repeated options wins" "$(shown seed)" "8 option"
file_run --config "$T/a.yaml" --config "$T/b.yaml"
is "a later file beats an earlier one" "$(shown search.epochs)" "12 file"
is "where both name the key" "$(shown search.batch)" "8 file"

file_run --epochs 3 --batch 16 --seed 4 --imbalance 2 --threads 1 --out "$T/o" --resume never
is "--epochs" "$(shown search.epochs)" "3 option"
is "--batch" "$(shown search.batch)" "16 option"
is "--imbalance" "$(shown data.imbalance)" "2 option"
is "--threads" "$(shown run.threads)" "1 option"
is "--out" "$(shown run.out)" "$T/o option"
is "--resume" "$(shown run.resume)" "never option"
is "--data" "$(shown data.path)" "$T/data option"
[ ! -e "$T/o" ]
is "a dry run makes no run directory" $? 0

mpi 2 taildart search --data "$T/data" "${tiny_net[@]}" --dry-run
exits "a dry run under mpirun" 0
is "is printed once" "$(grep -c '^parameters ' "$out")" 1

# The known size of the published network: 28x28 grey images of 10 classes.
tiny_idx "$T/ten" 10 8 2 28
run taildart search --data "$T/ten" --batch 16 --dry-run
has "parameters of the default network on one channel" "$out" "^parameters +1929754$"
# 3 channels: 1,930,618 is checked against the oracle elsewhere; it is 27*48-9*48 more.
is "which is the published count less the stem's" $((1930618 - 18 * 48)) 1929754

# ---- a search, its files, and genotype ---------------------------------------------

ok "a search of seconds" taildart search --data "$T/data" "${tiny_net[@]}" --out "$T/run" --seed 3
has "names the inputs of its nodes" "$out" '^normal  node 0 = [a-z_0-9]+\(c_\{k-[12]\}\) \+ [a-z_0-9]+\(c_\{k-[12]\}\)$'
run taildart search --data "$T/data" "${tiny_net[@]}" --dry-run --config "$T/run/config.yaml" \
    --seed 3 --out "$T/run"
exits "config.yaml is a configuration" 0
is "that holds the run's values" "$(shown seed)" "3 option"
is "whatever is not given again" "$(shown weights.lr.shape)" "cosine file"

ok "genotype" taildart genotype "$T/run/checkpoint.h5"
is "is genotype.txt" "$(cat "$out")" "$(cat "$T/run/genotype.txt")"
has "in the Python form" "$out" "^Genotype\(normal=\[\('[a-z_0-9]+', [01]\).*reduce_concat=range\(2, 4\)\)$"
ok "--format=python is the default" taildart genotype --format=python "$T/run/checkpoint.h5"
is "and the same" "$(cat "$out")" "$(cat "$T/run/genotype.txt")"
ok "JSON" taildart genotype "$T/run/checkpoint.h5" --format json
perl -MJSON::PP -e 'local $/; my $g = decode_json(<STDIN>); exit !(@{$g->{normal}} == 4 && $g->{nodes} == 2)' <"$out"
is "has two genes per node" $? 0
ok "DOT" taildart genotype "$T/run/checkpoint.h5" --format dot
has "is a graph" "$out" "^digraph "
ok "a genotype.txt serves as well" taildart genotype "$T/run/genotype.txt"
is "and gives itself" "$(cat "$out")" "$(cat "$T/run/genotype.txt")"
ok "to a file" taildart genotype "$T/run/checkpoint.h5" -o "$T/cell.json" --format json
[ ! -s "$out" ] && [ -s "$T/cell.json" ]
is "and nothing to stdout" $? 0
if command -v dot >/dev/null; then
    ok "SVG" taildart genotype "$T/run/checkpoint.h5" --format svg
    has "is a picture" "$out" "<svg"
else
    skip "SVG" "Graphviz is not installed"
fi
run taildart genotype "$T/run/checkpoint.h5" --output "$T/none/cell"
exits "an output that cannot be written" 1
if [ -w /dev/full ]; then
    status=0
    taildart genotype "$T/run/checkpoint.h5" >/dev/full 2>"$err" || status=$?
    exits "a full disk behind stdout is noticed" 1
    has "and said" "$err" "^taildart: cannot write to standard output"
    status=0
    taildart eval "$T/run/checkpoint.h5" --data "$T/data" >/dev/full 2>"$err" || status=$?
    exits "also of a longer command" 1
    has_not "with no other file's reason" "$err" "No such file"
fi

# ---- bench and eval take their keys ------------------------------------------------

run taildart bench --json --set bench.size=8 --set bench.steps=1 --set bench.warmup=0 \
    --set net.channels=4 --set net.cells=3 --batch 4
exits "bench --json" 0
perl -MJSON::PP -e 'local $/; my $b = decode_json(<STDIN>); exit !($b->{step_seconds} > 0)' <"$out"
is "prints one JSON object and nothing else" $? 0
run taildart bench --json --set bench.size=8 --set bench.steps=1 --set net.channels=4 \
    --set net.cells=3 --batch 4 --set weights.lr.start=1
exits "a key that bench does not read" 0
has "is a NOTE" "$err" "^NOTE: bench does not read weights.lr.start$"
ok "eval" taildart eval "$T/run/checkpoint.h5" --data "$T/data" --batch 7

# ---- how much is said --------------------------------------------------------------

run taildart search --data "$T/data" "${tiny_net[@]}" --out "$T/quiet" --quiet
exits "--quiet" 0
is "says nothing on stdout" "$(cat "$out")" ""

done_testing
