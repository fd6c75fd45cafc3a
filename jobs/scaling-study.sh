#!/usr/bin/env bash
# What ranks bring: weak and strong scaling of a network's steps, measured and predicted.
#
#   jobs/scaling-study.sh [RANKS]… [-- OPTIONS OF taildart bench]
#   jobs/scaling-study.sh 1 2 4 8 16 -- --set net.channels=8 --set bench.steps=20
#
# Each number of ranks is timed twice: with IMAGES images per rank (weak), and with BATCH
# images of all ranks (strong).  Rows go to the end of OUT (jobs/README.md has its columns),
# and `taildart report --scaling OUT` draws them.  The same line again goes on where it was
# ended: what OUT has of this commit, label, size and number of threads is passed over.  A
# number of ranks that does not fit is told, and the others are done.
#
# The arithmetic: a count takes its start, bench.warmup + bench.steps steps twice, and the
# SGEMM peak, so a list up to 1024 ranks some minutes; the predictions some seconds more.
#
# From the environment:
#   IMAGES=64           images per rank, weak
#   BATCH=256           images of all ranks, strong
#   OUT=scaling.csv     where rows go
#   LABEL=…             names the series [the options of bench, or "default"]
#   LAUNCH=mpirun       what starts ranks; -n RANKS is put behind it
#   LINK=…              predict for this network instead of the links measured: 25GbE, …
#   PREDICT=256         predict up to so many ranks, 0 for none
#   TAILDART=…          the program [taildart in PATH, or build/taildart]
set -uf

images=${IMAGES:-64} batch=${BATCH:-256} out=${OUT:-scaling.csv} predict=${PREDICT:-256}
taildart=${TAILDART:-$(command -v taildart || echo build/taildart)}
read -ra launch <<<"${LAUNCH:-mpirun}"

say() { echo "scaling-study: $*" >&2; }
refuse() { say "$2"; exit "$1"; }
ranks_text() { if [ "$1" = 1 ]; then echo 1 rank; else echo "$1 ranks"; fi; }

# ---- what is asked ---------------------------------------------------------------------

counts=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    [[ $1 =~ ^[1-9][0-9]{0,6}$ ]] || refuse 2 "found \"$1\"; accepted: numbers of ranks, then -- and options of bench"
    counts+=("$1"); shift
done
[ $# -eq 0 ] || shift
if [ ${#counts[@]} -eq 0 ]; then      # doubled up to what the job has
    for ((n = 1; n <= ${SLURM_NTASKS:-$(nproc)}; n *= 2)); do counts+=("$n"); done
fi
for number in "IMAGES=$images" "BATCH=$batch"; do
    [[ $number =~ =[1-9][0-9]{0,8}$ ]] || refuse 2 "$number: accepted: a whole number from 1 on"
done
[[ $predict =~ ^[0-9]{1,6}$ ]] || refuse 2 "PREDICT=$predict: accepted: a whole number from 0 on"
label=${LABEL:-${*:-default}} label=${label//[,\"]/;}
version=$("$taildart" --version 2>/dev/null) || refuse 2 "$taildart does not run: TAILDART names the program"
commit=$(awk '$1 == "commit" { print $2 }' <<<"$version")

# ---- the file --------------------------------------------------------------------------

new=$(mktemp) errors=$(mktemp)
trap 'rm -f "$new" "$errors"' EXIT

header=date,commit,hosts,mpi,ranks,threads,mode,batch,seconds_per_step,images_per_second
header+=,transfer_seconds,wait_seconds,efficiency,kind,label
if [ -s "$out" ]; then
    [ "$(head -n 1 "$out")" = "$header" ] ||
        refuse 3 "$out: its first line is not that of scaling.csv; OUT names another file"
    [ -z "$(tail -c 1 "$out")" ] || refuse 3 "$out: its last line is not whole: remove it"
fi

# has_row KIND MODE SIZE [RANKS]: whether OUT has it; SIZE is images per rank where weak.
has_row() {
    [ -s "$out" ] && awk -F, -v kind="$1" -v mode="$2" -v size="$3" -v ranks="${4-}" \
        -v commit="$commit" -v label="$label" -v threads="${OMP_NUM_THREADS-}" '
        $14 == kind && $7 == mode && $2 == commit && $15 == label &&
        (threads == "" || $6 == threads) && (ranks == "" || $5 == ranks) &&
        (mode == "weak" ? $8 / $5 : $8) == size { found = 1 }
        END { exit !found }' "$out"
}

# append KIND MOST: rows of that kind, up to MOST ranks.
append() {
    awk -F, -v kind="$1" -v most="$2" 'NR > 1 && $14 == kind && $5 <= most' "$new" >"$errors"
    [ -s "$out" ] || echo "$header" >>"$out" || exit 1
    cat "$errors" >>"$out" || exit 1
}

# ---- the runs ----------------------------------------------------------------------------

failed=0

# bench RANKS MODE SIZE OPTION…: rows to $new.
bench() {
    local ranks=$1 mode=$2 size=$3 code=0; shift 3
    [ "$mode" = strong ] || size=$((size * ranks))
    "${launch[@]}" -n "$ranks" "$taildart" bench --csv "$mode" --label "$label" \
        --batch "$size" "$@" >"$new" 2>"$errors" </dev/null || code=$?
    [ $code -ne 0 ] || return 0
    failed=1
    say "$mode, $(ranks_text "$ranks"): exit status $code: $(grep -m 1 . "$errors" || echo "not a word why")"
    return 1
}

for mode in weak strong; do
    size=$images; [ $mode = weak ] || size=$batch
    last=0
    for ranks in "${counts[@]}"; do
        if has_row measured $mode "$size" "$ranks"; then
            say "$mode, $(ranks_text "$ranks"): $out has it"
        else
            say "$mode, $(ranks_text "$ranks"): $size images $([ $mode = weak ] && echo a rank || echo in all)"
            bench "$ranks" $mode "$size" "$@" || continue
            append measured "$ranks"
        fi
        [ "$ranks" -lt "$last" ] || last=$ranks
    done
    # From the largest launch that works: links need two ranks.
    if [ "$predict" -gt 0 ] && ! has_row predicted $mode "$size" &&
        { [ "$last" -gt 1 ] || { [ "$last" -eq 1 ] && [ -n "${LINK-}" ]; }; }; then
        say "$mode: predictions from $(ranks_text "$last")"
        bench "$last" $mode "$size" --mpi ${LINK:+--link "$LINK"} "$@" && append predicted "$predict"
    fi
done

[ -s "$out" ] || refuse 1 "nothing was measured"
"$taildart" report --scaling "$out" || failed=1
exit $failed
