#!/usr/bin/env bash
# Installed, found by pkg-config, linked by another program, removed without a trace.
. "$(dirname "$0")/lib.sh"

there=$T/stage$T/usr
install=(make --no-print-directory "BUILD=$BUILD" "DESTDIR=$T/stage" "PREFIX=$T/usr")
ok "make install into a folder of its own" "${install[@]}" install
version=$(sed -n 's/^.define TD_VERSION "\(.*\)"/\1/p' include/taildart/store_version.h)
abi=$(sed -n 's/^.define TD_ABI //p' include/taildart/store_version.h)
for file in bin/taildart lib/libtaildart.a lib/libtaildart.so "lib/libtaildart.so.$abi" lib/pkgconfig/taildart.pc \
    include/taildart/base.h share/taildart/jobs/configs/cifar10-lt.yaml share/taildart/python/taildart_run.py \
    share/taildart/jobs/slurm/search.sbatch share/taildart/mpi_configs/workstation.conf \
    share/doc/taildart/README.md share/doc/taildart/LICENSE share/doc/taildart/data/README.md \
    "share/taildart/modulefiles/taildart/$version" "share/taildart/modulefiles/taildart/$version.lua"; do
    ok "puts $file there" test -s "$there/$file"
done
for page in man1/taildart.1 man1/taildart-data-draws.1 man5/taildart-keys.5; do
    ok "puts manual page $page there" test -s "$there/share/man/$page"
done
is "and no fewer than there are" "$(find "$there/share/man" -type f | wc -l)" "$(taildart help man | wc -l)"
for shell in bash:bash-completion/completions/taildart zsh:zsh/site-functions/_taildart; do
    taildart help completion "${shell%%:*}" >"$T/completion"
    ok "puts the completion of ${shell%%:*} there" cmp "$there/share/${shell#*:}" "$T/completion"
done
run "$there/bin/taildart" --version
exits "the installed program starts" 0

# Without DESTDIR from here on, as a user sees it.
mkdir -p "$T/usr"
cp -R "$there/." "$T/usr"
share=$T/usr/share/taildart
tiny_idx "$T/data" 10
for file in "$share"/jobs/configs/*.yaml; do
    named=$(sed -n 's|.* \([^ ]*jobs/configs/[^ ]*[.]yaml\).*|\1|p' "$file" | sort -u)
    [ -z "$named" ] || is "${file##*/} says where it is" "$named" "$file"
done
ok "and is taken from there" env -C "$T" usr/bin/taildart search --config "$share/jobs/configs/cifar10-lt.yaml" \
    --data data --imbalance 1 --set data.crop_pad=0 --set net.channels=4 --set net.cells=3 --dry-run
is "nothing that is installed calls the program by its place in a clone" "$(grep -rn build/taildart "$T/usr/share")" ""
is "or names files of a clone" "$(grep -rE '(^|[ `])(jobs|mpi_configs)/' "$T/usr/share/taildart" "$T/usr/share/doc" |
    grep -v 'jobs/packaging/')" ""
is "all files named of it are there" "$(grep -rhoE "$share/[a-z_]+/[a-zA-Z0-9_./-]+[a-z]" "$T/usr/share" | sort -u |
    while read -r file; do [ -e "$file" ] || echo "$file"; done)" ""
export PKG_CONFIG_PATH="$T/usr/lib/pkgconfig"
is "pkg-config knows the version" "$(pkg-config --modversion taildart)" \
    "$("$there/bin/taildart" --version | sed -n 's/^taildart //p')"
has_not "no placeholder is left in taildart.pc" "$T/usr/lib/pkgconfig/taildart.pc" '@|stage'
cat >"$T/user.c" <<'END'
#include <stdio.h>
#include <taildart/sampling_split.h>

int main(void)
{
    long images = 0;
    for (int c = 0; c < 10; c++)
        images += (long) td_tail_count(TD_PROFILE_EXP, 10, 5000, 100, c);
    printf("%ld\n", images);
    return 0;
}
END
cd "$T" || exit 1
read -ra shared <<<"$(pkg-config --cflags --libs taildart)"
ok "another program links the shared library" cc -o user user.c "${shared[@]}"
run env LD_LIBRARY_PATH="$T/usr/lib" ./user
is "and uses a floor alone: CIFAR-10 at 100" "$(cat "$out")" 12406

# The program of the README, as it stands there.
sed -n '/^    #include <stdio.h>/,/^    }$/ { s/^    //; p }' "$OLDPWD/README.md" >names.c
ok "the README's program is compiled" cc -Wall -Wextra -Werror -o names names.c "${shared[@]}"
ok "a training" taildart train --data data --genotype DARTS_V1 --set net.channels=4 --set net.cells=3 --batch 20 \
    --epochs 1 --set train.auxiliary=false --set weights.lr.start=0.1 --out run
for seed in 1 2 3; do
    mapfile -t pixels < <(perl -e 'print +($_ * $_ * $ARGV[0] * 7 + $_ * 31) % 256, "\n" for 0 .. 63' "$seed")
    grey_png "$seed.png" 8 "${pixels[@]}"
done
ok "predict" taildart predict run 1.png 2.png 3.png --csv --top 10
sed 1d "$out" | cut -d, -f1,4,5 | sort >predicted
run env LD_LIBRARY_PATH="$T/usr/lib" ./names run 1.png 2.png 3.png
exits "the README's program" 0
is "says what predict says" "$(sort "$out")" "$(cat predicted)"
is "of every class and picture" "$(wc -l <predicted)" 30
run env LD_LIBRARY_PATH="$T/usr/lib" ./names none
is "without a run it says why" "$(cat "$err")" "none: cannot be read: No such file or directory; give the directory of a run, as --out named it"
exits "and fails" 1
run env LD_LIBRARY_PATH="$T/usr/lib" ./names run "$T/user.c"
has "what is no picture, too" "$err" "^$T/user.c: "

# ---- what is public ---------------------------------------------------------------------

# every_header: as a source; declared: functions and tables in it, without inline ones.
every_header() { for header in "$T"/usr/include/taildart/*.h; do echo "#include <taildart/${header##*/}>"; done; }
declared() {
    every_header | mpicc -E -P -x c - "${shared[@]}" | grep -v '^#' | tr '\n' ' ' |
        sed -E ':a; s/\{[^{}]*\}/;/g; ta; s/__attribute__ *\(\([^()]*(\([^()]*\))?\)\)//g; s/;/\n/g' |
        sed -nE '/^ *(typedef|static)/d; s/^[^(]*\b(td_[a-z0-9_]+) *\(.*/\1/p; t; /^ *extern /p' |
        grep -oE 'td_[a-z0-9_]+ *(\[[^]]*\])? *(,|$)' | grep -oE 'td_[a-z0-9_]+' | sort -u
}
# A name that begins with a point is the compiler's.
exported() { nm -D --defined-only "$T/usr/lib/libtaildart.so" | awk '$3 !~ /^[.]/ { print $3 }' | sort -u; }
declared >public
exported >there
ok "there are such names" test -s public -a -s there
is "nothing but what the headers declare is exported" "$(comm -13 public there)" ""
is "and all of that" "$(comm -23 public there)" ""

# What later versions have to keep: of base.h and eval_classifier.h all, of the others the names.
promised() {
    local header
    for header in base eval_classifier; do echo "#include <taildart/$header.h>"; done |
        mpicc -E -x c - "${shared[@]}" | perl -ne '
            $own = $1 =~ m|/taildart/| if /^# \d+ "(.*?)"/;
            $text .= $_ if $own && !/^#/;
            END { $text =~ s/\s+/ /g;
                  while ($text =~ /\G\s*((?:[^;{}]|(\{(?:[^{}]|(?2))*\}))*;)/g) { print "$1\n" } }'
}
{ echo "libtaildart.so.$abi"; promised; cat there; } >abi.txt
recorded=$OLDPWD/tests/golden/abi.txt
[ -z "${RECORD-}" ] || cp abi.txt "$recorded"
ok "the library is the recorded one: else RECORD=1 $0 records it, with a larger TD_ABI (store_version.h) \
where something is gone or declared anew since a release" diff "$recorded" abi.txt
[ "$status" = 0 ] || head -n 20 "$out" >&2
is "its name has that number" "$(objdump -p "$T/usr/lib/libtaildart.so" | awk '$1 == "SONAME" { print $2 }')" "libtaildart.so.$abi"
is "programs ask for it" "$(objdump -p names | awk '/NEEDED.*taildart/ { print $2 }')" "libtaildart.so.$abi"
for header in "$T"/usr/include/taildart/*.h; do echo "#include <taildart/${header##*/}>" >"alone-$(basename "$header").c"; done
ok "every header compiles alone" mpicc -std=c11 -Wall -Werror -fsyntax-only alone-*.c "${shared[@]}"

# A wrapper without a compiler behind it is as good as none.
if mpicxx -x c++ -fsyntax-only - <<<'' 2>/dev/null; then
    every_header >all.cc
    cp user.c user.cc
    ok "C++ takes every header" mpicxx -std=c++17 -fsyntax-only all.cc "${shared[@]}"
    ok "and links the library" mpicxx -std=c++17 -o user-cc user.cc "${shared[@]}"
    run env LD_LIBRARY_PATH="$T/usr/lib" ./user-cc
    is "with the same result" "$(cat "$out")" 12406
else
    skip "C++ takes every header" "no C++ compiler"
fi

# ---- the static library -----------------------------------------------------------------

read -ra static <<<"$(pkg-config --cflags --libs --static taildart)"
rm "$T/usr/lib/libtaildart.so"
ok "or the static one" mpicc -o user user.c "${static[@]}"
run ./user
is "with the same result" "$(cat "$out")" 12406
cd "$OLDPWD" || exit 1

ok "make uninstall" "${install[@]}" uninstall
is "leaves no file" "$(find "$T/stage" -type f)" ""

# ---- folders with spaces, libraries in a folder of their own ---------------------------

folder="$T/a build"
mkdir "$folder"
cp -R --preserve=timestamps "$BUILD"/{src,flags,commit} "$folder"
rm "$folder/src/base/text.o" "$folder/src/main.o"
usr="$T/my usr & more"
install=(make --no-print-directory BUILD="$folder" DESTDIR="$T/my stage" PREFIX="$usr" LIBDIR="$usr/lib 64")
ok "make install with spaces everywhere" "${install[@]}" install
is "compiles what is missing there, and nothing else" "$(grep -c '^CC' "$out")" 2
is "nothing lies elsewhere" "$(ls -A "$T/my stage$usr")" "bin
include
lib 64
share"
run make --no-print-directory BUILD="$folder" all
is "once" "$(grep -c '^CC' "$out")" 0
mkdir -p "$usr"
cp -R "$T/my stage$usr/." "$usr"
export PKG_CONFIG_PATH="$usr/lib 64/pkgconfig"
is "LIBDIR is where pkg-config looks" "$(pkg-config --variable=libdir taildart)" "$usr/lib 64"
# Backslashes in front of spaces, as a shell takes them.
flags=()
eval "flags=($(pkg-config --cflags --libs taildart))"
ok "another program links it" cc -o "$T/user" "$T/user.c" "${flags[@]}"
run env LD_LIBRARY_PATH="$usr/lib 64" "$T/user"
is "and runs with it" "$(cat "$out")" 12406
run env LD_LIBRARY_PATH= "$usr/bin/taildart" --version
exits "so does the program" 0
ok "make uninstall" "${install[@]}" uninstall
is "leaves no file there, either" "$(find "$T/my stage" -type f)" ""
ok "make clean" make --no-print-directory BUILD="$folder" clean
ok "removes that folder" test ! -e "$folder"

done_testing
