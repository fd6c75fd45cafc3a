#!/usr/bin/env bash
# What more ranks would bring: `taildart report --scaling`, and the file that it reads.
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
for unit in "seconds a step" speed-up efficiency; do
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

done_testing
