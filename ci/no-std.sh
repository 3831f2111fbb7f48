#!/usr/bin/env bash
# Builds the reader and the interpreter for a target that has no std: a bare-metal one if rustup has one installed, else
# Debian's BPF target (packages rustc-web, cargo-web, libstd-rust-web-dev-bpf). Where there is neither, it says so.
set -euo pipefail
cd "$(dirname "$0")/.."
build() {
    cargo build --quiet --package channel-parser --package channel-interpreter --no-default-features --release --target "$1"
}
bare=$(rustup target list --installed 2>/dev/null | grep -m1 -- '-none' || true)
if [ -n "$bare" ]; then
    build "$bare"
elif [ -d /usr/lib/rustlib/bpfel-unknown-none ]; then
    bare=bpfel-unknown-none
    # Debian's own compiler, which rustup's would hide; its libraries are of another version.
    export PATH=/usr/bin:/bin CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/debian"
    unset RUSTC CARGO RUSTUP_TOOLCHAIN
    build "$bare"
else
    echo "no-std: not run: no target without std is installed (rustup target add x86_64-unknown-none)"
    exit 0
fi
echo "no-std: the reader and the interpreter build for $bare"
