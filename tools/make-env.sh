#!/usr/bin/env bash
# Make or refresh .venv from nothing but Python 3.11+ and a package registry: the locked packages, byte-compiled, and this checkout.
# Usage: tools/make-env.sh PYTHON
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${1:-python3}
venv=.venv

if ! command -v "$python" >/dev/null 2>&1; then
    echo "Python 3.11 or newer is needed, and '$python' was not found. Name yours: make PYTHON=/path/to/python3" >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; '$python' is $("$python" -V 2>&1 | cut -d' ' -f2). Name another: make PYTHON=python3.12" >&2
    exit 2
fi

# A copied or moved checkout leaves an environment that points elsewhere: make it afresh.
if [ "$(cat "$venv/.place" 2>/dev/null)" != "$(pwd -P)" ] || ! "$venv/bin/python" -c "" >/dev/null 2>&1; then
    echo "Making the environment $venv with $("$python" -V)" >&2
    rm -rf "$venv"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --python "$("$python" -c 'import sys; print(sys.executable)')" "$venv"
    elif ! "$python" -m venv "$venv"; then
        echo "Could not make an environment. On Debian or Ubuntu install the package python3-venv, then try again." >&2
        exit 1
    fi
    pwd -P >"$venv/.place"
fi

# uv stands beside the environment's packages, not among them: it is not in the lock, so installing the lock would remove it.
uv=$(command -v uv || echo "$venv/.uv/bin/uv")
if [ ! -x "$uv" ]; then
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --target "$venv/.uv" uv
fi

echo "Installing the packages of requirements.lock" >&2
export VIRTUAL_ENV=$PWD/$venv
"$uv" pip sync --quiet --require-hashes --compile-bytecode requirements.lock
"$uv" pip install --quiet --no-deps --no-build-isolation --editable .
rm -f "$venv/.oracles"  # the sync took them out
touch "$venv/.ready"
