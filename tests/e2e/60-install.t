#!/usr/bin/env bash
# Installed, found by pkg-config, linked by another program, removed without a trace.
. "$(dirname "$0")/lib.sh"

there=$T/stage$T/usr
install=(make --no-print-directory "BUILD=$BUILD" "DESTDIR=$T/stage" "PREFIX=$T/usr")
ok "make install into a folder of its own" "${install[@]}" install
for file in bin/taildart lib/libtaildart.a lib/libtaildart.so lib/pkgconfig/taildart.pc \
    include/taildart/base.h share/taildart/jobs/configs/cifar10-lt.yaml \
    share/taildart/jobs/slurm/search.sbatch share/taildart/mpi_configs/workstation.conf; do
    ok "puts $file there" test -s "$there/$file"
done
run "$there/bin/taildart" --version
exits "the installed program starts" 0

# Without DESTDIR from here on, as a user sees it.
mkdir -p "$T/usr"
cp -R "$there/." "$T/usr"
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
