#!/usr/bin/env bash
# Lists of pictures: which files there are, of which class, as long-tailed data sets ship.
. "$(dirname "$0")/lib.sh"

counts() { taildart data info "$1" | awk 'on { print $2, $3, $4 } $1 == "class" { on = 1 }' | xargs; }
digest() { taildart data info "$1" | grep ^digest; }

# The same pictures in class folders and under names that say nothing.
value=0 number=0
for part in train test; do
    for class in 0 2 10; do
        for i in 1 2 3; do
            value=$((value + 9)) number=$((number + 1))
            mapfile -t pixels < <(yes "$value" | head -n 16)
            grey_png "$T/folders/$part/$class/$i.png" 4 "${pixels[@]}"
            mkdir -p "$T/root/some $part"
            cp "$T/folders/$part/$class/$i.png" "$T/root/some $part/$number.png"
            echo "some $part/$number.png $class" >>"$T/$part.txt"
            echo "x;\"some $part/$number.png\";$class" >>"$T/$part.rows"
        done
    done
done
mkdir "$T/numbers" && mv "$T/folders"/* "$T/numbers/"
ok "folders" taildart data import "$T/numbers" "$T/folders.h5" --order name
ok "lists of paths and numbers" taildart data import "$T/root" "$T/lists.h5" \
    --list "$T/train.txt" --test-list "$T/test.txt"
is "are the classes by value" "$(counts "$T/lists.h5")" "0 3 3 2 3 3 10 3 3"
ok "the same order by hand" taildart data import "$T/lists.h5" "$T/lists-name.h5" --order name
is "and the same classes" "$(counts "$T/lists-name.h5")" "$(counts "$T/folders.h5")"
{ printf '\xef\xbb\xbfid;File;Label\r\n'; sed 's/$/\r/' "$T/train.rows"; } >"$T/train.csv"
ok "a table" taildart data import "$T/root" "$T/table.h5" --list "$T/train.csv" --test-list "$T/test.txt"
is "is the same" "$(digest "$T/table.h5")" "$(digest "$T/lists.h5")"
tac "$T/train.txt" | sed "s|^|$T/root/|; s/ 2\$/ two, \"2\"/; s/,//" | sed 's/\(.*png\) \(.*\)/\1,\2/; s/two "2"/"two, ""2"""/' >"$T/names.csv"
ok "names, absolute paths, no header" taildart data import "$T/root" "$T/names.h5" --list "$T/names.csv"
has "names with commas and quotes" <(taildart data info "$T/names.h5") '^ +2  two, "2" +3 +0$'
ok "test images alone" taildart data import "$T/root" "$T/alone.h5" --list "$T/test.txt" --test
is "have no training part" "$(counts "$T/alone.h5")" "0 0 3 2 0 3 10 0 3"
sed -i '2s/[0-9]*.png/none.png/' "$T/train.txt"
ok "a picture that is not there" taildart data import "$T/root" "$T/less.h5" --list "$T/train.txt"
has "is left out, and listed" "$err" '^WARNING: .*root/some train/none.png: .*No such file'
is "the others are read" "$(counts "$T/less.h5")" "0 2 0 2 3 0 10 3 0"

# list_refused NAME TEXT REGEX [OPTION…]
list_refused() {
    local name=$1 regex=$3
    printf '%b' "$2" >"$T/bad.txt"; shift 3
    refused "$name" 3 "$regex" taildart data import "$T/root" "$T/bad.h5" --list "$T/bad.txt" "$@"
}
list_refused "a line without a class" 'a.png 0\nb.png\n' 'bad.txt: line 2: a path and a class are needed'
list_refused "a row without a class" 'path,label\na.png,0\nb.png\n' 'bad.txt: line 3: a path and a class are needed'
list_refused "columns of other names" 'x,y\na.png,0\n' 'bad.txt: line 1 names no columns path'
list_refused "an empty list" '\n' 'bad.txt: no pictures'
list_refused "one class" 'a.png 0\nb.png 0\n' 'bad.txt: 1 classes, but 2 to'
printf 'a.png 0\nb.png 1\n' >"$T/bad.txt"
run taildart data import "$T/root" "$T/bad.h5" --list "$T/bad.txt"
exits "another root" 3
is "is told below the files that are not there" "$(grep -c 'root/[ab].png: cannot be read: No such' <(head -n -1 "$err"))" 2
has "with what to look at" <(tail -n 1 "$err") "root: no picture of class '0' that can be read is left: do the paths"
list_refused "a class of test pictures alone" 'a.png 0\nb.png 1\n' "test.txt: line 4: class '2' is none of the 2 to learn from" \
    --test-list "$T/test.txt"
refused "no list" 3 'none.txt: cannot be read' taildart data import "$T/root" "$T/bad.h5" --list "$T/none.txt"
refused "a root that is a file" 3 'train.txt: no folder: give the one' \
    taildart data import "$T/train.txt" "$T/bad.h5" --list "$T/train.txt"
is "nothing is written" "$(cd "$T" && ls -d bad.h5* 2>/dev/null)" ""

done_testing
