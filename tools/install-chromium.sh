#!/usr/bin/env bash
# Make sure that Chromium is there for the browser tests. Never fails: without it those tests say that they were skipped (and fail in CI).
set -uo pipefail

for name in "${IITK_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
    echo "No Chromium here: the browser tests will be skipped. Install it, or name it with IITK_CHROMIUM=/path/to/chromium." >&2
    exit 0
fi
echo "Installing Debian's chromium for the browser tests" >&2
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1; then
    echo "Debian's chromium could not be installed: the browser tests will be skipped." >&2
fi
