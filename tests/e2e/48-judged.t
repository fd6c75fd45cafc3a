#!/usr/bin/env bash
# A run is judged with what it learned with: its mean and deviation, its classes by name,
# its counts; data without a training part; what best.h5 is chosen by.
. "$(dirname "$0")/lib.sh"

# photos FOLDER COUNT PREFIX CLASS…: COUNT grey pictures of 8x8 pixels in each class
# folder, a bright bar whose row follows the first letter of the class.
photos() {
    perl -MCompress::Zlib -MFile::Path=make_path -e '
        my ($folder, $count, $prefix, @classes) = @ARGV;
        sub chunk { my $body = join "", @_; pack("N", length($body) - 4) . $body .
                    pack("N", crc32($body)) }
        for my $class (@classes) {
            make_path("$folder/$class");
            for my $i (1 .. $count) {
                my $rows = join "", map { my $y = $_;
                    pack("CC*", 0, map { ($y % 3 == ord($class) % 3 ? 180 : 0)
                        + (7 * $i + 13 * $y + 5 * $_ * $_) % 64 } 0 .. 7) } 0 .. 7;
                open my $f, ">:raw", "$folder/$class/$prefix$i.png" or die "$folder: $!";
                print $f "\x89PNG\r\n\x1a\n",
                    chunk("IHDR", pack("NNCCCCC", 8, 8, 8, 0, 0, 0, 0)),
                    chunk("IDAT", compress($rows)), chunk("IEND");
                close $f or die "$folder: $!"; } }' "$@"
}

# figures FILE: what eval prints but for the names of its inputs.
figures() { grep -vE "^(checkpoint|part)" "$1"; }

# The rarest class comes first in the alphabet.
photos "$T/photos/train" 6 a ant
photos "$T/photos/train" 24 a bee
photos "$T/photos/train" 12 a cat
photos "$T/photos/test" 5 t ant bee cat
search=(taildart search --set net.channels=4 --set net.cells=3 --set net.nodes=2 --batch 8)
ok "a search" "${search[@]}" --epochs 6 --set weights.lr.start=0.1 --data "$T/photos" --out "$T/run"
saved=$T/run/checkpoint.h5
ok "its eval" taildart eval "$saved" --data "$T/photos" --per-class --csv "$T/own.csv" \
    --confusion "$T/own-confusion.csv" --logits "$T/own.h5"
figures "$out" >"$T/own"

# ---- groups follow counts -----------------------------------------------------------------

is "the rarest class is in the last third, whatever its number" \
    "$(awk '$1 ~ /^[0-9]+$/ { print $7, $6 }' "$T/own" | tr '\n' ';')" \
    "ant few;bee many;cat medium;"
is "and in the figures of the thirds" "$(column "$T/own.csv" range_few)" \
    "$(awk '$1 == "0" { printf "%.6f", $3 }' "$T/own")"

# ---- mean and deviation -------------------------------------------------------------------

mkdir "$T/dark"
cp -r "$T/photos/test" "$T/dark/test"
for class in ant bee cat; do
    grey_png "$T/dark/train/$class/1.png" 8 $(seq 64)
    grey_png "$T/dark/train/$class/2.png" 8 $(seq 2 65)
done
ok "equal test pictures beside dark training pictures" taildart eval "$saved" \
    --data "$T/dark" --per-class --logits "$T/dark.h5"
is "have equal figures" "$(figures "$out")" "$(cat "$T/own")"
if cmp -s "$T/own.h5" "$T/dark.h5"; then pass "and equal logits"; else fail "and equal logits"; fi

# ---- classes by name ------------------------------------------------------------------------

cp -r "$T/photos" "$T/renamed"
mv "$T/renamed/train/ant" "$T/renamed/train/zebra"
mv "$T/renamed/test/ant" "$T/renamed/test/zebra"
refused "a class of another name" 3 "renamed: class 2, 'zebra', is none of the 3 that" \
    taildart eval "$saved" --data "$T/renamed"
cp -r "$T/photos" "$T/fewer"
rm -r "$T/fewer/train/cat" "$T/fewer/test/cat"
refused "a class less" 3 "fewer: 2 classes, without 'cat', which is class 2 of the 3" \
    taildart eval "$saved" --data "$T/fewer"
ok "the same as a file" taildart data import "$T/photos" "$T/photos.h5"
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    cat >"$T/reorder.py" <<'END'
import shutil, sys, h5py, numpy
shutil.copy(*sys.argv[1:3])
with h5py.File(sys.argv[2], "r+") as f:
    names = f["class_names"][:]
    f["class_names"][...] = names[[2, 0, 1]]     # new class 0 is the former class 2
    for part in "train", "test":
        f[part + "/labels"][...] = numpy.array([1, 2, 0], "i4")[f[part + "/labels"][:]]
    f.attrs.pop("digest", None)
END
    ok "which another program reorders" /usr/bin/python3 "$T/reorder.py" "$T/photos.h5" "$T/order.h5"
    ok "classes in another order" taildart eval "$saved" --data "$T/order.h5" --per-class \
        --confusion "$T/order-confusion.csv" --logits "$T/order-logits.h5"
    is "are found by name" "$(figures "$out")" "$(cat "$T/own")"
    has "and told" "$err" "NOTE: .*order.h5 has the classes of .* in another order"
    if cmp -s "$T/own.h5" "$T/order-logits.h5"; then pass "with equal logits"; else fail "with equal logits"; fi
    is "so is the matrix" "$(cat "$T/order-confusion.csv")" "$(cat "$T/own-confusion.csv")"
    refused "a half of the run has its own order" 3 "not the images that" \
        taildart eval "$saved" --data "$T/order.h5" --part arch
else
    skip "classes in another order" "python3-h5py is not installed"
fi
tiny_idx "$T/numbers" 3 5
run taildart eval "$saved" --data "$T/numbers"
exits "a data set without names" 0
has "is compared by number, and that is told" "$err" "NOTE: .*numbers has no class names"

# ---- no training part ------------------------------------------------------------------------

for form in plain part; do
    folder=$T/$form
    [ "$form" = plain ] || mkdir "$folder"
    [ "$form" = plain ] || folder=$T/$form/test
    cp -r "$T/photos/test" "$folder"
    ok "class folders without training pictures, $form" taildart eval "$saved" \
        --data "$T/$form" --per-class
    is "give the figures of the test part, $form" "$(figures "$out")" "$(cat "$T/own")"
done
rm "$T"/plain/cat/*
ok "a class without a picture" taildart eval "$saved" --data "$T/plain" --per-class
has "has no accuracy" "$out" "^ +2 +0 +n/a +12 .* cat$"
rmdir "$T/plain/cat"
ok "and without its folder" taildart eval "$saved" --data "$T/plain"
has "is told" "$err" "NOTE: .*plain has no class 'cat'"
rm "$T"/numbers/train-*
ok "IDX files for testing alone" taildart eval "$saved" --data "$T/numbers" --per-class
figures "$out" >"$T/numbers.txt"
refused "nothing is searched on test images" 3 "numbers: 30 test images and none to learn from" \
    "${search[@]}" --data "$T/numbers" --out "$T/none"
refused "nor planned" 3 "none to learn from" "${search[@]}" --data "$T/numbers" --dry-run
ok "an import of test images" taildart data import "$T/numbers" "$T/numbers.h5"
ok "is evaluated, too" taildart eval "$saved" --data "$T/numbers.h5" --per-class
is "with the same figures" "$(figures "$out")" "$(cat "$T/numbers.txt")"
ok "and told of" taildart data info "$T/numbers.h5"
has_not "without a mean of nothing" "$out" "^(mean|std)"
for from in test test/..; do
    mkdir -p "$T/apart/test" && cp -r "$T/photos/test"/* "$T/apart/test"
    in=$T/apart/$from
    [ "$from" = test ] || in=$T/apart
    ok "pictures of $from become a file" taildart data import "$in" "$T/apart.h5" --size 8 --test
    ok "that is evaluated" taildart eval "$saved" --data "$T/apart.h5" --per-class
    is "as the pictures are" "$(figures "$out")" "$(cat "$T/own")"
done
ok "test pictures imported for training" taildart data import "$T/photos/test" "$T/trained.h5"
refused "are no test part, and the way out is told" 3 "trained.h5: holds training images only: .*import --test" \
    taildart eval "$saved" --data "$T/trained.h5"
refused "a training part is no test" 2 "import: --test, but .* has a training part" \
    taildart data import "$T/photos" "$T/parts.h5" --test
refused "nor is a data set a checkpoint" 4 "trained.h5: a data set, not a checkpoint" \
    taildart eval "$T/trained.h5" --data "$T/photos"
ok "a search on class folders" "${search[@]}" --epochs 1 --data "$T/photos/train" --out "$T/flat"
refused "its own pictures are no test part" 3 "holds the images that .* has learned from" \
    taildart eval "$T/flat/checkpoint.h5" --data "$T/photos/train"
ok "but its halves" taildart eval "$T/flat/checkpoint.h5" --data "$T/photos/train" --part arch

# ---- best.h5 ----------------------------------------------------------------------------------

# best MEASURE DIRECTION: the epoch (from 1) that metrics.csv names first.
best() {
    column "$T/$1/metrics.csv" "$2" | awk -v d="$3" 'NR == 1 || d * $1 > d * b { b = $1; n = NR }
        END { print n }'
}
train=(taildart train --genotype "$T/run/genotype.txt" --set net.channels=4 --set net.cells=3
    --batch 8 --epochs 6 --data "$T/photos" --set data.train_share=0.6 --set weights.lr.start=0.2)
for by in balanced top1 loss; do
    column=valid_${by}_top1 sign=1 title="balanced accuracy"
    [ "$by" != top1 ] || { column=valid_top1 title=top-1; }
    [ "$by" != loss ] || { column=valid_loss sign=-1 title=loss; }
    ok "a training whose best is by $by" "${train[@]}" --set "train.best=$by" --out "$T/$by"
    ok "its best.h5" taildart eval "$T/$by/best.h5" --data "$T/photos"
    has "is of the best epoch" "$out" "after $(best "$by" "$column" "$sign") epochs?, chosen by $title$"
done
ok "one more epoch" "${train[@]}" --epochs 7 --set train.best=top1 --out "$T/top1"
has_not "knows what the former were chosen by" "$err" "as older versions did"
ok "of a search, too" "${search[@]}" --epochs 1 --data "$T/photos" --out "$T/chosen"
ok "made longer" "${search[@]}" --epochs 2 --data "$T/photos" --out "$T/chosen"
has_not "nothing is said about a best.h5" "$err" "best.h5"
ok "other kernels go on" env TAILDART_ISA=generic "${train[@]}" --epochs 7 --set train.best=loss --out "$T/loss"
if grep -q "kernels generic" "$T/balanced/run.log"; then skip "which a NOTE tells" "this processor has no others"
else has "which a NOTE tells" "$err" "NOTE: .*was saved with the kernels for .* continues with those for generic: the bits"
fi
refused "another measure in the same run" 2 "train.best: 'loss' does not fit the run" \
    "${train[@]}" --set train.best=loss --out "$T/balanced"
ok "its page" taildart report "$T/balanced"
has "tells the measure" "$T/balanced/report.html" "<em>balanced accuracy, epoch"

done_testing
