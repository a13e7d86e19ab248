#!/usr/bin/env bash
# Make or refresh .venv-stock: papermill and Voila as pip brings them (benchmarks/stock.lock) and a copy of this checkout, byte-compiled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${1:-.venv/bin/python}
venv=.venv-stock
uv=$(command -v uv || echo .venv/.uv/bin/uv)
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

if [ "$(cat "$venv/.place" 2>/dev/null)" != "$(pwd -P)" ] || ! "$venv/bin/python" -c "" >/dev/null 2>&1; then
    rm -rf "$venv"
    "$uv" venv --quiet --python "$python" "$venv"
    pwd -P >"$venv/.place"
fi

echo "Installing the packages of benchmarks/stock.lock and this checkout in $venv" >&2
"$python" -m hatchling build -t wheel -d "$built" >"$built/said" 2>&1 || { cat "$built/said" >&2 && exit 1; }
export VIRTUAL_ENV=$PWD/$venv
"$uv" pip sync --quiet --no-config --require-hashes --compile-bytecode benchmarks/stock.lock
"$uv" pip install --quiet --no-config --no-deps --compile-bytecode "$built"/*.whl
