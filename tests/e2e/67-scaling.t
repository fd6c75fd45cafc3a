#!/usr/bin/env bash
# What more ranks would bring: `taildart bench --mpi`, jobs/scaling-study.sh, and
# `taildart report --scaling` with the file that it reads.
. "$(dirname "$0")/lib.sh"

header=date,commit,hosts,mpi,ranks,threads,mode,batch,seconds_per_step,images_per_second
header+=,transfer_seconds,wait_seconds,efficiency,kind,label

# row RANKS MODE BATCH SECONDS KIND LABEL: a line of scaling.csv.
row() {
    echo "2026-01-31T12:00:00Z,abc1234,n1;n2,Open MPI v4.1.4,$1,2,$2,$3,$4,$(awk "BEGIN { print $3 / $4 }"),0.01,,,$5,$6"
}
{
    echo "$header"
    row 1 weak 64 0.5 measured default
    row 2 weak 128 0.625 measured default
    row 1 strong 64 0.5 measured default
    row 2 strong 64 0.25 measured default
    for ranks in 1 2 4 64; do row $ranks weak $((64 * ranks)) 0.5 predicted 25GbE; done
    row 64 weak 4096 0.55 simulated 25GbE
} >"$T/scaling.csv"

# ---- report --scaling ----------------------------------------------------------------------

ok "a page of scaling.csv" taildart report --scaling "$T/scaling.csv"
is "lies beside it" "$(tail -n 1 "$out")" "$T/scaling.html"
page=$T/scaling.html
if command -v xmllint >/dev/null; then ok "and is well-formed" xmllint --noout "$page"
else skip "and is well-formed" "xmllint is not here"; fi
has_not "no line of the table is longer than 80 columns" <(head -n -1 "$out") '^.{81}'
run taildart report --scaling "$T/scaling.csv"
has "the table has the speed-up" "$out" "^ +2 +128 +0\.625 +204\.8 +0\.01 +- +1\.6 +80\.0 %$"
for heading in "Weak scaling" "Strong scaling" Numbers; do
    has "the page has: $heading" "$page" "<h2>$heading</h2>"
done
is "time, speed-up, efficiency, weak and strong" "$(grep -c '<svg class="chart"' "$page")" 6
is "each with its ideal" "$(grep -c '^<path class="line ideal"' "$page")" $((3 * 3 + 3))
for unit in "seconds per step" speed-up efficiency; do
    is "the axis says: $unit" "$(grep -c "class=\"unit\".*>$unit<" "$page")" 2
done
is "and: ranks" "$(grep -c '>ranks</text>' "$page")" 6
for kind in measured predicted simulated; do
    has "the legend tells what is $kind" "$page" "</svg>$kind, 64 images"
    has "which has its own dashes" "$page" "^<path class=\"line l[0-9] $kind\" d"
done
has_not "nothing is fetched from anywhere" "$page" "https?:|<script|<link|@import|url\("
ok "it goes where --out says" taildart report --scaling "$T/scaling.csv" --out "$T/p.html"
has "whole" "$T/p.html" "</html>"

# ---- refusals of the report ------------------------------------------------------------------

refused "no such file" 3 "^taildart: $T/none.csv: " taildart report --scaling "$T/none.csv"
refused "runs and --scaling" 2 "either runs or --scaling" taildart report "$T" --scaling "$T/scaling.csv"
: >"$T/empty.csv"
refused "an empty file" 3 "empty.csv: there is no column \"date\" in line 1" taildart report --scaling "$T/empty.csv"
echo "$header" >"$T/header.csv"
refused "no rows" 3 "header.csv: there is no row in it" taildart report --scaling "$T/header.csv"
sed '1s/,ranks,/,processes,/' "$T/scaling.csv" >"$T/other.csv"
refused "a missing column" 3 "other.csv: there is no column \"ranks\" in line 1" taildart report --scaling "$T/other.csv"
sed '3s/,weak,/,feeble,/' "$T/scaling.csv" >"$T/bad.csv"
refused "a bad word" 3 "bad.csv: line 3: mode: found \"feeble\"; accepted: weak, strong" taildart report --scaling "$T/bad.csv"
refused "a program" 3 "taildart: .*: not a text|is larger" taildart report --scaling "$BUILD/taildart"
refused "a page on its file" 2 "scaling.csv" taildart report --scaling "$T/scaling.csv" --out "$T/scaling.csv"
echo mine >"$T/mine.html"
refused "a file that is no page stays" 2 "mine.html" taildart report --scaling "$T/scaling.csv" --out "$T/mine.html"

# ---- bench --mpi --------------------------------------------------------------------------

export OMP_NUM_THREADS=1
tiny=(--set net.channels=4 --set net.cells=3 --set net.nodes=2 --set bench.size=8 --set bench.steps=2)

mpi 2 taildart bench --mpi --json --batch 4 "${tiny[@]}"
exits "bench --mpi --json on 2 ranks" 0
# The members that the simulator and others read.
cat >"$T/check.pl" <<'END'
use JSON::PP; local $/; my $b = decode_json(<STDIN>);
sub want { my ($ok, $what) = @_; print "$what\n" unless $ok }
my ($ranks, $links) = @$b{qw(ranks_measured links)};
want(@$ranks == $b->{ranks}, "ranks");
want(!(grep { !($_->{gemm_flops} > 0 && $_->{passes_seconds} > 0 && $_->{passes_deviation} >= 0
    && $_->{host}) } @$ranks), "a rank's figures");
want($b->{slow_rank} < @$ranks, "slow_rank");
want(@$links == $b->{ranks} * ($b->{ranks} - 1) / 2, "links");
want(!(grep { !($_->{latency_seconds} > 0 && $_->{bandwidth} > 0
    && $_->{ranks}[0] < $_->{ranks}[1]) } @$links, $b->{slow_link}), "a link's figures");
want($b->{link}{latency_seconds} > 0 && $b->{link}{bandwidth} > 0, "link");
my %sums = map { $_->{name} => $_ } @{$b->{sums}};
want($sums{weights}{bytes} > 4 * $b->{parameters}, "weights and statistics");
want($sums{alphas}{bytes} > 0 && $sums{alphas}{bytes} < $sums{weights}{bytes}, "alphas");
want(!(grep { !($_->{seconds}{blocking} > 0 && $_->{calls_per_step} == 1) } values %sums), "sums");
my $m = $b->{step_model};
want($m->{fixed_seconds} >= 0 && $m->{image_seconds} >= 0 && $m->{noise} >= 0
    && $m->{add_seconds_per_byte} > 0 && $m->{reduce} eq "blocking", "step_model");
my @weak = grep { $_->{mode} eq "weak" } @{$b->{predicted}};
my @strong = grep { $_->{mode} eq "strong" } @{$b->{predicted}};
want(@weak == 23 && $weak[0]{ranks} == 2 && $weak[22]{ranks} == 4096, "weak");
want(!(grep { $_->{ranks} > $b->{batch} } @strong) && @strong >= 2, "strong");
want(!(grep { !($_->{efficiency} > 0 && $_->{seconds} > 0 && $_->{transfer_seconds} > 0
    && $_->{wait_seconds} >= 0) } @weak, @strong), "a prediction's figures");
want($b->{transfer_seconds} > 0 && $b->{wait_seconds} >= 0 && $b->{hosts} && $b->{mpi}
    && $b->{commit}, "the run's own");
END
is "has all members" "$(perl -MJSON::PP "$T/check.pl" <"$out" 2>&1)" ""

planned() { sed -n 's/.*"planned_bytes": \([0-9]*\).*/\1/p' "$out"; }
for norms in local shard; do
    mpi 2 taildart bench --mpi --json --batch 16 "${tiny[@]}" --set data.shards=16 --set dist.batchnorm=$norms
    exits "8 shards per rank, batch norms $norms" 0
    has "are told" "$out" '"shards": 16'
    eval "$norms=$(planned)"
done
# shellcheck disable=SC2154   # named by the loop
ok "each shard has sums of its own" test "$shard" -gt "$local"
refused_mpi 2 "shards that no rank can have" 2 "data.shards: 3 cannot be dealt to 2 ranks: try 4" \
    taildart bench --batch 12 --set data.shards=3
refused_mpi 2 "shards that a batch cannot fill" 2 "search.batch: 6 is not a multiple of the 4 shards: try 8" \
    taildart bench --batch 6 --set data.shards=4

mpi 3 taildart bench --mpi --batch 6 --strong 4096 "${tiny[@]}"
exits "bench --mpi on 3 ranks" 0
has_not "prints no line longer than 80 columns" <(sed '/^Measured on/,$!d' "$out") '^.{81}'
has "tells the links" "$out" "links   3 pairs, median on one host: latency .* us, bandwidth .* GB/s"
has "and names the slowest" "$out" "slowest: rank [01]@.* - rank [12]@"
has "the sums of this network" "$out" "sums    weights, .*, 1 per step"
has "by each reducer" "$out" "^ +blocking [0-9.e-]+ ms"
has "the ranks' speed, and the slowest" "$out" "GFLOP/s each \(median\); slowest rank [012]@"
has "the passes" "$out" "passes  .* ms: .* per image; they vary by .* %"
is "with a warning where they vary much" "$(awk '/they vary by/ { varies = $(NF - 1) > 20 } /^NOTE: passes vary/ { warned = 1 }
    END { print (varies + 0 == warned + 0) }' "$out")" 1
is "of which the slowest rank's are not below the mean" "$(awk '
    $1 == "passes" { mean = $2 } /slowest rank .* above the mean/ { print ($4 + 0 >= mean + 0) }' "$out")" 1
has "what is predicted is called so" "$out" "^Predicted, by the link measured"
has "with a warning where there is no network" "$out" "memory of one host: --link 25GbE"
is "a line for each of 23 numbers of ranks" "$(sed '/^Predicted/,$!d' "$out" | grep -cE '^ +[0-9]+( +[0-9.e+-]+){8}$')" 23

run taildart bench --mpi --batch 4 "${tiny[@]}"
exits "bench --mpi on one rank" 0
has "says what it lacks" "$out" "links   need two ranks to be measured"
has "and predicts nothing" "$out" "^Nothing is predicted without a link"
run taildart bench --csv strong --mpi --link 25GbE --label "a,b" --batch 4 "${tiny[@]}"
exits "a link that is named" 0
is "serves one rank, too" "$(column "$out" kind | sort | uniq -c | tr -s ' ' | paste -sd' ')" " 1 measured  4 predicted"
is "for as many ranks as there are images" "$(column "$out" ranks | paste -sd' ')" "1 1 2 3 4"
is "in the form of scaling.csv" "$(head -n 1 "$out")" "$header"
is "under their label" "$(column "$out" label | uniq)" "a;b"
cp "$out" "$T/rows.csv"
ok "which the report reads" taildart report --scaling "$T/rows.csv"

refused "a link that nobody knows" 2 '^taildart: --link: found "5G"; accepted: 1GbE, .*18e-6,2.8e9' \
    taildart bench --mpi --link 5G
refused "a mode that is none" 2 '^taildart: --csv: found "both"; accepted: weak, strong' taildart bench --csv both
refused "two forms" 2 "either --json or --csv" taildart bench --csv weak --json
refused "a link for nothing" 2 "need --mpi" taildart bench --link HDR
refused "a label for nothing" 2 "needs --csv" taildart bench --label x
refused "no images" 2 "strong.*found" taildart bench --mpi --strong 0
refused_mpi 2 "a bad link on two ranks" 2 "^taildart: --link: found" taildart bench --mpi --link 5G

# ---- jobs/scaling-study.sh with a bench that only says what it was asked ------------------------

mkdir "$T/bin"
cat >"$T/bin/taildart" <<END
#!/usr/bin/env bash
[ "\$1" != --version ] || { echo "commit   \${COMMIT:-abc1234}"; exit; }
[ "\$1" = bench ] || exec "$BUILD/taildart" "\$@"
echo "\$RANKS \$*" >>"$T/asked"
mode=\$3 label=\$5 batch=\$7
[ "\$RANKS" != 3 ] || { echo "taildart: no room for 3" >&2; exit 1; }
line() { echo "now,\${COMMIT:-abc1234},n,m,\$1,1,\$mode,\$2,0.5,\$((2 * \$2)),,,,\$3,\$label"; }
echo "$header"
line "\$RANKS" "\$batch" measured
[[ " \$* " != *" --mpi "* ]] || for ranks in 1 2 64 512; do
    line \$ranks \$([ \$mode = weak ] && echo \$((10 * ranks)) || echo 40) predicted
done
END
# shellcheck disable=SC2016   # the launcher expands it
printf '#!/bin/sh\nshift; export RANKS=$1; shift; exec "$@"\n' >"$T/bin/launcher"
chmod +x "$T"/bin/*
study() {
    run env TAILDART="$T/bin/taildart" LAUNCH="$T/bin/launcher" OUT="$T/s.csv" IMAGES=10 BATCH=40 "$@"
}

study jobs/scaling-study.sh 1 2 3 4 -- --set net.channels=4
exits "a count that fails makes the status 1" 1
has "and is told with its reason" "$err" "weak, 3 ranks: exit status 1: taildart: no room for 3"
is "the others are done" "$(grep -c measured "$T/s.csv")" 6
is "weak: the batch grows, strong: it stays" "$(grep measured "$T/s.csv" | cut -d, -f8 | paste -sd' ')" "10 20 40 40 40 40"
is "the options of bench name the series" "$(column "$T/s.csv" label | sort -u)" "--set net.channels=4"
is "predictions come from the largest count" "$(grep -c '^4 .* --mpi' "$T/asked")" 2
is "up to PREDICT ranks" "$(grep predicted "$T/s.csv" | cut -d, -f5 | paste -sd' ')" "1 2 64 1 2 64"
is "the header stands once" "$(grep -c '^date,' "$T/s.csv")" 1
has "and the report is made" "$out" "^weak: measured, 10 images per rank, 1 thread: --set net.channels=4 \(commit"
before=$(wc -l <"$T/s.csv")
: >"$T/asked"
study jobs/scaling-study.sh 1 2 4 -- --set net.channels=4
exits "again" 0
is "nothing is run" "$(cat "$T/asked")" ""
is "and nothing added" "$(wc -l <"$T/s.csv")" "$before"
has "as it says" "$err" "weak, 2 ranks: $T/s.csv has it"
study jobs/scaling-study.sh 8 -- --set net.channels=4
is "a count more is run alone" "$(cut -d' ' -f1 "$T/asked" | paste -sd' ')" "8 8"
: >"$T/asked"
study env COMMIT=def jobs/scaling-study.sh 1 -- --set net.channels=4
is "another commit is run" "$(grep -c ' --csv' "$T/asked")" 2
study env LABEL=mine jobs/scaling-study.sh 1
has "so is another label" "$T/s.csv" ",measured,mine$"

refused "a number that is none" 2 "scaling-study: found \"two\"; accepted" jobs/scaling-study.sh two
refused "images that are none" 2 "IMAGES=x: accepted" env IMAGES=x jobs/scaling-study.sh 1
refused "no program" 2 "TAILDART names the program" env TAILDART="$T/none" jobs/scaling-study.sh 1
cp "$T/header.csv" "$T/torn.csv"
printf 'now,abc' >>"$T/torn.csv"
refused "a torn line" 3 "torn.csv: its last line is not whole" env TAILDART="$T/bin/taildart" OUT="$T/torn.csv" jobs/scaling-study.sh 1
refused "another file" 3 "other.csv: its first line is not" env TAILDART="$T/bin/taildart" OUT="$T/other.csv" jobs/scaling-study.sh 1

# srun has two words of its own in front of -n RANKS.
# shellcheck disable=SC2016   # the launcher expands it
printf '#!/bin/sh\nshift 3; export RANKS=$1; shift; exec "$@"\n' >"$T/bin/srun"
chmod +x "$T/bin/srun"
run env TAILDART="$T/bin/taildart" OUT="$T/job.csv" PATH="$T/bin:$PATH" SLURM_JOB_ID=7 SLURM_NTASKS=5 \
    SLURM_JOB_NODELIST=n1 SLURM_SUBMIT_DIR="$PWD" SLURM_CPUS_PER_TASK=2 LAUNCHER=srun PREDICT=0 \
    bash jobs/slurm/scaling-study.sbatch
exits "the batch script" 0
is "doubles up to the job's ranks" "$(column "$T/job.csv" ranks | paste -sd' ')" "1 2 4 1 2 4"

# ---- and with the real one -----------------------------------------------------------------------

limit=900
run env TAILDART="$BUILD/taildart" OUT="$T/real.csv" IMAGES=2 BATCH=4 PREDICT=0 \
    jobs/scaling-study.sh 1 2 -- "${tiny[@]}"
exits "a study of 1 and 2 ranks" 0
is "has its rows" "$(column "$T/real.csv" ranks | paste -sd' ')" "1 2 1 2"
is "and its page" "$(grep -c '<svg class="chart"' "$T/real.html")" 6

done_testing
