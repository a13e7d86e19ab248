#!/usr/bin/env bash
# Add to .venv the packages that tests and benchmarks compare ours with (tests/oracles.lock).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv
uv=$(command -v uv || echo "$venv/.uv/bin/uv")
echo "Adding the packages of tests/oracles.lock" >&2
VIRTUAL_ENV=$PWD/$venv "$uv" pip install --quiet --require-hashes --no-deps --requirement tests/oracles.lock
touch "$venv/.oracles"
