# What the bench needs on this machine: Debian packages, a Python environment, the built programs.

python=.build-venv/bin/python
# Read the flight record, draw it, and write a flight container in another language.
python_packages=(pyulog==1.3.0 pyzmq==27.3.0 matplotlib==3.11.2)

# Seconds. The first build of all packages takes about ten minutes on two cores.
build_seconds_max=2400

install_packages() {
    program swift || refuse "There is no swift in PATH; install Swift 6.2 or later first."
    local include=/usr/include
    install_missing "$include/gpiod.h=libgpiod-dev" "$include/i2c/smbus.h=libi2c-dev" "$include/sqlite3.h=libsqlite3-dev" \
        "$include/yaml.h=libyaml-dev" "$include/zlib.h=zlib1g-dev" "$include/zmq.h=libzmq3-dev" \
        "$include/jpeglib.h=libjpeg62-turbo-dev" \
        dockerd=docker.io containerd=docker.io runc=docker.io docker-registry=docker-registry skopeo=skopeo \
        curl=curl git=git pkg-config=pkg-config readelf=binutils '/usr/lib/python3*/ensurepip=python3-venv' \
        /etc/ssl/certs/ca-certificates.crt=ca-certificates /usr/sbin/sshd=openssh-server ssh=openssh-client \
        sigrok-cli=sigrok-cli
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
