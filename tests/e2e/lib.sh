# shellcheck shell=bash
# Shell helpers of the end-to-end tests.  A test starts with
#
#   #!/usr/bin/env bash
#   # What a user relies on here.
#   . "$(dirname "$0")/lib.sh"
#
# and ends with `done_testing`.  It finds itself in the project's root, with `taildart`
# on its PATH, a folder $T of its own that vanishes at the end, and Open MPI's
# environment set for root and few cores.

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL    # a make started by a test is not part of `make test`
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
BUILD=$(realpath -m "${BUILD:-build}")
PATH="$BUILD:$PATH"
. tests/mpi-env.sh
T=$(mktemp -d "${TMPDIR:-/tmp}/taildart-test.XXXXXX")
# Open MPI's session folder, too: a job that ends removes the folder that all jobs of a user
# share while another, of a test beside this one, makes its own in it.
export OMPI_MCA_orte_tmpdir_base=$T/.sessions
mkdir -m 1777 "$OMPI_MCA_orte_tmpdir_base"
trap 'stop_started; rm -rf "$T"' EXIT
trap 'exit 1' INT TERM
FASHION_MNIST="${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}"
out=$T/.out err=$T/.err          # of the last `run`
status=0                         # of the last `run`
tests_done=0 tests_failed=0 started=()

# ---- verdicts (TAP) ----------------------------------------------------------------

pass() { tests_done=$((tests_done + 1)); echo "ok $tests_done - $1"; }

# fail NAME [LINE…]: the lines are shown to whoever reads the log.
fail() {
    tests_done=$((tests_done + 1)) tests_failed=$((tests_failed + 1))
    echo "not ok $tests_done - $1"
    { echo "# failed: $1 ($0)"; shift; [ $# -eq 0 ] || printf '#   %s\n' "$@"; } >&2
}

skip() { tests_done=$((tests_done + 1)); echo "ok $tests_done - $1 # SKIP $2"; }

# skip_all REASON: the whole file has no ground here.
skip_all() { echo "1..0 # SKIP $1"; exit 0; }

done_testing() { echo "1..$tests_done"; [ "$tests_failed" -eq 0 ] || exit 1; exit 0; }

# is NAME GOT WANTED
is() {
    if [ "$2" = "$3" ]; then pass "$1"
    else fail "$1" "got    '$2'" "wanted '$3'" "$(last_run)"; fi
}

# What a comparison of files cannot tell: whether the run that should write them ended well.
last_run() { echo "the last run: exit $status, stderr: $(tail -n 15 "$err" 2>/dev/null)"; }

# has NAME FILE REGEX, has_not NAME FILE REGEX: extended regular expressions, line by line.
has() {
    if grep -qE -- "$3" "$2" 2>/dev/null; then pass "$1"
    else fail "$1" "no line of $2 matches: $3" "$(head -c 1500 "$2" 2>&1)"; fi
}
has_not() {
    if [ -e "$2" ] && ! grep -qE -- "$3" "$2"; then pass "$1"
    else fail "$1" "a line of $2 matches: $3" "$(grep -E -- "$3" "$2" 2>&1 | head -5)"; fi
}

# near NAME GOT WANTED TOLERANCE: numbers; text and NaN fail.
near() {
    if awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN {
        number = "^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$"
        d = a - b; if (d < 0) d = -d; exit !(a ~ number && b ~ number && d <= t) }'
    then pass "$1"; else fail "$1" "got $2, wanted $3 within $4"; fi
}

# said RUN: the lines of its log, without the date and time before each.
said() { sed -E 's/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[-+][0-9]{2}:[0-9]{2} //' "$1/run.log"; }

# ---- running -----------------------------------------------------------------------

limit=300                        # seconds that a command may take

# run COMMAND…: stdout to $out, stderr to $err, exit status to $status.
run() {
    status=0
    timeout -k 10 "$limit" "$@" >"$out" 2>"$err" </dev/null || status=$?
}

# mpi RANKS COMMAND…: the same under mpirun.
mpi() { local ranks=$1; shift; run mpirun -n "$ranks" "$@"; }

# exits NAME STATUS: the exit status of the last run.
exits() {
    if [ "$status" -eq "$2" ]; then pass "$1"
    else fail "$1" "exit $status, wanted $2" "stdout: $(tail -n 5 "$out")" \
        "stderr: $(tail -n 15 "$err")"; fi
}

# ok NAME COMMAND…: runs and wants exit status 0.
ok() { local name=$1; shift; run "$@"; exits "$name" 0; }

# refused NAME STATUS REGEX COMMAND…: one line on stderr that matches, at most one hint
# behind it, nothing on stdout, and that exit status.
refused() {
    local name=$1 wanted=$2 regex=$3; shift 3
    run "$@"
    if [ "$status" -eq "$wanted" ] && head -n 1 "$err" | grep -qE -- "$regex" &&
        [ "$(wc -l <"$err")" -le 2 ] && [ ! -s "$out" ]; then pass "$name"
    else fail "$name" "exit $status, wanted $wanted; wanted a line like: $regex" \
        "stdout: $(head -n 5 "$out")" "stderr: $(head -n 8 "$err")"; fi
}

# refused_mpi RANKS NAME STATUS REGEX COMMAND…: the same under mpirun, whose own words
# about the exit status (between lines of dashes) do not count.
refused_mpi() {
    local ranks=$1 name=$2 wanted=$3 regex=$4; shift 4
    mpi "$ranks" "$@"
    sed '/^-\{20,\}$/,/^-\{20,\}$/d' "$err" >"$T/.own"
    if [ "$status" -eq "$wanted" ] && head -n 1 "$T/.own" | grep -qE -- "$regex" &&
        [ "$(grep -c . "$T/.own")" -le 2 ] && [ ! -s "$out" ]; then pass "$name"
    else fail "$name" "exit $status, wanted $wanted; wanted a line like: $regex" \
        "stdout: $(head -n 5 "$out")" "stderr: $(head -n 8 "$err")"; fi
}

# start NAME COMMAND…: in the background, output to $T/NAME.out and $T/NAME.err, process
# in $started_pid; it ends with the test at the latest.
start() {
    local name=$1; shift
    timeout -k 10 "$limit" "$@" >"$T/$name.out" 2>"$T/$name.err" </dev/null &
    started_pid=$!
    started+=("$started_pid")
}
# child_of PID: the process that it started (bare systems have no pgrep).
child_of() {
    local stat pid parent
    for stat in /proc/[0-9]*/stat; do
        read -r pid _ _ parent _ <"$stat" || continue
        [ "$parent" != "$1" ] || echo "$pid"
    done 2>/dev/null
}
stop_started() {
    local pid
    for pid in ${started[@]+"${started[@]}"}; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
}

# until_true SECONDS COMMAND…: waits for what another process brings about; fails with
# the time.  The pause only spares the processor.
until_true() {
    local give_up=$((SECONDS + $1)); shift    # a name that what is tried has no use for
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$give_up" ] || return 1
        sleep 0.1
    done
}

# ---- data --------------------------------------------------------------------------

# tiny_idx FOLDER [CLASSES=4] [TRAIN=40] [TEST=10] [SIDE=8]: an IDX data set, TRAIN and
# TEST images per class; each class is a bright bar of its own over noise, so that even a
# tiny network learns it within a few steps.  Always the same bytes.
tiny_idx() {
    mkdir -p "$1"
    perl -e '
        my ($folder, $classes, $train, $test, $side) = @ARGV;
        my $state = 1;
        sub noise { $state = ($state * 1103515245 + 12345) % 2147483648;
                    return ($state >> 16) % 64; }
        sub image { my $class = shift;
            return join "", map { my $row = int($_ / $side);
                chr(noise() + ($row % $classes == $class ? 180 : 0)) } 0 .. $side * $side - 1; }
        sub file { my ($name, @parts) = @_;
            open my $f, ">:raw", "$folder/$name" or die "$folder/$name: $!";
            print $f @parts; close $f or die "$folder/$name: $!"; }
        for (["train", $train], ["t10k", $test]) {
            my ($name, $each) = @$_;
            my @labels = map { $_ % $classes } 0 .. $classes * $each - 1;
            file("$name-images-idx3-ubyte",
                 pack("NNNN", 2051, scalar @labels, $side, $side), map { image($_) } @labels);
            file("$name-labels-idx1-ubyte",
                 pack("NN", 2049, scalar @labels), map { chr } @labels);
        }' "$1" "${2:-4}" "${3:-40}" "${4:-10}" "${5:-8}"
}

# tiny_study NAME METHODS [EPOCHS=2] [LAUNCH]: $T/NAME.yaml, a study of two seeds of $T/data.
tiny_study() {
    cat >"$T/$1.yaml" <<END
out: $T/$1
data: $T/data
seeds: [1, 2]
imbalance: [10]
${4:+launch: "$4"}
search:
  search: {epochs: ${3:-2}, batch: 16}
  net: {channels: 4, cells: 3, nodes: 2}
train:
  train: {epochs: 2, batch: 16, auxiliary: false}
  net: {channels: 4, cells: 3}
methods:
$2
END
}

# grey_png FILE WIDTH BYTES: a grey PNG of these pixels (numbers), row by row.
grey_png() {
    mkdir -p "$(dirname "$1")"
    perl -MCompress::Zlib -e '
        my ($file, $width, @pixels) = @ARGV;
        my ($height, $rows) = (@pixels / $width, "");
        $rows .= pack("CC*", 0, splice(@pixels, 0, $width)) while @pixels;
        sub chunk { my $body = join "", @_; pack("N", length($body) - 4) . $body .
                    pack("N", crc32($body)) }
        open my $f, ">:raw", $file or die "$file: $!";
        print $f "\x89PNG\r\n\x1a\n",
            chunk("IHDR", pack("NNCCCCC", $width, $height, 8, 0, 0, 0, 0)),
            chunk("IDAT", compress($rows)), chunk("IEND");
        close $f or die "$file: $!"' "$@"
}

# tiny_net: options that make a search of seconds out of any data.
# shellcheck disable=SC2034   # for the tests that source this
tiny_net=(--set net.channels=4 --set net.cells=3 --set net.nodes=2 --epochs 1 --batch 16)

# column FILE.csv NAME: that column of a CSV file with a header, one value per line.
column() {
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i
        if (!c) { print "no column " name > "/dev/stderr"; exit 1 } next } { print $c }' "$1"
}

# final RUN NAME: the last value of a column of a run's metrics.csv.
final() { column "$1/metrics.csv" "$2" | tail -n 1; }
