#!/bin/sh
# Makes deploy/requirements/{uv,run,test}.txt again from the .in files: names, versions, markers and hashes, no address of any
# index (docs/decisions/0001-hashed-locks.md). The resolver lives in an environment of its own that is thrown away.
set -eu
python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT INT TERM
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check 'uv>=0.9'
cd deploy/requirements
lock() {
    "$place/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links "$@"
}
lock uv.in -o uv.txt ${UPGRADE:+--upgrade}
lock run.in -o run.txt ${UPGRADE:+--upgrade}
lock test.in -c run.txt -o test.txt ${UPGRADE:+--upgrade}
