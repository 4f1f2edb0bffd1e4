# What a command needs of this machine, by apt.

# Seconds.
install_seconds_max=900

# install_missing NEED=PACKAGE...: installs the packages of which what we need is missing: a program in PATH, or a file, by its
# path, which may be a pattern. Asking for files and not for package names leaves an engine from elsewhere in place.
install_missing() {
    local packages
    packages=$(missing "$@")
    [ -n "$packages" ] || return 0
    [ "$(id -u)" = 0 ] || refuse "These packages are missing: ${packages//$'\n'/ }; install them, or run this as root."
    say "Installing ${packages//$'\n'/ }"
    export DEBIAN_FRONTEND=noninteractive
    job "$install_seconds_max" apt-get update -qq
    forbid_services
    # shellcheck disable=SC2086
    job "$install_seconds_max" apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 $packages >/dev/null
    allow_services
    packages=$(missing "$@")
    [ -z "$packages" ] || refuse "apt-get says that it worked, but this is still missing: ${packages//$'\n'/ }."
}

missing() {
    local pair
    for pair; do
        has "${pair%%=*}" || echo "${pair#*=}"
    done | sort -u
}

has() {
    case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    *) program "$1" ;;
    esac
}

program() {
    command -v "$1" >/dev/null
}
