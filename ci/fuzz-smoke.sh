#!/usr/bin/env bash
# Builds every fuzz target on stable without a sanitizer and runs each for some seconds from the corpus, with overflow
# checks and debug assertions on. A target that finds something, or that ran nothing, fails.
#   ci/fuzz-smoke.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5}
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "fuzz-smoke: not run: cargo-fuzz is not installed (cargo install cargo-fuzz --locked)"
    exit 0
fi
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
cargo run --quiet --package channel-fuzz --example seeds -- "$seeds"
# Fifteen programs are linked: optimising each as a whole would take longer than running them.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
cargo fuzz build --sanitizer none --debug-assertions
for target in $(cargo fuzz list); do
    own=$seeds/$target
    [ -n "$(ls "$own")" ] || { echo "fuzz-smoke: the corpus gave no seeds for $target"; exit 1; }
    log="$seeds.log"
    work=$(mktemp -d)
    cargo fuzz run --sanitizer none --debug-assertions "$target" "$work" "$own" -- \
        -dict=fuzz/contentgate.dict -max_total_time="$seconds" -max_len=65536 -print_final_stats=1 >"$log" 2>&1 || { tail -40 "$log"; exit 1; }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "fuzz-smoke: $target ran ${runs:-0} inputs in $seconds s from $(ls "$own" | wc -l) seeds and found nothing"
    rm -rf "$work" "$log"
    [ "${runs:-0}" -gt 0 ] || { echo "fuzz-smoke: $target ran nothing"; exit 1; }
done
