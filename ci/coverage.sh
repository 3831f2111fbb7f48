#!/usr/bin/env bash
# Measures what the corpus reaches through all oracles, and with FOLDER what it reaches together with the inputs that a
# campaign kept there (`fuzz/corpus`): a table on the terminal, and below fuzz/coverage/ the same as HTML (`html/index.html`)
# and every file's uncovered lines (`uncovered.txt`).
#   ci/coverage.sh [FOLDER]
# Needs llvm-profdata and llvm-cov of the compiler's LLVM: Debian's llvm-22, or rustup's component llvm-tools.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
# Named, it keeps the instrumentation out of build scripts and macros.
host=$(rustc -vV | sed -n 's/^host: //p')
PATH="$(echo "$(rustc --print sysroot)"/lib/rustlib/*/bin):/usr/lib/llvm-$version/bin:$PATH"
llvm-cov --version 2>/dev/null | grep -q "version $version" || { echo "coverage: there is no llvm-cov $version"; exit 2; }
crates=(parser/src parser/sources/src validators/src validators/contract/src validators/interpreter/src validators/gate/src)

target=${CARGO_TARGET_DIR:-target}/coverage
report=fuzz/coverage
rm -rf "$report"
mkdir -p "$report"
# Branches are counted behind an unstable option; nothing else here is unstable.
RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Cinstrument-coverage -Zcoverage-options=branch" CARGO_TARGET_DIR=$target \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo build --quiet --release --package channel-fuzz --example replay --target "$host"
program=$target/$host/release/examples/replay
LLVM_PROFILE_FILE=$report/%m.profraw "$program" "$@"
llvm-profdata merge -sparse "$report"/*.profraw -o "$report/profile"
rm "$report"/*.profraw

cov() { llvm-cov "$1" "$program" -instr-profile="$report/profile" "${@:2}" "${crates[@]}"; }
cov show -format=html -show-branches=count -Xdemangler=llvm-cxxfilt -output-dir="$report/html" >/dev/null
cov export -format=lcov | awk -F'[:,]' -v root="$PWD/" '
    function flush() { if (first) printf " %s", first == last ? first : first "-" last; first = 0 }
    /^SF:/ { name = substr($0, 4); sub(root, "", name); said = 0 }
    /^DA:/ && $3 == 0 { if (!said) { printf "%s:", name; said = 1 }
        if (first && $2 == last + 1) last = $2; else { flush(); first = last = $2 } }
    /^end_of_record/ { flush(); if (said) print "" }' >"$report/uncovered.txt"
{
    printf '%-30s %18s %18s %18s %18s\n' crate regions functions lines branches
    for crate in "${crates[@]}" all; do
        [ "$crate" = all ] && of=("${crates[@]}") || of=("$crate")
        llvm-cov report "$program" -instr-profile="$report/profile" "${of[@]}" | awk -v crate="${crate%/src}" '
            $1 == "TOTAL" { printf "%-30s", crate; for (at = 2; at <= 11; at += 3) printf " %8s of %6d", $(at + 2), $at; print "" }'
    done
} | tee "$report/table.txt"
echo "coverage: $report/html/index.html shows it, $report/uncovered.txt lists what was not reached"
