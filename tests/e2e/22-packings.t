#!/usr/bin/env bash
# What people give instead of a data set, or around it: each is named with its fix, or
# taken, and nothing waits for a pipe.
. "$(dirname "$0")/lib.sh"
limit=30                         # nothing here takes long: a wait is a failure

# told NAME REGEX PATH: by info and import, and nothing is written.
told() {
    refused "$1: info" 3 "$2" taildart data info "$3"
    refused "$1: import" 3 "$2" taildart data import "$3" "$T/out.h5"
    is "$1: no file" "$(cd "$T" && ls -d out.h5* 2>/dev/null)" ""
}

# ---- files that are something else -------------------------------------------------

tiny_idx "$T/mnist" 4 3 2 4
mkdir "$T/files"
cd "$T/files" || exit 1
tar -cf set.tar -C "$T" mnist && gzip -k set.tar && cp set.tar.gz set.tgz
printf '\n<!DOCTYPE html><html>404</html>' >page.h5
gzip -c page.h5 >page.gz
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' >pointer.h5
perl -e 'print "PK\3\4", "\0" x 22, pack("v", 5), "\0\0x.npy"' >arrays.npz
printf 'PK\3\4.......' >pictures.zip
printf '\x93NUMPY\1\0' >array.npy
printf 'label,pixel1\n3,0\n' >table.csv
printf '\x80\x02}q\x01' >data_batch_1
: >empty.h5
cd - >/dev/null || exit 1
told "a tar archive" 'set.tar: an archive: .*tar -xf' "$T/files/set.tar"
told "a compressed one" 'set.tar.gz: an archive: .*tar -xf' "$T/files/set.tar.gz"
told "a .tgz" 'set.tgz: an archive: .*tar -xf' "$T/files/set.tgz"
told "a web page" 'page.h5: a web page .*fetch the file again' "$T/files/page.h5"
told "a compressed web page" 'page.gz: a web page' "$T/files/page.gz"
told "a pointer of git-lfs" 'pointer.h5: a git-lfs pointer .*git lfs pull' "$T/files/pointer.h5"
told "an .npz" 'arrays.npz: NumPy arrays: .*HDF5' "$T/files/arrays.npz"
told "an .npy" 'array.npy: NumPy arrays: .*HDF5' "$T/files/array.npy"
told "a ZIP archive" 'pictures.zip: a ZIP archive: .*unzip' "$T/files/pictures.zip"
told "a table" 'table.csv: a table of text: .*HDF5' "$T/files/table.csv"
told "a pickle" 'data_batch_1: a Python pickle: .*binary version' "$T/files/data_batch_1"
told "an empty file" 'empty.h5: an empty file' "$T/files/empty.h5"

cp -r "$T/mnist" "$T/saved"
cp "$T/files/page.h5" "$T/saved/train-images-idx3-ubyte"
told "a web page called IDX" 'train-images-idx3-ubyte: a web page' "$T/saved"
gzip -c "$T/files/page.h5" >"$T/saved/train-images-idx3-ubyte"
told "the same, compressed" 'train-images-idx3-ubyte: a web page' "$T/saved"
gzip -c "$T/mnist/train-images-idx3-ubyte" | gzip -c >"$T/saved/train-images-idx3-ubyte"
told "compressed twice" 'train-images-idx3-ubyte: compressed by gzip: .*gunzip' "$T/saved"

# ---- archives of CIFAR ---------------------------------------------------------------

# records FILE COUNT LABEL-BYTES: of CIFAR, with labels 0, 1, 2, …
records() {
    perl -e 'my ($n, $bytes) = @ARGV;
        print chr(7) x ($bytes - 1), chr($_ % 10), map { chr(($_ * 7 + $n) % 256) } 1 .. 3072 for 0 .. $n - 1' "$2" "$3" >"$1"
}
ten=$T/cifar/cifar-10-batches-bin hundred=$T/cifar/cifar-100-binary
mkdir -p "$ten" "$hundred"
for batch in 1 2 3 4 5; do records "$ten/data_batch_$batch.bin" 10 1; done
records "$ten/test_batch.bin" 10 1
printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck '' >"$ten/batches.meta.txt"
echo "see the page" >"$ten/readme.html"
records "$hundred/train.bin" 10 2
records "$hundred/test.bin" 3 2
archive() { tar -czf "$T/$1.tar.gz" -C "$T/cifar" "$2"; }
archive cifar-10-binary cifar-10-batches-bin
archive cifar-100-binary cifar-100-binary
tar -cf "$T/plain.tar" -C "$ten" .
mkdir "$T/own" && export TMPDIR=$T/own
facts() { taildart data info "$1" | grep -vE '^(data|source) '; }
is "CIFAR-10's archive is the folder in it" "$(facts "$T/cifar-10-binary.tar.gz")" "$(facts "$ten")"
has "with its names" <(facts "$T/cifar-10-binary.tar.gz") '^ +9  truck +5 +1$'
is "so is one without folder, not compressed" "$(facts "$T/plain.tar")" "$(facts "$ten")"
is "and CIFAR-100's" "$(facts "$T/cifar-100-binary.tar.gz")" "$(facts "$hundred")"
ok "it is imported" taildart data import "$T/cifar-10-binary.tar.gz" "$T/ten.h5"
is "as it is" "$(facts "$T/ten.h5")" "$(facts "$ten")"
ok "and learned from, as labels alone tell it" taildart search --data "$T/cifar-10-binary.tar.gz" --dry-run --batch 4
# shellcheck disable=SC2012
is "nothing is left of it" "$(ls "$T/own" | wc -l)" 0
rm "$T/ten.h5"
for lost in 4 1000; do
    head -c "-$lost" "$T/cifar-10-binary.tar.gz" >"$T/cut.tar.gz"
    told "one that lacks $lost bytes" 'cut.tar.gz: truncated, it ends before gzip.s checksum: fetch the file again' "$T/cut.tar.gz"
done
head -c 20000 "$T/plain.tar" >"$T/cut.tar"
told "one that was cut, not compressed" 'cut.tar: truncated, the archive has no end' "$T/cut.tar"
perl -pe 'BEGIN { $/ = undef } substr($_, 5, 1) = "x"' "$T/plain.tar" >"$T/bad.tar"
told "a damaged one" 'bad.tar: damaged, no header of tar' "$T/bad.tar"
mkdir "$T/cifar/in"
tar -cPf "$T/out.tar" -C "$T/cifar/in" ../cifar-10-batches-bin/test_batch.bin
rm -r "$T/cifar/in" && cp "$ten/test_batch.bin" "$T/kept" && rm "$ten/test_batch.bin"
run taildart data import "$T/out.tar" "$T/out.h5"
exits "a name that leads elsewhere" 0
is "leads nowhere" "$(cd "$T" && ls cifar/cifar-10-batches-bin/test_batch.bin ../test_batch.bin 2>/dev/null)" ""
rm "$T/out.h5" "$ten/data_batch_2.bin"
ln -s /etc/passwd "$ten/data_batch_2.bin"
archive link cifar-10-batches-bin
told "a link in the place of a file" 'link.tar.gz: data_batch_2.bin: not in the archive' "$T/link.tar.gz"
tar --hard-dereference -cf "$T/twice.tar" -C "$T/cifar" cifar-10-batches-bin/data_batch_1.bin -C "$ten" data_batch_1.bin
told "a name twice" 'twice.tar: two files are called data_batch_1.bin' "$T/twice.tar"
rm "$ten/data_batch_2.bin" && truncate -s 200M "$ten/data_batch_2.bin"
archive large cifar-10-batches-bin
told "a file larger than any of CIFAR's" 'large.tar.gz: data_batch_2.bin has 209715200 bytes, more than the' "$T/large.tar.gz"
mkdir "$T/cifar/cifar-10-batches-py" && cp "$T/files/data_batch_1" "$T/cifar/cifar-10-batches-py"
archive cifar-10-python cifar-10-batches-py
told "the version for Python" 'python.tar.gz: the Python version of CIFAR .*binary version.*cifar-10-binary.tar.gz' "$T/cifar-10-python.tar.gz"
unset TMPDIR

# ---- folders -----------------------------------------------------------------------

mkdir -p "$T"/{cifar-py/cifar-10-batches-py,cifar-100-python,raw,packed}
cp "$T/files/data_batch_1" "$T/cifar-py/cifar-10-batches-py"
told "CIFAR-10 as pickles" 'cifar-10-batches-py: the Python version of CIFAR .*binary version' \
    "$T/cifar-py/cifar-10-batches-py"
told "the folder above" 'cifar-10-batches-py: the Python version of CIFAR' "$T/cifar-py"
for name in train test meta; do cp "$T/files/data_batch_1" "$T/cifar-100-python/$name"; done
told "CIFAR-100 as pickles" 'cifar-100-python: the Python version of CIFAR' "$T/cifar-100-python"
cp -r "$T/mnist" "$T/raw/raw"
told "one folder too high" "raw: the data set is in the folder below: give $T/raw/raw\$" "$T/raw"
cp "$T/files/set.tar.gz" "$T/packed"
told "a folder with an archive" 'packed/set.tar.gz: an archive' "$T/packed"
taildart data import "$T/mnist" "$T/packed/a.h5" --quiet && rm "$T/packed/set.tar.gz"
told "a folder with an HDF5 file" 'a.h5: an HDF5 file: give it instead' "$T/packed"

# ---- what is no file ---------------------------------------------------------------

mkfifo "$T/pipe"
told "a pipe" 'pipe: cannot be read: it is a named pipe' "$T/pipe"
told "a device" 'null: cannot be read: it is a device' /dev/null
cp -r "$T/mnist" "$T/pipes"
rm "$T/pipes/train-labels-idx1-ubyte" && mkfifo "$T/pipes/train-labels-idx1-ubyte"
told "a pipe called IDX" 'train-labels-idx1-ubyte: cannot be read: it is a named pipe' "$T/pipes"
mkdir "$T/cifar-pipe" && mkfifo "$T/cifar-pipe/train.bin"
told "a pipe called CIFAR" 'train.bin: cannot be read: it is a named pipe' "$T/cifar-pipe"
for class in cat dog; do for i in 1 2; do grey_png "$T/photos/$class/$i.png" 4 {1..16}; done; done
cp -r "$T/photos" "$T/photos-pipe" && mkfifo "$T/photos-pipe/cat/3.png"
ok "a pipe among pictures is left out" taildart data import "$T/photos-pipe" "$T/piped.h5"
has "and named" "$err" 'cat/3.png: cannot be read: it is a named pipe'

# ---- permission --------------------------------------------------------------------

as_nobody=()
[ "$(id -u)" -ne 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
chmod 755 "$T"
cp -r "$T/mnist" "$T/closed" && chmod 000 "$T/closed"
cp -r "$T/mnist" "$T/listed" && chmod 744 "$T/listed"
cp -r "$T/mnist" "$T/unread" && chmod 000 "$T/unread/t10k-labels-idx1-ubyte"
cp -r "$T/photos" "$T/class" && chmod 000 "$T/class/dog"
mkdir "$T/parts" && cp -r "$T/photos" "$T/parts/train" && cp -r "$T/photos" "$T/parts/test"
cp -r "$T/parts" "$T/parts-closed" && chmod 000 "$T/parts-closed/train"
if "${as_nobody[@]}" taildart --version >/dev/null 2>&1; then
    denied() { refused "$1" 3 "$2: cannot be (opened|read): Permission denied" "${as_nobody[@]}" taildart data info "$3"; }
    denied "a folder without permission" closed "$T/closed"
    denied "a folder that can be listed alone" listed "$T/listed"
    denied "a file without permission" t10k-labels-idx1-ubyte "$T/unread"
    denied "a file in a closed folder" closed/train-images-idx3-ubyte "$T/closed/train-images-idx3-ubyte"
    denied "a class folder without permission" class/dog "$T/class"
    denied "a part without permission" parts-closed/train "$T/parts-closed"
    run taildart search --data "$T/photos" "${tiny_net[@]}" --epochs 1 --batch 2 --out "$T/run"
    exits "a run of mine" 0
    cp "$T/run/checkpoint.h5" "$T/run/checkpoint.prev.h5" && chmod 600 "$T/run/checkpoint.h5"
    [ "$(id -u)" -eq 0 ] || chmod 000 "$T/run/checkpoint.h5"
    refused "an older checkpoint is no answer to one without permission" 4 \
        "run/checkpoint.h5: cannot be read: Permission denied" \
        "${as_nobody[@]}" taildart genotype "$T/run/checkpoint.h5"
    mkdir -m 555 "$T/not-mine"
    refused "a run directory without permission" 1 "cannot be made: Permission denied" \
        "${as_nobody[@]}" taildart search --data "$T/photos" "${tiny_net[@]}" --out "$T/not-mine/run"
else
    skip "what may not be read" "the program cannot be run by another user here"
fi
chmod -R u+rwX "$T"
refused "no folder" 3 'none: cannot be opened: No such file' taildart data info "$T/none"
refused "a file as a folder" 3 'pipe/a: cannot be opened: Not a directory' taildart data info "$T/pipe/a"

# ---- parts -------------------------------------------------------------------------

# shape NAME REGEX PATH: data info takes it and shows that.
shape() { run taildart data info "$3"; has "$1" "$out" "$2"; }
# as NAME…: the folder $T/as with these parts.
as() { rm -rf "$T/as"; mkdir "$T/as"; for part; do cp -r "$T/photos" "$T/as/$part"; done; }

for names in "Train Test" "TRAIN TEST" "training testing" "train test"; do
    # shellcheck disable=SC2086   # two names
    as $names
    shape "$names: the test part" '^test +4$' "$T/as"
    has "$names: the training part" "$out" '^classes +2$'
    has_not "$names: nothing to say" "$err" .
done
for name in val Valid VALIDATION; do
    as train "$name"
    shape "train and $name" '^test +4$' "$T/as"
    has "$name is the test part, and it is said" "$err" "NOTE: $T/as/$name is read as the test part"
done
as train test val
rm -r "$T/as/val/dog/2.png"
shape "all three" '^test +4$' "$T/as"
has "val is not read, and it is said" "$err" "NOTE: $T/as/val is not read"
as train extra
told "a folder beside the parts" 'as/extra: a folder of pictures beside train that is no part' "$T/as"
as train && cp -r "$T/photos/cat" "$T/as/cat"
told "a class beside the parts" 'as/cat: a folder of pictures beside train .*into train' "$T/as"
as train Training
told "two training parts" 'as: Training and train are both the training part' "$T/as"
as Test
told "a test part alone" 'as: a folder Test, but none called train' "$T/as"
as train && mkdir "$T/as/test" && cp "$T/photos/cat/1.png" "$T/as/test"
told "test pictures without classes" 'as/test/1.png: a picture in no class folder' "$T/as"
rm "$T/as/test/1.png"
told "an empty test part" 'as/test: no class folders' "$T/as"
mkdir -p "$T/deep" && cp -r "$T/parts" "$T/deep/one" && cp -r "$T/parts" "$T/deep/two"
told "a folder too high" 'deep/one/test: a folder in what should be a class folder' "$T/deep"
rm -rf "$T/as" && cp -r "$T/photos" "$T/as"
mv "$T/as/cat" "$T/as/train" && mv "$T/as/dog" "$T/as/test"
shape "classes called train and test" '^ +1  train +2 +0$' "$T/as"

# ---- what lies about ---------------------------------------------------------------

as train test
mkdir -p "$T/as/__MACOSX/train" "$T/as/docs"
for name in .DS_Store ._x.jpg train/Thumbs.db train/cat/desktop.ini train/cat/._1.png \
    test/dog/.DS_Store docs/how.txt labels.csv train/readme.txt; do echo x >"$T/as/$name"; done
shape "files of the system are passed over" '^training +4$' "$T/as"
is "and the pixels are the same" "$(grep ^digest "$out")" "$(taildart data info "$T/parts" | grep ^digest)"
has "and counted" "$err" "NOTE: $T/as: [0-9]+ hidden and system files are not read"
has "so is what lies beside" "$err" "NOTE: $T/as: 3 files and folders beside the parts or classes"
rm -rf "$T/as" && cp -r "$T/photos" "$T/as"
cp -r "$T/as/cat" "$T/as/Cat"
shape "names that differ in case" '^classes +3$' "$T/as"
has "are told" "$err" 'NOTE: .*(Cat and cat|cat and Cat) are two classes'
rm -r "$T/as/Cat" && mv "$T/as/dog" "$T/as/$(printf 'd\xffg')"
shape "a name that is no UTF-8" '^classes +2$' "$T/as"
mv "$T/as/cat" "$T/as/$(printf 'c\na\033[31mt')"
shape "a name with a line end" '^ +0  c(.x0a| )a.x1b.31mt ' "$T/as"
ok "is kept" taildart data import "$T/as" "$T/odd.h5"

done_testing
