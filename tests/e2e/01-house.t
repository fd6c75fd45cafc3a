#!/usr/bin/env bash
# The Makefile and the lint scripts do what their users count on.
. "$(dirname "$0")/lib.sh"

# ---- make --------------------------------------------------------------------------

run make help
exits "make help" 0
for target in all deps demo test test-unit test-mpi test-e2e check-asan check-portability lint bench simulate fuzz \
    install uninstall clean help; do
    has "help explains $target" "$out" "^  $target +[A-Za-z]"
done
has_not "nothing undefined in the Makefile" "$err" .

refuses() { run make "$1" help; exits "$1 is refused" 2; has "and says what is accepted" "$err" "accepted: $2"; }
refuses V=2 "0 1"
refuses DEBUG=yes "0 1"
refuses SANITIZE=memory "address undefined"

# A machine with git, gcc and make only: no mpicc, no pkg-config.  BUILD is the folder of
# these tests: another tree's `make clean` must not know of it.
bare=(env -u BUILD PATH="$T/bin")
mkdir "$T/bin"
for tool in bash sh make gcc cc sed sort expand grep cut xargs echo id cat rm uname env git; do
    ln -s "$(type -P $tool)" "$T/bin/$tool"
done
cp -R Makefile .ci src include "$T"
cp --parents tests/tests.mk tests/fuzz/fuzz.mk "$T"
run "${bare[@]}" make -C "$T" help
exits "make help without mpicc and pkg-config" 0
has_not "quietly" "$err" .
ok "make clean, too" "${bare[@]}" make -C "$T" clean
run "${bare[@]}" make -C "$T" all
exits "make all stops there" 2
has "and points to make deps" "$err" "make deps"
run "${bare[@]}" FASHION_MNIST="$T/none" make -C "$T" deps
exits "make deps without a package manager stops" 2
for line in "apt install .*libopenmpi-dev" "dnf install .*openmpi-devel" \
    "spack install .*openmpi" "conda install .*openmpi" "FASHION_MNIST"; do
    has "and names: $line" "$err" "$line"
done
has_not "it installs nothing" "$out" "installing"

# ---- calls -------------------------------------------------------------------------

# calls CODE FOR src/base/a.c, src/net/b.c and src/net/c.c: what the lint says of them.
calls() {
    local file n=0
    rm -rf "$T/calls"; mkdir -p "$T"/calls/{,build/}src/{base,net}
    for file in base/a net/b net/c; do
        n=$((n + 1)); echo "${!n}" >"$T/calls/src/$file.c"
        gcc -c -o "$T/calls/build/src/$file.o" "$T/calls/src/$file.c"
    done
    run env -u BUILD tests/lint/calls "$T/calls"
}
calls 'void a(void) {}' 'void a(void); void b(void) { a(); }' 'void b(void); void c(void) { b(); }'
exits "calls that go down are fine" 0
calls 'void b(void); void a(void) { b(); }' 'void b(void) {}' 'int c;'
exits "a call that goes up without an include is not" 1
has "and is named" "$out" "src/base/a.c src/net/b.c b"
calls 'int a;' 'void c(void); void b(void) { c(); }' 'void b(void); void c(void) { b(); }'
exits "two files that call each other are not" 1
has "and are named" "$out" "src/net/c.c"
calls 'int a;' 'int b;' 'int c;'
exits "an empty build is told" 1
calls 'void a(void) {}' 'void a(void); void b(void) { a(); }' 'void c(void) {}'
echo 'void a(void); void b(void);' >"$T/calls/src/net/net.h"
run env -u BUILD tests/lint/calls "$T/calls"
exits "what is declared in vain is not fine" 1
is "and is named, alone" "$(cat "$out")" "src/net/b.c: nobody else uses b, and a header declares it"
mkdir "$T/calls/tests"; echo 'b();' >"$T/calls/tests/b.c"
ok "a test may use it" env -u BUILD tests/lint/calls "$T/calls"

# ---- tests can fail ------------------------------------------------------------------

run env CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent "$BUILD/tests/unit/leaky"
exits "tests that leak fail" 1
is "a test, and a fixture" "$(grep -c '^not ok' "$out")" 2
is "one that leaves nothing passes" "$(grep -c '^ok' "$out")" 1

# A build that looks for leaks says so in its flags.
run "$BUILD/tests/tools/forgetful" --version
if grep -q TD_CHECKS_LEAKS "$BUILD/flags"; then
    exits "a program that leaks fails in a build that looks for it" 1
    has "and says so" "$err" "1 blocks of memory were not freed"
else
    exits "a program that leaks has done its work all the same" 0
    has_not "and nobody is told" "$err" .
fi

# ---- floors ------------------------------------------------------------------------

ok "the includes keep to their floors" tests/lint/floors
house() { rm -rf "$T/house"; mkdir -p "$T"/house/{src/net,src/base,src/sampling,include/taildart}
    for room in base net sampling step; do : >"$T/house/include/taildart/$room.h"; done; }
house; echo '#include "taildart/base.h"' >"$T/house/src/net/a.c"
ok "an include that points down is fine" tests/lint/floors "$T/house"
echo '#include "taildart/step.h"' >"$T/house/src/net/a.c"
run tests/lint/floors "$T/house"
exits "an include that points up is not" 1
has "and is named" "$out" "src/net/a.c: floor 4 includes include/taildart/step.h of floor 5"
house; echo '#include "taildart/sampling.h"' >"$T/house/src/net/a.c"
ok "an include beside is fine" tests/lint/floors "$T/house"
echo '#  include "taildart/net.h"' >"$T/house/src/sampling/a.c"
run tests/lint/floors "$T/house"
exits "a circle beside is not" 1
house; echo '#include "taildart/base.h"' >"$T/house/src/base/a.c"
echo '#include "taildart/attic.h"' >"$T/house/include/taildart/net.h"
: >"$T/house/include/taildart/attic.h"
run tests/lint/floors "$T/house"
exits "a room that the house does not have is not" 1

done_testing
