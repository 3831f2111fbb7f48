#!/usr/bin/env bash
# Shows that the reader and the interpreter (without its feature `automata`) cannot panic and allocate nothing: no machine
# code of theirs, or of a library that they are linked with, leads to a panic or to the allocator.
#
# 1. Their libraries, each compiled by itself, ask the linker for no symbol of a panic.
# 2. A program without std that calls every public function of both is linked with a panic handler and an allocator that
#    do not exist. One path to them that is left after optimisation, in `nom` or `core` too, and it does not link.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
target=${CARGO_TARGET_DIR:-$root/target}/panic-free
mkdir -p "$target"
export CARGO_TARGET_DIR=$target RUSTFLAGS=-Cpanic=abort

for package in channel-parser channel-interpreter; do
    CARGO_PROFILE_RELEASE_LTO=off cargo rustc --quiet --package $package --release --no-default-features --crate-type rlib
    # The planted bugs (fuzz/PLANTED.md) are not in it either.
    if nm "$target/release/lib${package//-/_}.rlib" 2>/dev/null | grep planted; then
        echo "panic-free: $package is built with planted bugs"
        exit 1
    fi
    symbols=$(nm -u "$target/release/lib${package//-/_}.rlib" 2>/dev/null)
    if ! grep -q 'core' <<<"$symbols"; then
        echo "panic-free: $package has no symbols to look at"
        exit 1
    fi
    if grep -E 'core9panicking|slice_index|unwrap_failed|expect_failed|slice_error_fail' <<<"$symbols"; then
        echo "panic-free: $package asks for these"
        exit 1
    fi
done

program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
mkdir "$program/src"
cp ci/panic-free.rs "$program/src/lib.rs"
cp Cargo.lock "$program/Cargo.lock"
cat >"$program/Cargo.toml" <<END
[package]
name = "panic-free"
version = "0.0.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
channel-parser = { path = "$root/parser", default-features = false }
channel-contract = { path = "$root/validators/contract", default-features = false }
channel-interpreter = { path = "$root/validators/interpreter", default-features = false }
[profile.release]
panic = "abort"
lto = "fat"
codegen-units = 1
opt-level = 3
[workspace]
END
RUSTFLAGS="-Cpanic=abort -Clink-arg=-Wl,-z,defs -Clink-arg=-nostartfiles -Clink-arg=-lc" \
    cargo build --quiet --release --manifest-path "$program/Cargo.toml"
echo "panic-free: no path of the reader or of the interpreter leads to a panic"
