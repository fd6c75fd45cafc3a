#!/usr/bin/env bash
# A folder of somebody's photos: pictures of any size, odd files among them, and parts by
# any of their names.
. "$(dirname "$0")/lib.sh"

# photo FILE HEIGHT WIDTH [VALUE]: a grey PNG, each pixel of VALUE plus its column.
photo() {
    local bytes
    mapfile -t bytes < <(seq 0 $(($2 * $3 - 1)) | awk -v w="$3" -v v="${4:-0}" '{ print v + $1 % w }')
    grey_png "$1" "$3" "${bytes[@]}"
}
# pixels FILE.h5 PART: its images, one per line (0: h5py is not installed).
pixels() {
    /usr/bin/python3 -c 'import h5py, sys
for image in h5py.File(sys.argv[1])[sys.argv[2] + "/images"]: print(*image.ravel())' "$1" "$2" 2>/dev/null || echo 0
}
has_h5py=$(/usr/bin/python3 -c 'import h5py' 2>/dev/null && echo yes)

# ---- any size ----------------------------------------------------------------------

photo "$T/photos/Train/cat/1.png" 4 8
photo "$T/photos/Train/cat/2.png" 12 6
photo "$T/photos/Train/dog/1.png" 40 30 100
photo "$T/photos/Train/dog/2.png" 4 4 200
photo "$T/photos/VALID/dog/1.png" 9 17
ok "pictures of any size" taildart data import "$T/photos" "$T/photos.h5" --size 4
has "become one" "$out" '^read .*: 4 training and 1 test images, 4x4x1, 2 classes'
has "by their middle, which is told" "$err" 'NOTE: 5 pictures, of them 4 not square \(the middle is kept\)$'
has "and which part is the test part" "$err" 'NOTE: .*/VALID is read as the test part'
if [ "$has_h5py" ]; then
    is "the middle of 4x8" "$(pixels "$T/photos.h5" train | head -n 1)" "$(for _ in 1 2 3 4; do echo 2 3 4 5; done | xargs)"
    is "4x4 as it is" "$(pixels "$T/photos.h5" train | sed -n 4p)" "$(for _ in 1 2 3 4; do echo 200 201 202 203; done | xargs)"
else
    skip "the middle" "python3-h5py is not installed"
fi
run taildart data import "$T/photos" "$T/large.h5" --size 9
exits "a size that some are smaller than" 3
has "how many are" "$err" '1.png: 4x8 pixels, less than --size 9.*take --size 4, or --skip-small, which leaves out the 3 pictures that are smaller'
is "and nothing is written" "$(cd "$T" && ls -d large* 2>/dev/null)" ""

run taildart data import "$T/photos" "$T/six.h5" --size 6 --skip-small
exits "without those" 0
has "the others are read" "$out" '^read .*: 2 training and 1 test images, 6x6x1, 2 classes'
has "how many are left out is told" "$err" '^WARNING: 2 pictures are smaller than --size 6 and left out:$'
is "and which" "$(sed -n 's/^WARNING: .*photos\/\(.*\), less than --size 6$/\1/p' "$err" | xargs)" \
    "Train/cat/1.png: 4x8 pixels Train/dog/2.png: 4x4 pixels"
refused "without a size none is small" 2 '--skip-small goes with --size' \
    taildart data import "$T/photos" "$T/none.h5" --skip-small
refused "and that is said before the output is tried" 2 '--skip-small goes with --size' \
    taildart data import "$T/photos" "$T/missing/none.h5" --skip-small
run taildart data import "$T/photos" "$T/none.h5" --size 9 --skip-small
exits "a class of which none is left" 3
has "is named" "$err" '^taildart: .*/cat: no image that can be read is left: .*1.png: 4x8 pixels, less than --size 9'

photo "$T/six/a/1.png" 6 7
photo "$T/six/b/1.png" 12 12
run taildart data import "$T/six" "$T/large.h5" --size 8
has "the size that is proposed is a multiple of 4" "$err" '1.png: 6x7 pixels, less than --size 8.*take --size 4, or'
run taildart data info "$T/six"
has "as that of info" "$out" '--size 4$'

# ---- what an import would do -------------------------------------------------------

ok "info of several sizes" taildart data info "$T/photos/"
has "shows them" "$out" '^sizes +heights 4 to 40, widths 4 to 30, grey$'
has "by their heads, which is told" "$out" '^read +heads of files alone: an import finds those cut short$'
has "and what to type" "$out" "^import +taildart data import $T/photos/ photos.h5 --size 4\$"
is "and the classes" "$(awk 'on { print $2, $3, $4 } $1 == "class" { on = 1 }' "$out" | xargs)" "cat 2 0 dog 2 1"
has_not "but nothing of pixels" "$out" '^(mean|std|digest|shape) '
ok "it ends well where it is typed" \
    bash -c "cd '$T' && $(sed -n 's/^import *//p' "$out")"
ok "info with a tail" taildart data info "$T/photos" --imbalance 1
has "shows the halves" "$out" '^kept +4 = 2 for the weights \+ 2 for the architecture'
for side in 40 50; do photo "$T/my photo's/a/$side.png" "$side" 60; photo "$T/my photo's/b/$side.png" "$side" 60; done
ok "a name that a shell would take apart" taildart data info "$T/my photo's"
ok "is typed so that it does not" bash -c "cd '$T' && $(sed -n 's/^import *//p' "$out")"
has "and larger ones shrink to 32" "$out" '32x32x1, 2 classes'
for n in $(seq 12); do photo "$T/many/a/$n.png" 33 40; photo "$T/many/b/$n.png" 40 35; done
photo "$T/many/b/icon.png" 10 10
ok "info of pictures with a tiny one" taildart data info "$T/many"
has "proposes no size of one picture" "$out" '^import +taildart .* --size 32 --skip-small'
has "and says why" "$out" '^small +1 picture is below 32x32, which --skip-small leaves out$'
run taildart search --data "$T/photos" --out "$T/run" --dry-run
exits "a run takes one size" 3
has "and says how to make it" "$err" 'one size is needed, as .taildart data import --size 4. makes it'

# ---- odd files ---------------------------------------------------------------------

mkdir -p "$T/photos/__MACOSX/Train/cat"
for name in Train/cat/Thumbs.db Train/.DS_Store; do echo x >"$T/photos/$name"; done
echo hello >"$T/photos/Train/cat/notes.txt"
printf 'BM' >"$T/photos/Train/dog/3.bmp"
printf '\xff\xd8\xff' >"$T/photos/Train/dog/9.jpg"
ok "odd files do not stop an import" taildart data import "$T/photos" "$T/again.h5" --size 4
has "they are counted" "$err" '^WARNING: 3 files cannot be read and are left out:$'
is "and listed at the end" "$(grep -A 3 'left out:$' "$err" | tail -n 3 | sed 's|.*/Train/\([^:]*\):.*|\1|' | xargs)" \
    "cat/notes.txt dog/3.bmp dog/9.jpg"
has "with what to do" "$err" 'dog/3.bmp: no JPEG or PNG file .*: convert it'
has "those of systems are counted alone" "$err" 'NOTE: .*3 hidden and system files are not read'
is "and the images are the same" "$(taildart data info "$T/again.h5" | grep ^digest)" \
    "$(taildart data info "$T/photos.h5" | grep ^digest)"
run taildart data import "$T/photos" "$T/strict.h5" --size 4 --strict
exits "--strict refuses them" 3
has "and names the first" "$err" '/Train/cat/notes.txt: no JPEG or PNG file.*and 2 more files'

done_testing
