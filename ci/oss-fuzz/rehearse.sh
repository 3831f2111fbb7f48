#!/usr/bin/env bash
# Rehearses what OSS-Fuzz does with our files, without its images: build as its builder does, with the address sanitizer,
# then run every target as its runner does, where there is nothing but the build. Holds each target to
#   - a dictionary, options and seeds under its exact name;
#   - code that is instrumented (OSS-Fuzz asks for 1000 calls), with overflow checks and debug assertions in it;
#   - a run of all its seeds, and some seconds of fuzzing.
# ci/oss-fuzz/rehearse.sh [CPU-SECONDS]     of fuzzing, for all targets together
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "oss-fuzz: not run: cargo-fuzz is not installed (cargo install cargo-fuzz --locked)"
    exit 0
fi
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT

# The Dockerfile.
export SRC=$here/src OUT=$here/out WORK=$here/work
mkdir -p "$SRC" "$OUT" "$WORK"
ln -s "$root" "$SRC/contentgate"
ln -s "$SRC/contentgate/ci/oss-fuzz/build.sh" "$SRC/build.sh"
# The builder's environment. Its compiler is a nightly; a stable one with its features on is the next best.
export SANITIZER=address FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=rust ARCHITECTURE=x86_64
if rustup toolchain list 2>/dev/null | grep -q '^nightly'; then
    toolchain="env RUSTUP_TOOLCHAIN=nightly"
else
    toolchain="env RUSTC_BOOTSTRAP=1"
fi
(
    cd "$SRC/contentgate"
    export RUSTFLAGS="--cfg fuzzing -Zsanitizer=address -Cdebuginfo=1 -Cforce-frame-pointers"
    $toolchain bash -eu "$SRC/build.sh" --codegen-units 16
)

# The runner has the build and no sources.
alone() {
    if unshare --mount --map-root-user true 2>/dev/null; then
        unshare --mount --map-root-user bash -euc 'mount -t tmpfs none "$1"; cd /; shift; "$@"' _ "$root" "$@"
    else
        "$@"
    fi
}
unshare --mount --map-root-user true 2>/dev/null || echo "oss-fuzz: the sources stay in sight: no namespaces here"
count=0
for target in $(cargo fuzz list); do
    fail() { echo "oss-fuzz: $target: $1"; exit 1; }
    program=$OUT/$target
    [ -x "$program" ] || fail "was not built"
    for beside in "$program".dict "$program".options "$program"_seed_corpus.zip; do
        [ -s "$beside" ] || fail "$(basename "$beside") is missing"
    done
    # `grep -m` stops the disassembly early.
    calls=$(objdump -d --no-show-raw-insn "$program" 2>/dev/null | grep -m1000 -cE 'call .*<__asan' || true)
    [ "$calls" -ge 1000 ] || fail "is not instrumented: $calls calls of the sanitizer"
    nm "$program" | grep panic_const_add_overflow >/dev/null || fail "was built without overflow checks"
    mkdir "$WORK/$target"
    unzip -q -d "$WORK/$target" "$program"_seed_corpus.zip
    # libFuzzer passes over an empty file.
    seeds=$(find "$WORK/$target" -type f -size +0 | wc -l)
    alone "$program" -runs=0 -timeout=25 -rss_limit_mb=2560 -print_final_stats=1 "$WORK/$target" >"$here/log" 2>&1 ||
        { tail -40 "$here/log"; fail "a seed is a finding"; }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$here/log")
    [ "${runs:-0}" -ge "$seeds" ] && [ "$seeds" -gt 0 ] || fail "ran ${runs:-0} of $seeds seeds"
    count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo "oss-fuzz: there are no targets"; exit 1; }
echo "oss-fuzz: $count targets are instrumented and complete, and hold on all their seeds"
KEEP=none ci/fuzz-campaign.sh "${1:-51}"
