#!/usr/bin/env bash
# Make sure that nginx is there for the test of its guide, without starting it. Never fails: without it that test says that it was skipped
# (and fails in CI).
set -uo pipefail

if PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx >/dev/null 2>&1; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
    echo "No nginx here: the test of its guide will be skipped." >&2
    exit 0
fi
echo "Installing Debian's nginx for the test of its guide" >&2
export DEBIAN_FRONTEND=noninteractive
rule=/usr/sbin/policy-rc.d  # as Debian asks: whoever is told 101 starts no service
if [ ! -e "$rule" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$rule" && chmod +x "$rule" && trap 'rm -f "$rule"' EXIT
fi
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light; } >/dev/null 2>&1; then
    echo "Debian's nginx could not be installed: the test of its guide will be skipped." >&2
fi
