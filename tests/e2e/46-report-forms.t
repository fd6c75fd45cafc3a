#!/usr/bin/env bash
# `taildart report` without a page: curves in the terminal, pictures, event files; and the
# page shown in a browser.
. "$(dirname "$0")/lib.sh"
unset BROWSER DISPLAY WAYLAND_DISPLAY NO_COLOR COLUMNS LC_ALL LC_CTYPE
export LANG=C

tiny_idx "$T/data" 4 40
run taildart search --data "$T/data" "${tiny_net[@]}" --epochs 3 --out "$T/runs/a"
exits "a search to look at" 0
run taildart search --data "$T/data" "${tiny_net[@]}" --epochs 2 --seed 2 --out "$T/runs/it's \"b\""
exits "and another" 0
a=$T/runs/a b="$T/runs/it's \"b\""
root=$PWD

# ---- in the terminal -------------------------------------------------------------------------

ok "--term" taildart report "$a" --term
has "has the run's figures" "$out" "^  3 of 3 epochs, top-1 $(printf '%.4f' "$(final "$a" valid_top1)"), "
has "the loss" "$out" "^loss \(nats\)"
has "with a key" "$out" "^  1 validation  2 training"
has "the accuracy" "$out" "^accuracy \(share of images\)"
has "over the epochs" "$out" "^ +1 +2 +3$"
has "and the cell" "$out" "^    node 0 = [a-z_0-9]+\(c_\{k-[12]\}\) \+ [a-z_0-9]+\(c_\{k-[12]\}\)$"
is "as genotype has it" "$(grep -c "node [01] = " "$out")" 4
is "nothing but ASCII" "$(LC_ALL=C grep -c '[^ -~]' "$out")" 0
is "no page is written" "$(ls "$a/report.html" 2>/dev/null)" ""
ok "in a terminal of two columns" env COLUMNS=2 taildart report "$a" "$b" --term
ok "with UTF-8" env LANG=C.UTF-8 COLUMNS=60 taildart report "$a" "$b" --term
has "it is braille in a frame" "$out" "┤.*[⠁-⣿]"
has "one line per run" "$out" "^  1 a  2 it's \"b\"$"
wide=$(sed 1,4d "$out" | LC_ALL=C.UTF-8 wc -L)
is "as wide as the terminal" "$((wide > 55 && wide <= 60))" 1
has_not "and no colours where nobody looks" "$out" $'\033'
if command -v script >/dev/null && TERM=xterm script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    watched() { env TERM=xterm "$@" script -qec "taildart report '$a' --term" /dev/null >"$T/watched" </dev/null; }
    watched COLUMNS=80
    has "a terminal has colours" "$T/watched" $'\033\\[34m1\033\\[0m validation'
    watched NO_COLOR=1
    has_not "not with NO_COLOR" "$T/watched" $'\033\\['
else skip "a terminal has colours" "script makes no terminal here"; fi

# ---- pictures --------------------------------------------------------------------------------

is_png() { is "$1" "$(head -c 4 "$2" | tail -c 3) $(tail -c 8 "$2" | head -c 4)" "PNG IEND"; }
if command -v gnuplot >/dev/null && command -v dot >/dev/null; then
    ok "--png" taildart report "$a" --png
    is "says what it wrote" "$(cat "$out")" \
        "$(printf '%s\n' "$a/report.gp" "$a/report.png" "$a/report-cell.dot" "$a/report-cell.png")"
    is_png "the curves" "$a/report.png"
    is_png "and the cell are pictures" "$a/report-cell.png"
    ok "of two, by a name" taildart report "$a" "$b" --png --out "$T/two.png"
    is_png "lie where they should" "$T/two.png"
    is_png "with the cell of each" "$T/two-cell-2.png"
    echo mine >"$T/mine.png"
    refused "a file of the user's" 2 "mine.png" taildart report "$a" --png --out "$T/mine.png"
    is "nothing is put beside it" "$(ls "$T"/mine*)" "$T/mine.png"
else skip "--png" "gnuplot or Graphviz is not here"; fi
# Programs that note what they are asked to draw.
mkdir "$T/bin" "$T/drawers"
for program in gnuplot dot; do
    cat >"$T/drawers/$program" <<END
#!/bin/sh
cat >"$T/$program.seen"
echo "\$*" >"$T/$program.words"
printf '\\211PNG\\r\\n $program'
END
    chmod +x "$T/drawers/$program"
done
ok "--png asks gnuplot and dot" env PATH="$T/drawers:$PATH" taildart report "$b" "$a" --png --out "$T/asked"
is "for pictures" "$(cat "$T/gnuplot.words" "$T/dot.words" | xargs)" "-d - -Tpng"
is "by the scripts that lie there, too" \
    "$(cmp "$T/gnuplot.seen" "$T/asked.gp" && cmp "$T/dot.seen" "$T/asked-cell-2.dot" && echo same)" same
is "and keeps what they draw" "$(tail -n 1 "$T/asked.png") $(tail -n 1 "$T/asked-cell-2.png")" " gnuplot  dot"
has "with the numbers of the rows" "$T/asked.gp" "^3 $(printf '%.9g' "$(final "$a" valid_loss)") $(printf '%.9g' "$(final "$a" train_loss)") "
# shellcheck disable=SC2016   # gnuplot's word
is "each learning rate fills a panel of its own" \
    "$(grep -A1 "^set title 'learning rate" "$T/asked.gp" | sed -n 's/^set yrange .0:\(.*\).$/\1/p' | sort -gru | wc -l)" 2
has "names are no words of gnuplot's" "$T/asked.gp" "title 'it''s \"b\": validation'"
printf '#!/bin/sh\necho "gnuplot: no fonts" >&2\nexit 1\n' >"$T/drawers/gnuplot"
run env PATH="$T/drawers:$PATH" taildart report "$a" --png --out "$T/failed"
exits "a gnuplot that fails" 1
has "is named" "$err" "^taildart: gnuplot could not draw the curves; its own words are above"
is "and leaves no picture" "$(ls "$T"/failed*)" "$T/failed.gp"
ln -s "$BUILD/taildart" "$T/bin/taildart"
run env PATH="$T/bin" "$BUILD/taildart" report "$a" --png --out "$T/none"
exits "without gnuplot" 1
is "there is the script" "$(cat "$out") $(grep -c 'run_0 << EOD' "$T/none.gp")" "$T/none.gp 1"
has "and one line" "$err" "^taildart: cannot run gnuplot to draw the curves: No such file"
is "and a hint" "$(wc -l <"$err") $(tail -n 1 "$err")" \
    "2 install gnuplot (package gnuplot-nox), or draw the script elsewhere"
is "no picture" "$(ls "$T/none.png" 2>/dev/null)" ""

# ---- for TensorBoard -------------------------------------------------------------------------

# events FILE: time, step, tag and value of each scalar; checks lengths and checksums.
events() {
    perl -e '
        sub crc { my $c = 0xffffffff;
            for (unpack "C*", $_[0]) { $c ^= $_; $c = $c & 1 ? $c >> 1 ^ 0x82f63b78 : $c >> 1 for 1 .. 8 }
            return $c ^ 0xffffffff }
        sub masked { my $c = crc($_[0]); return ((($c >> 15) | ($c << 17)) + 0xa282ead8) & 0xffffffff }
        sub varint { my ($n, $shift) = (0, 0);
            while (1) { my $byte = ord substr $_[0], 0, 1, ""; $n |= ($byte & 127) << $shift;
                        return $n if $byte < 128; $shift += 7 } }
        sub fields { my ($m, %f) = @_;
            while (length $m) { my $key = varint($m); my $kind = $key & 7;
                push @{$f{$key >> 3}}, $kind == 0 ? varint($m) :
                    substr $m, 0, $kind == 1 ? 8 : $kind == 5 ? 4 : varint($m), "" }
            return \%f }
        crc("123456789") == 0xe3069283 or die "checksums are wrong here";
        local $/; my $file = <STDIN>;
        while (length $file) {
            my $head = substr $file, 0, 8, ""; my $length = unpack "Q<", $head;
            unpack("V", substr $file, 0, 4, "") == masked($head) or die "checksum of a length";
            my $data = substr $file, 0, $length, ""; length $data == $length or die "cut";
            unpack("V", substr $file, 0, 4, "") == masked($data) or die "checksum of an event";
            my $e = fields($data); my $time = unpack "d<", $e->{1}[0];
            print "version $e->{3}[0]\n" if $e->{3};
            for (map { @{fields($_)->{1}} } @{$e->{5} || []}) { my $v = fields($_);
                printf "%.1f %d %s %.6g\n", $time, $e->{2}[0], $v->{1}[0], unpack "f<", $v->{2}[0] }
        }' <"$1"
}

ok "--events" taildart report "$a/" "$b" --events
is "names files without a slash too many" "$(head -n 1 "$out")" "$a/events.out.tfevents.0.taildart"
file=$a/events.out.tfevents.0.taildart
is "a file in each run" "$(cat "$out")" "$(printf '%s\n' "$file" "$b/${file##*/}")"
events "$file" >"$T/events" 2>"$err"
is "which a reader reads" "$? $(head -n 1 "$T/events")" "0 version brain.Event:2"
scalars() { awk -v tag="$1" '$3 == tag { print $2, $4 }' "$T/events"; }
rows() { column "$a/metrics.csv" "$1" | awk '{ printf "%d %.6g\n", NR, $1 }'; }
is "the loss is that of the rows" "$(scalars loss/train)" "$(rows train_loss)"
is "and the balanced accuracy" "$(scalars accuracy/validation_balanced)" "$(rows valid_balanced_top1)"
is "and the rate" "$(scalars learning_rate/weights)" "$(rows lr_weights)"
has_not "what a run has not is not there" "$T/events" "mixing_ratio|nan"
near "the last is as old as the rows" "$(tail -n 1 "$T/events" | cut -d' ' -f1)" \
    "$(stat -c %Y "$a/metrics.csv")" 1.1
near "and the others as long before as epochs took" \
    "$(awk '$3 == "loss/train" { t[$2] = $1 } END { print t[3] - t[1] }' "$T/events")" \
    "$(column "$a/metrics.csv" seconds | awk 'NR > 1 { s += $1 } END { print s }')" 0.21
rm "$file"
ln -s "$T/elsewhere" "$file"
ok "a link in its place" taildart report "$a" --events
is "is not written through" "$(ls "$T/elsewhere" 2>/dev/null)" ""

# ---- in a browser ----------------------------------------------------------------------------

run taildart report "$a" --open
exits "without a browser" 1
is "the page is there" "$(cat "$out") $(grep -c '<h1>' "$a/report.html")" "$a/report.html 1"
has "and one line says why it is not shown" "$err" \
    "^taildart: --open: no browser: BROWSER is not set, and there is no display"
# A browser that notes its words.
cat >"$T/bin/browser" <<END
#!/bin/sh
for word; do printf "[%s]" "\$word"; done >"$T/shown"
END
chmod +x "$T/bin/browser"
mkdir "$T/xdg"
cp "$T/bin/browser" "$T/xdg/xdg-open"
shown() { cat "$T/shown" 2>/dev/null; rm -f "$T/shown"; }
ok "BROWSER is started" env BROWSER="$T/bin/browser" taildart report "$a" --open
is "with the page" "$(shown)" "[file://$a/report.html]"
ok "with options" env BROWSER="none-such:$T/bin/browser --new %s -x" taildart report "$a" --open
is "as it says, after one that is not there" "$(shown)" "[--new][file://$a/report.html][-x]"
ok "xdg-open serves a display" env PATH="$T/xdg:$PATH" DISPLAY=:0 taildart report "$a" --open
is "too" "$(shown)" "[file://$a/report.html]"
# shellcheck disable=SC2016   # no shell may run it
page='$(touch injected);`touch injected`&"'\''%s.html'
cd "$T" || exit 1
ok "a name that a shell would run" env BROWSER="$T/bin/browser" taildart report "$a" --open --out "$page"
cd "$root" || exit 1
is "is a name" "$(ls "$T/injected" 2>/dev/null) $(shown)" \
    " [file://$T/%24%28touch%20injected%29%3B%60touch%20injected%60%26%22%27%25s.html]"
run env BROWSER=false taildart report "$a" --open
has "a browser that fails is named" "$err" "^taildart: the browser false could not show file://"

# ---- refusals --------------------------------------------------------------------------------

refused "two forms at once" 2 "either --term or --png" taildart report "$a" --term --png
refused "--open of no page" 2 "--open goes with a page" taildart report "$a" --term --open
refused "--out of the terminal" 2 "--term takes no --out" taildart report "$a" --term --out "$T/x"
refused "a scaling study in the terminal" 2 "--scaling goes with a page" \
    taildart report --scaling "$T/x.csv" --term
refused "no run" 4 "none: cannot be read: No such file or directory" taildart report "$T/none" --term

done_testing
