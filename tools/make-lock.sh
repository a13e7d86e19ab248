#!/usr/bin/env bash
# Renew requirements.lock: exact versions with hashes, for every system and Python 3.11+, with no address of any registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=$(command -v uv || echo .venv/.uv/bin/uv)
new=$(mktemp)
trap 'rm -f "$new"' EXIT
{
    echo "# Exact versions with hashes. Renew with: make lock   Install with: make env"
    echo "# Left out on purpose: see [tool.uv] in pyproject.toml."
    "$uv" pip compile pyproject.toml --group dev --extra build --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-header --quiet
} >"$new"
cat "$new" >requirements.lock
