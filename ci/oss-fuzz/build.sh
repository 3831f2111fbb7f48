#!/usr/bin/env bash
# Builds every fuzz target into $OUT, and beside each, under the names that OSS-Fuzz looks for, its seeds, its dictionary
# and its options. The one build for OSS-Fuzz, ClusterFuzzLite, campaigns and CI, so that all fuzz the same programs.
#   OUT=FOLDER [SANITIZER=none|address|coverage] ci/oss-fuzz/build.sh [OPTION]...     options of `cargo fuzz build`
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
mkdir -p "$OUT"

# Optimising fifteen programs each as a whole takes longer than it gains.
export CARGO_PROFILE_RELEASE_LTO=off
# `-O` alone would turn debug assertions and overflow checks off. OSS-Fuzz knows the words `cargo fuzz build` and turns
# them into a build for coverage itself.
sanitizer=${SANITIZER:-none}
cargo fuzz build -O --debug-assertions --sanitizer "${sanitizer/coverage/none}" "$@"

# What writes the seeds is no fuzz target: neither the flags nor the compiler of a fuzzing build are for it.
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
env -u RUSTFLAGS -u RUSTUP_TOOLCHAIN cargo run --quiet --package channel-fuzz --example seeds -- "$seeds"

for target in $(cargo fuzz list); do
    cp "${CARGO_TARGET_DIR:-target}/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    rm -f "$OUT/${target}_seed_corpus.zip"
    zip -qjr "$OUT/${target}_seed_corpus.zip" "$seeds/$target"
    cp fuzz/contentgate.dict "$OUT/$target.dict"
    cp ci/oss-fuzz/fuzz.options "$OUT/$target.options"
done
