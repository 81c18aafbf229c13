#!/bin/sh
# Leaves .venv with the locked packages and the console script .venv/bin/mingjing. Fast when nothing changed.
#   deploy/setup.sh run    what the product runs on
#   deploy/setup.sh test   also what the tests and checks need (packages, Chromium, PostgreSQL, Chinese fonts)
# Run from the project's root. As root on Debian, missing system packages are installed; elsewhere they are named in one line.
set -eu

level=${1:-run}
case "$level" in run | test) ;; *) echo "usage: deploy/setup.sh run|test" >&2; exit 2 ;; esac
[ -f deploy/requirements/run.txt ] || { echo "setup: run this from the project's root." >&2; exit 2; }

say() { printf 'setup: %s\n' "$*" >&2; }

# The system's own Python goes before others in PATH: a distribution's is built with profile-guided optimisation (a page takes
# two thirds of the time of one built with the defaults) and is mended together with the system. PYTHON=… goes before both.
PYTHONS="/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11"

new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_ensurepip() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

can_install() {
    [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1
}

# The first that is new enough; where nothing can be installed, the first of them that can make an environment.
find_python() {
    found=''
    for name in ${PYTHON:-} $PYTHONS; do
        new_enough "$name" || continue
        [ -n "$found" ] || found=$name
        if can_install || has_ensurepip "$name"; then
            found=$name
            break
        fi
    done
    [ -n "$found" ] && printf '%s\n' "$found"
}

# The headless shell is Chromium without its windows: the browser tests take half the time. Where it is not to be had, a whole one will do.
has_headless_shell() {
    command -v chromium-headless-shell >/dev/null 2>&1
}

find_chromium() {
    for name in chromium-headless-shell chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

find_postgresql() {
    for folder in /usr/lib/postgresql/*/bin; do
        [ -x "$folder/initdb" ] && return 0
    done
    command -v initdb >/dev/null 2>&1
}

find_han_font() {
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]
}

python=$(find_python) || python=''
interpreter=''
[ -n "$python" ] || interpreter=' python3'
if [ ! -x .venv/bin/python ] && { [ -z "$python" ] || ! has_ensurepip "$python"; }; then interpreter="$interpreter python3-venv"; fi
tools=''
if [ "$level" = test ]; then
    if ! find_chromium || { can_install && ! has_headless_shell; }; then tools="$tools chromium-headless-shell"; fi
    find_postgresql || tools="$tools postgresql"
    find_han_font || tools="$tools fontconfig fonts-noto-cjk"
    # Optional for a site and for a developer; on CI its test is not left out.
    [ "${CI:-}" != true ] || [ -x /usr/bin/soffice ] || tools="$tools libreoffice-writer-nogui"
fi

apt_install() {
    say "installing with apt-get:$1"
    whole=$(printf '%s' "$1" | sed 's/chromium-headless-shell/chromium/')
    apt_get "$1" || { [ "$whole" != "$1" ] && apt_get "$whole"; } || { say "apt-get could not install them." && false; }
}

apt_get() {
    # shellcheck disable=SC2086  # a list of package names, split on purpose
    { DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 </dev/null; } >&2
}

lacking() {
    say "this machine lacks:$1 (install as root on Debian 12: apt-get install$1)"
}

if [ -n "$interpreter" ] && can_install; then
    apt_install "$interpreter" || true
    python=$(find_python) || python=''
fi
if [ -z "$python" ] && [ ! -x .venv/bin/python ]; then
    say "Python 3.11 or newer is needed and was not found; install it (Debian 12: apt-get install python3 python3-venv)."
    exit 1
fi
if [ ! -x .venv/bin/python ] && ! has_ensurepip "$python"; then
    lacking "$interpreter$tools"
    exit 1
fi

# What the tests need of the system comes while the packages come; both wait for the network most of the time.
coming=''
if [ -n "$tools" ] && can_install; then
    apt_install "$tools" &
    coming=$!
    trap wait EXIT # whatever fails here: nothing goes on installing behind the back of who calls this again
fi

# The last words of this script. On CI nothing may be left out for lack of a tool; elsewhere the tests that need one say so
# and are skipped.
finish() {
    if [ -n "$tools" ] && { [ -z "$coming" ] || ! wait "$coming"; }; then
        lacking "$tools"
        [ "${CI:-}" != true ] || exit 1
    fi
    exit 0
}

# A virtual environment knows its own place: one that was moved or copied, or whose interpreter is gone, is made again.
# A broken link (the interpreter was removed) is no executable file, so -x alone would leave it to `venv`, which refuses.
[ -e .venv ] && [ ! -x .venv/bin/python ] && rm -rf .venv
if [ -x .venv/bin/python ] && ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    say "the interpreter of .venv is gone or too old; making it again"
    rm -rf .venv
fi
if [ -f .venv/.made-at ] && [ "$(cat .venv/.made-at)" != "$(pwd -P)" ]; then
    say "the folder was moved; making .venv again (its scripts name the old place)"
    rm -rf .venv
fi

fingerprint() {
    # Of pyproject.toml only what an installation rests on: it stands before the settings of the checks.
    { cat "$@" deploy/setup.sh deploy/requirements/run.in deploy/requirements/uv.txt; sed '/^\[tool\.ruff\]/,$d' pyproject.toml; pwd -P; .venv/bin/python -VV; } | cksum
}

if [ -x .venv/bin/python ]; then
    run_print=$(fingerprint deploy/requirements/run.txt)
    test_print=$(fingerprint deploy/requirements/run.txt deploy/requirements/test.txt)
    [ "$(cat .venv/.made-for-test 2>/dev/null)" = "$test_print" ] && [ -x .venv/bin/mingjing ] && finish
    [ "$level" = run ] && [ "$(cat .venv/.made-for-run 2>/dev/null)" = "$run_print" ] && [ -x .venv/bin/mingjing ] && finish
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "making .venv with $("$python" -V)"
    rm -rf .venv
    "$python" -m venv .venv
fi
pwd -P >.venv/.made-at
rm -f .venv/.made-for-run .venv/.made-for-test
say "installing the locked packages ($level)"
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT
locked="--no-deps --require-hashes -r deploy/requirements/$level.txt"
ours="--no-deps --no-build-isolation -e ."

# What only tests use is compiled when it is first imported: a quarter of it ever is. What serves people is compiled now,
# whoever runs it.
compiled() { [ "$level" = test ] || printf '%s' "$1"; }

pip() { .venv/bin/python -m pip "$@" >&2; }

# uv installs in four seconds what takes pip forty. It asks the index that pip was told of, whatever a settings file of its
# own says, and it does not stay: the environment holds what the lock names.
uv() {
    VIRTUAL_ENV=$(pwd -P)/.venv UV_NO_CONFIG=1 UV_DEFAULT_INDEX=$index UV_LINK_MODE=copy UV_HTTP_RETRIES=1 \
        .venv/.uv/bin/uv pip "$@" >&2
}

# The lock names every package, so nothing has to be resolved; that nothing is missing is checked behind it. Whoever told pip
# to ask no index wants none asked.
# shellcheck disable=SC2046,SC2086  # lists of options, split on purpose
install_with_uv() {
    rm -rf .venv/.uv # of a set-up that was broken off
    told=$(.venv/bin/python -m pip config list 2>/dev/null) || return
    case $told in *.no-index=*) return 1 ;; esac
    index=$(printf '%s\n' "$told" | sed -n "s/^[^=]*\.index-url='\(.*\)'$/\1/p" | head -n 1)
    pip install -q --prefix .venv/.uv --no-warn-script-location --no-deps --require-hashes -r deploy/requirements/uv.txt &&
        uv install -q $(compiled --compile-bytecode) $locked && uv install -q $ours && uv check -q
}

# shellcheck disable=SC2046,SC2086
install_with_pip() {
    pip install -q --no-compile $(compiled --compile) $locked && pip install -q $ours && pip check
}

install_with_uv || { say "uv did not; pip does" && install_with_pip; }
rm -rf .venv/.uv
run_print=$(fingerprint deploy/requirements/run.txt)
printf '%s\n' "$run_print" >.venv/.made-for-run
if [ "$level" = test ]; then
    fingerprint deploy/requirements/run.txt deploy/requirements/test.txt >.venv/.made-for-test
fi
say "ready"
finish
