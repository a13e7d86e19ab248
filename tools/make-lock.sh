#!/usr/bin/env bash
# Renew the locks: exact versions with hashes, for every system and Python 3.11+, with no address of any registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=$(command -v uv || echo .venv/.uv/bin/uv)
new=$(mktemp)
trap 'rm -f "$new"' EXIT

lock() {  # lock FILE FIRST-LINE ARGUMENTS...
    local file=$1 first=$2
    shift 2
    {
        printf '%s\n' "$first"
        "$uv" pip compile "$@" --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
    } >"$new"
    cat "$new" >"$file"
}

left_out='# Left out on purpose: see [tool.uv] in pyproject.toml.'
lock requirements.lock "# Exact versions with hashes. Renew with: make lock   Install with: make env
$left_out" \
    pyproject.toml --group dev --extra build --extra eval --extra dask
# Other people's packages to compare with: not part of the environment, added to it for tests and benchmarks.
lock tests/oracles.lock "# What tests and benchmarks compare with. Renew with: make lock   Install with: make oracles
$left_out" \
    --group oracles --constraints requirements.lock
# As pip brings it to any user: with what our own settings leave out.
lock benchmarks/stock.lock "# What users install today, to measure against. Renew with: make lock   Install with: make stock" \
    pyproject.toml --no-config
