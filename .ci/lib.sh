# Shared by the scripts of this folder: messages, the repository's root, and how to become root.
# Sourced, never run. Everything a person should read goes to standard error, so that a script's
# standard output can be its answer.
# shellcheck shell=sh disable=SC2034

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
TOOLS="$ROOT/.viva/tools"

# The interpreter of the machine is used as it is; uv must not go looking for another one.
export UV_PYTHON_DOWNLOADS=never
export UV_PROJECT_ENVIRONMENT="$ROOT/.venv"
unset VIRTUAL_ENV || true

say() { printf '==> %s\n' "$*" >&2; }

fail() {
    printf '\nviva: %s\n' "$*" >&2
    exit 1
}

# Prints the words to put before a command so that it runs as root without a question;
# fails where that is not possible.
root_prefix() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        echo 'sudo -n'
    else
        return 1
    fi
}

# What .venv was made from: when it changes, the packages are synced anew. The root is part of it,
# as a moved folder has launchers that point to where it was.
environment_state() { echo "$(cat "$ROOT/uv.lock" "$ROOT/pyproject.toml" | cksum) $ROOT"; }
# $1 is the stamp: .synced for what runs Viva, .synced-tools for the tools of development too.
remember_environment() { environment_state >"$ROOT/.venv/$1"; }
environment_is_current() {
    [ -x "$ROOT/.venv/bin/viva" ] && [ -f "$ROOT/.venv/$1" ] &&
        [ "$(cat "$ROOT/.venv/$1")" = "$(environment_state)" ]
}

# The name of this system's package manager, of those we know.
package_manager() {
    for manager in apt-get dnf apk pacman zypper; do
        if command -v "$manager" >/dev/null 2>&1; then
            echo "$manager"
            return 0
        fi
    done
    return 1
}

# The command that installs the packages $2... with the package manager $1.
install_command() {
    manager=$1
    shift
    case $manager in
        apt-get) echo "apt-get install -y --no-install-recommends $*" ;;
        dnf) echo "dnf install -y $*" ;;
        apk) echo "apk add $*" ;;
        pacman) echo "pacman -S --noconfirm $*" ;;
        zypper) echo "zypper --non-interactive install $*" ;;
    esac
}

# Installs packages without asking; fails quietly where it may not.
install_packages() {
    manager=$1
    prefix=$(root_prefix) || return 1
    if [ "$manager" = apt-get ]; then
        # shellcheck disable=SC2086 # the prefix is a few words on purpose
        DEBIAN_FRONTEND=noninteractive $prefix apt-get update -qq >&2 || true
    fi
    # shellcheck disable=SC2046,SC2086 # both are commands made of words
    DEBIAN_FRONTEND=noninteractive $prefix $(install_command "$@") >&2
}
