#!/usr/bin/env bash
# Where the time of a run went: the table at its end, timing.json, columns of metrics.csv.
# shellcheck disable=SC2016   # the dollars are those of Perl
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
options=(--data "$T/data" "${tiny_net[@]}" --epochs 2)
sections="start data forward backward weight_reduction arch_reduction update validation checkpoint other"

# json NAME FILE CODE: perl with $t, the whole of it, and @all, its sections; wants true.
json() {
    if perl -MJSON::PP -0777 -e 'our $t = decode_json(<STDIN>); our @all = split / /, shift;
        exit !(eval shift // die $@)' "$sections" "$3" <"$2" 2>"$T/json"
    then pass "$1"; else fail "$1" "$(head -c 1500 "$2")" "$(cat "$T/json")"; fi
}
table() { sed -n '/^section /,/^wall clock /p' "$1"; }

# ---- the table ---------------------------------------------------------------------------

mpi 2 taildart search "${options[@]}" --out "$T/run"
exits "a search on 2 ranks" 0
for section in forward backward "weight reduction" "architecture reduction" validation checkpoint; do
    has "tells of its $section" "$out" "^$section( +[0-9.]+){4} %  [01]@"
done
has "and of the whole" "$out" "^wall clock( +[0-9.]+){3} 100.0 %$"
has "and of the reductions' speed" "$out" "^weight reduction: 20 of [0-9.]+ MB, [0-9.e-]+ GB/s"
has "before its last words" <(tail -n 1 "$out") "^done: "
has "with what is sent" "$out" "^  transfer( +[0-9.]+){4} %$"
has "and what waits, and for whom" "$out" "^  waiting for( +[0-9.]+){4} %  [01]@"
is "in lines of at most 80 columns" "$(table "$out" | awk 'length > 80')" ""
is "also in run.log" "$(table <(said "$T/run"))" "$(table "$out")"
is "the sections add up to the wall clock" "$(table "$out" |
    awk '/^wall/ { wall = $4 } NR > 1 && !/^(wall|  )/ { sub(/^[a-z ]+/, ""); sum += $2; rows++ }
         END { d = sum - wall; if (d < 0) d = -d; print (rows > 5 && d <= 0.0006 * rows) }')" 1

run taildart search "${options[@]}" --out "$T/alone"
exits "a search alone" 0
has "tells its seconds alone" "$out" "^forward +[0-9.]+ +[0-9.]+ %$"
has_not "and no speed of reductions" "$out" "GB/s"
mpi 2 taildart search --quiet "${options[@]}" --out "$T/quiet"
is "a quiet one tells nothing" "$(cat "$out")" ""
ok "but leaves timing.json" test -s "$T/quiet/timing.json"

# ---- timing.json -------------------------------------------------------------------------

json "timing.json tells who ran where, when and with what" "$T/run/timing.json" '
    my $s = $t->{starts}[0]; @{$t->{starts}} == 1 && $s->{date} =~ /^20\d\d-.*Z$/ &&
    $s->{commit} && $s->{mpi} && $s->{reduce} eq "blocking" && $s->{ranks} == 2 &&
    @{$s->{hosts}} == 1 && $s->{epochs} == 2'
json "its sections add up to the wall clock" "$T/run/timing.json" '
    my $s = $t->{starts}[0]{seconds}; my $sum = 0; $sum += $s->{$_}{avg} for @all;
    abs($sum - $s->{wall}{avg}) < 1e-4 && keys %$s == @all + 1'
json "what waits is less than what is spent" "$T/run/timing.json" '
    my $s = $t->{starts}[0]{seconds}; my $good = 1;
    for (@all) { my $x = $s->{$_};
        $good &&= $x->{min} <= $x->{avg} && $x->{avg} <= $x->{max} && $x->{waits} <= $x->{avg} + 1e-6 }
    $good && $s->{weight_reduction}{bytes} > 0 &&
    $s->{weight_reduction}{transfer} + $s->{weight_reduction}{wait} <= $s->{weight_reduction}{avg} + 1e-4'

# Of two ranks each is sent as many bytes as a sum has; with `ring` all when they are needed.
for kind in ring overlapped; do
    mpi 2 taildart search "${options[@]}" --epochs 1 --set net.channels=16 --set dist.reduce=$kind --out "$T/$kind"
    json "what came by rings is told, $kind" "$T/$kind/timing.json" '
        my $s = $t->{starts}[0]; $s->{ring_bytes} == 2 * $s->{seconds}{weight_reduction}{bytes} &&
        $s->{early_bytes} <= $s->{ring_bytes} && ($s->{reduce} ne "ring" || $s->{early_bytes} == 0)'
done
json "and nothing, where MPI sums" "$T/quiet/timing.json" '$t->{starts}[0]{ring_bytes} == 0'

# A run that goes on has a line more, and keeps the former ones.
cp "$T/run/timing.json" "$T/before.json"
mpi 1 taildart search "${options[@]}" --set data.shards=0 --epochs 3 --out "$T/run"
exits "it goes on alone" 0
json "timing.json has both starts" "$T/run/timing.json" '
    @{$t->{starts}} == 2 && $t->{starts}[0]{ranks} == 2 && $t->{starts}[1]{ranks} == 1'
is "the first unchanged" "$(sed -n 2p "$T/run/timing.json")" "$(sed -n '2s/$/,/p' "$T/before.json")"
echo "no JSON" >"$T/run/timing.json"
mpi 1 taildart search "${options[@]}" --set data.shards=0 --epochs 4 --out "$T/run"
exits "a file that no run wrote" 0
json "is made anew" "$T/run/timing.json" '@{$t->{starts}} == 1'

# ---- trace.json --------------------------------------------------------------------------

mpi 2 taildart search "${options[@]}" --set run.trace=5 --out "$T/traced"
exits "a search with a trace" 0
ok "leaves no file without one" test ! -e "$T/run/trace.json"
json "one process per rank, by name" "$T/traced/trace.json" '
    my @names = grep { $_->{ph} eq "M" && $_->{name} eq "process_name" } @{$t->{traceEvents}};
    "@{[map { $_->{pid} . $_->{args}{name} } @names]}" =~ /^0rank 0 @ \S+ 1rank 1 @ \S+$/'
json "five steps of each, all sections in order, one at a time" "$T/traced/trace.json" '
    my $good = 1;
    for my $rank (0, 1) {
        my @x = grep { $_->{ph} eq "X" && $_->{pid} == $rank } @{$t->{traceEvents}};
        my (%steps, %names); $steps{$_->{args}{step}}++, $names{$_->{name}}++ for @x;
        $good &&= keys %steps == 5 && $names{forward} == 10 && $names{"weight reduction"} == 5;
        $good &&= $x[$_]{ts} >= $x[$_ - 1]{ts} + $x[$_ - 1]{dur} - 0.01 for 1 .. $#x }
    $good'
mpi 2 taildart search "${options[@]}" --set run.trace=1000 --out "$T/long"
json "steps that a run does not have are not waited for" "$T/long/trace.json" '
    my @x = grep { $_->{ph} eq "X" && $_->{name} eq "weight reduction" } @{$t->{traceEvents}}; @x == 40'

# ---- metrics.csv -------------------------------------------------------------------------

# sums FILE: seconds, and the sum of the sections, a row of both a line.
sums() {
    awk -F, -v names="$sections" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i
            n = split(names, name, " "); next }
        { sum = 0; for (i = 1; i <= n; i++) if (name[i] "_seconds" in at) sum += $at[name[i] "_seconds"]
          printf "%.9g %.9g\n", $at["seconds"], sum }' "$1"
}
# The run of 2 ranks was ended by others: its first two rows are its own.
is "the columns of an epoch add up to its seconds" "$(sums "$T/run/metrics.csv" |
    awk '{ d = $1 - $2; if (d < 0) d = -d } d > 1e-5 * $1 || !($2 > 0)')" ""
is "an epoch a row" "$(sums "$T/run/metrics.csv" | wc -l)" 4
is "all with the imbalance, and who is slow" "$(column "$T/run/metrics.csv" slowest_rank | grep -c '^[01]$')" 4
is "which is none alone" "$(column "$T/run/metrics.csv" imbalance | tail -n 2 | sort -u)" "0"

# A row from before there were these columns.
old=$(cut -d, -f1-21 "$T/quiet/metrics.csv")
printf '%s\n' "$old" >"$T/quiet/metrics.csv"
run taildart report "$T/quiet" --out "$T/report.html"
exits "report reads a metrics.csv without them" 0
has_not "without a word" "$out" "no rows"

# Ranks that wait for each other on two cores: their waiting is a part of the whole.
for ranks in 8 16; do
    mpi "$ranks" taildart search "${options[@]}" --out "$T/p$ranks"
    exits "a search on $ranks ranks" 0
    is "$ranks ranks: comm_seconds is a part of seconds" "$(awk -F, 'NR == 1 {
        for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 && $at["comm_seconds"] > $at["seconds"]' \
        "$T/p$ranks/metrics.csv")" ""
done

done_testing
