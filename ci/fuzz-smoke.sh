#!/usr/bin/env bash
# Builds every fuzz target on stable, without a sanitizer, and fuzzes each for some seconds from the corpus: a campaign
# that is short and keeps nothing. Its inputs are made by the same number each time: what it finds came with the change
# that it is run on, and is found again. New inputs are for campaigns.
#   ci/fuzz-smoke.sh [CPU-SECONDS]     for all targets together
set -euo pipefail
cd "$(dirname "$0")/.."
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "fuzz-smoke: not run: cargo-fuzz is not installed (cargo install cargo-fuzz --locked)"
    exit 0
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# Many small units build faster than one large one runs.
OUT=$out SANITIZER=none ci/oss-fuzz/build.sh --codegen-units 16
SEED=1 OUT=$out KEEP=none ci/fuzz-campaign.sh "${1:-75}"
