#!/usr/bin/env bash
# Fuzzes every target for its equal share of some CPU time, each as OSS-Fuzz would: from its seeds and what earlier
# campaigns kept, with its dictionary and options. Ends with 1 if one found something or ran nothing.
#   ci/fuzz-campaign.sh [CPU-SECONDS]           without a number an hour, for all targets together
#   JOBS=2      targets at a time; without it, one a processor
#   KEEP=DIR    what campaigns keep, minimised, DIR/<target>/; without it fuzz/corpus/; `none` keeps nothing
#   FOUND=DIR   findings, minimised, DIR/<target>/ as in corpus/regress/; without it fuzz/artifacts/
#   SEED=N      the number that inputs are made by; without it another one each time
#   OUT=DIR     targets that ci/oss-fuzz/build.sh has built; without it they are built
set -euo pipefail
cd "$(dirname "$0")/.."
[[ ${1:-3600} =~ ^[0-9]{1,9}$ ]] || { echo "fuzz: CPU seconds as a number, not ${1@Q}"; exit 2; }
export SHARE WORK KEEP FOUND OUT SEED=${SEED:-}
[[ $SEED =~ ^[0-9]{0,9}$ ]] || { echo "fuzz: SEED as a number, not ${SEED@Q}"; exit 2; }
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
KEEP=$(realpath -m "${KEEP:-fuzz/corpus}") FOUND=$(realpath -m "${FOUND:-fuzz/artifacts}")
[ "$(basename "$KEEP")" = none ] && KEEP=''
if [ -z "${OUT:-}" ]; then
    OUT=$WORK/out
    SANITIZER=none ci/oss-fuzz/build.sh
fi
OUT=$(realpath "$OUT")
targets=$(cargo fuzz list)
SHARE=$((${1:-3600} / $(wc -w <<<"$targets")))
[ "$SHARE" -gt 0 ] || { echo "fuzz: ${1:-} s of CPU time are less than one for each target"; exit 2; }

# Runs a command for its output and exit status, and puts the CPU seconds that it took into `took`.
timed() {
    local status=0 TIMEFORMAT='%U %S'
    { time "$@" >"$log" 2>&1 || status=$?; } 2>"$log.time"
    took=$(tail -1 "$log.time" | awk '{ print $1 + $2 }')
    return $status
}
export -f timed

# Fuzzes one target. libFuzzer counts time as it passes, and stops at the first finding: so it is started again until the
# CPU time is used up, or the findings are too many to be different ones.
fuzz() {
    local target=$1 program=$OUT/$1 found=$FOUND/$1 keep=$WORK/$1.keep seeds=$WORK/$1.seeds log=$WORK/$1.log
    local options left=$SHARE runs=0 ran edges=0 features=0 inputs=0 last=0 new took status findings=0
    mapfile -t options < <(sed -n 's/^\([a-z_]*\) *= *\([0-9]*\)$/-\1=\2/p' "$program.options")
    mkdir -p "$found" "$keep" "$seeds"
    unzip -qo -d "$seeds" "$program"_seed_corpus.zip
    [ -z "$KEEP" ] || { mkdir -p "$KEEP/$target" && cp -r "$KEEP/$target/." "$keep"; }
    touch "$log.start"
    while [ "${left%.*}" -ge 1 ] && [ "$findings" -lt 5 ]; do
        status=0
        # What was found once would be found again.
        [ -z "$SEED" ] || options+=("-seed=$((10#$SEED + findings))")
        timed "$program" "${options[@]}" -dict="$program.dict" -max_total_time="${left%.*}" -print_final_stats=1 \
            -artifact_prefix="$found/" "$keep" "$seeds" || status=$?
        ran=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        [ "${ran:-0}" -gt 0 ] || { tail -20 "$log"; echo "fuzz: $target ran nothing"; return 1; }
        new=$(sed -n 's/^#\([0-9]*\)[[:space:]]*NEW .*/\1/p' "$log" | tail -1)
        [ -z "$new" ] || last=$((runs + new))
        read -r edges features inputs < <(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) corp: \([0-9]*\).*/\1 \2 \3/p' "$log" | tail -1)
        runs=$((runs + ran))
        left=$(awk "BEGIN { print $left - $took }")
        if [ "$status" -ne 0 ]; then
            findings=$((findings + 1))
            cp "$log" "$found.log"
            echo "fuzz: $target found something: $(grep -m1 -E 'panicked at|ERROR:' -A1 "$log" | tr '\n' ' ' | cut -c1-300)"
        fi
    done
    find "$found" -name 'crash-*' -newer "$log.start" | while read -r input; do
        "$program" "${options[@]}" -minimize_crash=1 -max_total_time=30 -exact_artifact_path="$input.small" "$input" >"$log" 2>&1 || true
        if [ -s "$input.small" ]; then mv "$input.small" "$input"; else rm -f "$input.small"; fi
        echo "fuzz: $target: $input, $(wc -c <"$input") bytes"
    done
    rmdir "$found" 2>/dev/null || true
    if [ -n "$KEEP" ]; then
        mkdir "$keep.merged"
        "$program" "${options[@]}" -artifact_prefix="$keep." -merge=1 "$keep.merged" "$seeds" "$keep" >"$log" 2>&1 || { tail -20 "$log"; return 1; }
        rm -rf "${KEEP:?}/$target"
        mv "$keep.merged" "$KEEP/$target"
        inputs=$(find "$KEEP/$target" -type f | wc -l)
    fi
    awk "BEGIN { printf \"fuzz: %-22s %9d runs %7d/s %6d edges %7d features %5d inputs, the last new one at run %d\n\",
        \"$target\", $runs, $runs / ($SHARE - $left), $edges, $features, $inputs, $last }"
    [ "$findings" -eq 0 ]
}
export -f fuzz

if xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'set -euo pipefail; fuzz {}' <<<"$targets"; then
    echo "fuzz: $(wc -w <<<"$targets") targets found nothing in $SHARE s of CPU time each"
else
    echo "fuzz: what was found is in $FOUND"
    exit 1
fi
