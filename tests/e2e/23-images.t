#!/usr/bin/env bash
# Who reads which images: ranks read their own from the file, rank 0 sends them to hosts
# without it, and what does not fit into memory stays in the file.
. "$(dirname "$0")/lib.sh"

made="$BUILD/tests/tools/made_images"
hash="$BUILD/tests/tools/state_hash"
tiny=(--epochs 1 --batch 12 --set net.channels=4 --set net.nodes=2 --set net.cells=3
    --set data.crop_pad=1 --set data.shards=6)
two=("${tiny[@]}" --set bbn.enabled=true)

# state RANKS OPTIONS…: the hash of what such a search learns.
state() {
    local ranks=$1; shift
    rm -rf "$T/run"
    mpi "$ranks" taildart search "$@" --out "$T/run"
    [ "$status" = 0 ] || { cat "$err" >&2; echo "exit $status of ${ranks} $*"; return; }
    "$hash" "$T/run/checkpoint.h5"
}

# ---- from wherever they come, the same bits ----------------------------------------

"$made" "$T/whole.h5" 96 14 1 4 0 0 0 noise
"$made" "$T/chunks.h5" 96 14 1 4 0 0 7 noise
tiny_idx "$T/idx" 4 24
ok "an import" taildart data import "$T/idx" "$T/import.h5"
for ranks in 1 3; do
    wanted=$(state "$ranks" "${two[@]}" --data "$T/whole.h5" --set data.pad_to=16 --set data.hold=memory)
    for file in whole chunks; do
        for hold in auto file; do
            is "$ranks ranks: $file.h5, data.hold $hold" \
                "$(state "$ranks" "${two[@]}" --data "$T/$file.h5" --set data.pad_to=16 --set data.hold=$hold)" "$wanted"
        done
    done
    wanted=$(state "$ranks" "${two[@]}" --data "$T/idx")
    is "$ranks ranks: an import is what it was made of" "$(state "$ranks" "${two[@]}" --data "$T/import.h5")" "$wanted"
done
refused "rows of IDX cannot stay in the file" 2 "data.hold file: .*does not hold pixels as plain bytes: give the HDF5 file" \
    taildart search "${two[@]}" --data "$T/idx" --set data.hold=file --out "$T/refused"

# ---- a host without the file, and one with another ---------------------------------

mkdir "$T/here" "$T/there"
cp "$T/import.h5" "$T/here/set.h5"
# two RANKS_HERE RANKS_THERE OPTIONS…: ranks in two folders, as hosts with disks of their own.
apart() {
    local first=$1 then=$2; shift 2
    run mpirun -n "$first" -wdir "$T/here" taildart search "$@" --out "$T/run" \
        : -n "$then" -wdir "$T/there" taildart search "$@" --out "$T/run"
}
wanted=$(state 3 "${two[@]}" --data "$T/import.h5")
rm -rf "$T/run"
apart 1 2 "${two[@]}" --data set.h5
exits "no file on another host" 0
is "and the same bits" "$("$hash" "$T/run/checkpoint.h5")" "$wanted"
has "is told" "$err" "NOTE: 2 of 3 ranks have no file set.h5 \(the first is rank 1 on host .*\): rank 0 sends"

# 4 MB travel at once: these images take three turns.
"$made" "$T/here/set.h5" 400 96 3 2 200 200 0 noise
cheap=(--batch 96 --set "net.operations=skip_connect,avg_pool_3x3")
wanted=$(state 2 "${two[@]}" "${cheap[@]}" --data "$T/here/set.h5")
rm -rf "$T/run"
apart 1 1 "${two[@]}" "${cheap[@]}" --data set.h5
exits "more images than travel at once" 0
is "have the same bits" "$("$hash" "$T/run/checkpoint.h5")" "$wanted"
rm -rf "$T/run"
cp "$T/import.h5" "$T/here/set.h5"
# ends NAME STATUS REGEX: one line of ours, and all ranks have ended.
ends() {
    sed '/^-\{20,\}$/,/^-\{20,\}$/d' "$err" >"$T/.own"
    if [ "$status" = "$2" ] && [ "$(grep -c . "$T/.own")" = 1 ] && grep -qE -- "$3" "$T/.own" && [ ! -s "$out" ]
    then pass "$1"; else fail "$1" "exit $status" "$(cat "$err" "$out")"; fi
}
rm -rf "$T/run"
apart 1 2 "${two[@]}" --data set.h5 --set data.hold=file
ends "data.hold file needs it everywhere" 2 "data.hold file: set.h5 is not on the hosts of all ranks"
mkdir "$T/there/set.h5"
apart 1 2 "${two[@]}" --data set.h5
ends "a rank that cannot open it" 3 "rank 1: set.h5: "
rmdir "$T/there/set.h5"
cp "$T/whole.h5" "$T/there/set.h5"
apart 1 2 "${two[@]}" --data set.h5
ends "a rank that has another one" 3 "rank 1: set.h5: [0-9]+ bytes, but [0-9]+ where it was looked at first"
# shifted FROM TO FIRST COUNT: a copy with other bytes there.
shifted() {
    perl -e 'local $/; my ($from, $to, $first, $count) = @ARGV;
        open my $f, "<:raw", $from; my $all = <$f>; $count ||= length $all;
        substr($all, $first, $count) =~ tr/\0-\377/\1-\377\0/;
        open my $g, ">:raw", $to; print $g $all' "$@"
}
shifted "$T/here/set.h5" "$T/there/set.h5" 0 0
apart 1 2 "${two[@]}" --data set.h5
ends "a rank that has other images" 3 "rank 1: set.h5: image [0-9]+ is not the one that was looked at first"
is "and nothing is begun" "$(ls "$T/run" 2>/dev/null)" ""

# ---- only what is drawn is looked at -----------------------------------------------

shifted "$T/import.h5" "$T/damaged.h5" $(($(stat -c %s "$T/import.h5") / 2)) 200
refused "an image that is drawn and damaged" 3 "image [0-9]+ is not the one" \
    taildart search "${two[@]}" --data "$T/damaged.h5" --out "$T/refused"
ok "--dry-run reads no pixels" taildart search "${two[@]}" --data "$T/damaged.h5" --dry-run
is "its table stays within 80 columns" "$(awk 'length > 80 && /^(bytes|a rank|a host)/' "$out")" ""
has "it has a table of bytes per rank" "$out" \
    "^bytes +images +tables +weights +moments +activations +buffers$"

# ---- a file that changes -----------------------------------------------------------

start changes taildart search "${two[@]}" --data "$T/whole.h5" --set data.pad_to=16 --set data.hold=file \
    --epochs 100000 --out "$T/changes"
until_true 60 test -s "$T/changes/checkpoint.h5"
printf X | dd of="$T/whole.h5" bs=1 seek=20000 conv=notrunc 2>/dev/null
wait "$started_pid"; status=$?
exits "a file that changes while it is drawn from" 3
is "one line" "$(grep -c 'whole.h5: changed while it was read' "$T/changes.err")" 1
ok "and the checkpoint before stands" taildart genotype "$T/changes/checkpoint.h5"

# ---- larger than memory ------------------------------------------------------------

small=(bash -c 'ulimit -v 1000000; exec "$@"' -)
"$made" "$T/large.h5" 1398101 32 3 10 0 0 0 none
is "4 GB" "$(($(stat -c %s "$T/large.h5") >> 20))" 4101
few=(--batch 32 --epochs 1 --set net.channels=4 --set net.nodes=2 --set net.cells=3 --threads 1)
ok "--dry-run of 4 GB within 1 GB" "${small[@]}" taildart search "${few[@]}" --data "$T/large.h5" --dry-run
start large "${small[@]}" taildart search "${few[@]}" --data "$T/large.h5" --set checkpoint.minutes=0 --out "$T/large"
until_true 200 test -s "$T/large/checkpoint.prev.h5" || fail "4 GB within 1 GB: two steps" "$(cat "$T/large.err")"
kill -USR2 "$(child_of "$started_pid")"
wait "$started_pid"; status=$?
exits "4 GB within 1 GB, stopped after some steps" 85
has "says why it reads as it draws" "$T/large.err" \
    "NOTE: host .*1 rank plans 4.* GB .*\(ulimit -v\): images are read from .*large.h5 when they are drawn"
done_testing
