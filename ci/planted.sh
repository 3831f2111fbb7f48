#!/usr/bin/env bash
# The planted bugs (fuzz/src/planted.rs): fault after fault is made active, and the target that must find it is run.
#   ci/planted.sh                  what CI runs: on the saved input of each (corpus/planted) its target fails with the bug
#                                  and holds without it; July 2024 is really searched for, from the seeds
#   ci/planted.sh search NAME...   searches for bugs, and saves and shrinks the input that shows each
#   ci/planted.sh bench [RUNS [SECONDS]]   the figures of fuzz/PLANTED.md, a plain target for at most so many seconds: goes
#                                  on where it was stopped (fuzz/planted.tsv)
# Time is that of the processor, on one core, so that what else the machine does counts for little.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "planted: not run: cargo-fuzz is not installed (cargo install cargo-fuzz --locked)"
    exit 0
fi
target=${CARGO_TARGET_DIR:-$PWD/target}/planted
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

# Builds the targets with the bugs into a folder of this name; what else is said is for cargo.
build() {
    RUSTFLAGS="--cfg planted" cargo fuzz build --sanitizer none --debug-assertions --target-dir "$target" "${@:2}"
    mkdir -p "$target/$1"
    for name in $(cargo fuzz list); do
        cp --remove-destination "$target"/*/release/"$name" "$target/$1/"
    done
}

list() {
    cargo run --quiet --package channel-fuzz --example planted -- list
}

# Runs a target with a bug for at most so many seconds: `run KIND BUG TARGET SECONDS SEED [FOLDER]...`. Leaves its words in
# $scratch/log and what it found in $scratch/found; says the runs and the seconds, or nothing if it found nothing.
run() {
    local kind=$1 bug=$2 name=$3 limit=$4 seed=$5 status=0 words=()
    [ "$kind" = plain ] || words=(-dict=fuzz/contentgate.dict)
    rm -rf "$scratch/found" "$scratch/work"
    mkdir "$scratch/found" "$scratch/work"
    (ulimit -t "$limit"; ulimit -c 0; CONTENTGATE_PLANTED=$bug exec "$target/$kind/$name" "$scratch/work" "${@:6}" \
        -seed="$seed" -max_len=65536 -timeout=10 -max_total_time=$((limit * 10)) -print_final_stats=1 \
        -artifact_prefix="$scratch/found/" "${words[@]}" >"$scratch/log" 2>&1) || status=$?
    # Of this shell, which is that of a `$(...)`, and of the children it has waited for.
    times >"$scratch/time"
    case $status in
    70 | 71 | 77) # a hang, too much memory, a panic
        local runs
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/log")
        sed 's/[ms]/ /g' "$scratch/time" |
            awk -v runs="${runs:-0}" 'NR == 2 { printf "%s\t%.1f\n", runs, $1 * 60 + $2 + $3 * 60 + $4 }' ;;
    0 | 137 | 152) ;; # its time was over
    *) tail -20 "$scratch/log" >&2; echo "planted: $name with $bug ended with $status" >&2; exit 1 ;;
    esac
}

seeds() {
    cargo run --quiet --package channel-fuzz --example seeds -- "$scratch/seeds"
}

check() {
    local bug name shown=0 searched="" found
    # That panic-free.sh finds no such symbol in what ships says something only if there is one here.
    nm "$target/ours/parse_bytes" | grep planted >/dev/null || { echo "planted: nothing is planted"; exit 1; }
    while read -r bug name; do
        local input=corpus/planted/$bug
        if [ -f "$input" ]; then
            "$target/ours/$name" "$input" >"$scratch/log" 2>&1 ||
                { tail -20 "$scratch/log"; echo "planted: $name fails on $input without the bug"; exit 1; }
            if CONTENTGATE_PLANTED=$bug "$target/ours/$name" -timeout=10 "$input" >"$scratch/log" 2>&1; then
                echo "planted: $name does not find $bug in $input"
                exit 1
            fi
            shown=$((shown + 1))
        fi
        # What choices of a generator mean changes with it: no input is kept that shows these.
        if [ ! -f "$input" ] || [ "$bug" = july-2024 ]; then
            found=$(run ours "$bug" "$name" 60 "$RANDOM" "$scratch/seeds/$name")
            [ -n "$found" ] || { echo "planted: $name did not find $bug in 60 s"; exit 1; }
            searched+=", $bug in ${found/$'\t'/ runs and } s"
        fi
    done < <(list)
    echo "planted: $shown bugs are found in the inputs that show them, and by searching ${searched#, }"
}

search() {
    local bug name
    while read -r bug name; do
        [[ " $* " == *" $bug "* ]] || continue
        local found
        found=$(run ours "$bug" "$name" 600 "$RANDOM" "$scratch/seeds/$name")
        [ -n "$found" ] || { echo "planted: $name did not find $bug in 600 s"; continue; }
        echo "planted: $bug: ${found/$'\t'/ runs, } s"
        case $name in smith_is_accepted | one_break_one_finding) continue ;; esac
        mkdir -p corpus/planted
        cp "$scratch"/found/* "corpus/planted/$bug"
        RUSTFLAGS="--cfg planted" cargo run --quiet --target-dir "$target" --package channel-fuzz --example planted -- \
            shrink "$bug" "corpus/planted/$bug" || echo "planted: $bug is not shrunk"
    done < <(list)
}

# A line a run: the bug, ours or plain, the seed, runs and seconds, both `-` where nothing was found.
bench() {
    local figures=fuzz/planted.tsv bug name kind seed runs limit folders found
    touch "$figures"
    for kind in ours plain; do
        while read -r bug name; do
            if [ "$kind" = ours ]; then runs=$1 limit=600 folders=("$scratch/seeds/$name"); else runs=1 limit=$2 folders=(); fi
            for ((seed = 1; seed <= runs; seed++)); do
                grep -q "^$bug	$kind	$seed	" "$figures" && continue
                found=$(run "$kind" "$bug" "$name" "$limit" "$seed" "${folders[@]}")
                printf '%s\t%s\t%s\t%s\n' "$bug" "$kind" "$seed" "${found:--	-}" | tee -a "$figures"
            done
        done < <(list)
    done
}

# One after the other and not with `&&`, which would take the failure of a command within them for an answer.
case ${1:-check} in
check)
    build ours
    seeds
    check
    ;;
search)
    build ours
    seeds
    search "${@:2}"
    ;;
bench)
    build plain --features plain
    build ours
    seeds
    bench "${2:-3}" "${3:-60}"
    ;;
*)
    echo "planted: check, search or bench, not $1" >&2
    exit 2
    ;;
esac
