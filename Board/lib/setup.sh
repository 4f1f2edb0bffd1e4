# What the bench needs on this machine: Debian packages, a Python environment, the built programs.

python=.build-venv/bin/python
# Read the flight record, draw it, and write a flight container in another language.
python_packages=(pyulog==1.3.0 pyzmq==27.3.0 matplotlib==3.11.2)

# Seconds. The first build of all packages takes about ten minutes on two cores.
build_seconds_max=2400
install_seconds_max=900

# A package is missing when the file that we need of it is. Asking for files and not for package names leaves
# an engine from elsewhere in place.
missing_packages() {
    local include=/usr/include
    have "$include/gpiod.h" || echo libgpiod-dev
    have "$include/i2c/smbus.h" || echo libi2c-dev
    have "$include/sqlite3.h" || echo libsqlite3-dev
    have "$include/zlib.h" || echo zlib1g-dev
    have "$include/zmq.h" || echo libzmq3-dev
    { program dockerd && program containerd && program runc; } || echo docker.io
    program docker-registry || echo docker-registry
    program skopeo || echo skopeo
    program curl || echo curl
    program git || echo git
    program pkg-config || echo pkg-config
    program readelf || echo binutils
    { have /usr/bin/python3 && /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null; } || echo python3-venv
    have /etc/ssl/certs/ca-certificates.crt || echo ca-certificates
}

have() {
    [ -e "$1" ]
}

program() {
    command -v "$1" >/dev/null
}

install_packages() {
    program swift || refuse "There is no swift in PATH; install Swift 6.2 or later first."
    local missing
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    [ "$(id -u)" = 0 ] || refuse "These packages are missing: ${missing//$'\n'/ }; install them, or run the bench as root."
    say "Installing ${missing//$'\n'/ }"
    export DEBIAN_FRONTEND=noninteractive
    job "$install_seconds_max" apt-get update -qq
    forbid_services
    # shellcheck disable=SC2086
    job "$install_seconds_max" apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 $missing
    allow_services
    missing=$(missing_packages)
    [ -z "$missing" ] || refuse "apt-get says that it worked, but this is still missing: ${missing//$'\n'/ }."
}

make_python() {
    local wanted=.build-venv/wanted
    [ ! -e $wanted ] || [ "$(cat $wanted)" != "${python_packages[*]}" ] || ! $python -c '' 2>/dev/null || return 0
    say "Python environment: ${python_packages[*]}"
    rm -rf .build-venv
    job "$install_seconds_max" /usr/bin/python3 -m venv .build-venv
    job "$install_seconds_max" $python -m pip install --quiet --retries 3 "${python_packages[@]}"
    echo "${python_packages[*]}" >$wanted
}

build_programs() {
    say "Programs and tests"
    job "$build_seconds_max" swift build -c release --build-tests
}
