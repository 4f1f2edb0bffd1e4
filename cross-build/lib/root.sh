# The root folder of the image: Debian, made by mmdebstrap with all maintainer scripts, and our packages. One for all boards.

card_suite=trixie
card=$work/card
# Seconds. Eight minutes on two cores, nearly all of it emulated.
root_seconds_max=3600
# Linux that can drive a Pi 5's pins, and where Debian has it.
pi5_linux_min=6.17
pi5_suite=$card_suite-backports
# System, set-up and log-in, network, engine, what the check-list of wiring.md asks for, our packages' libraries, and last
# what a Pi boots with.
card_packages="systemd-sysv systemd-resolved systemd-timesyncd udev dbus kmod initramfs-tools busybox zstd e2fsprogs fdisk dosfstools
    openssh-server sudo passwd ca-certificates less nano curl
    iproute2 iputils-ping wpasupplicant wireless-regdb firmware-brcm80211
    docker.io iptables i2c-tools gpiod device-tree-compiler
    libzmq5 libgpiod3 libi2c0 libsqlite3-0 libyaml-0-2 zlib1g libstdc++6 libjs-dygraphs
    raspi-firmware"

# Before anything is fetched.
check_inputs() {
    local package of
    compgen -G "$out/droneagent_*_arm64.deb" >/dev/null ||
        refuse "There is no droneagent_*_arm64.deb in ${out#"$PWD"/}; run cross-build/build first."
    for package in "$out"/droneagent*.deb; do
        of=$(dpkg-deb --field "$package" Architecture 2>/dev/null) ||
            refuse "${package#"$PWD"/} is not a Debian package; run cross-build/build again."
        [ "$of" = arm64 ] || refuse "${package#"$PWD"/} is for $of and not for arm64; run cross-build/build again."
    done
    [ "$(compgen -G "$out/droneagent_*_arm64.deb" | wc -l)" = 1 ] ||
        refuse "There is more than one droneagent_*_arm64.deb in ${out#"$PWD"/}; remove those that are not to fly."
}

install_card_tools() {
    [ "$(id -u)" = 0 ] || refuse "cross-build/image makes files that belong to root, which needs root."
    install_missing "$keyring=debian-archive-keyring" mmdebstrap=mmdebstrap arch-test=arch-test unshare=util-linux \
        qemu-aarch64-static=qemu-user-static xz=xz-utils jq=jq sfdisk=fdisk mkfs.ext4=e2fsprogs mkfs.vfat=dosfstools \
        mcopy=mtools fdtput=device-tree-compiler
}

# The mirror of Debian's security updates, if this machine has one.
security_mirror() {
    apt-get indextargets --format '$(LABEL) $(COMPONENT) $(SITE)' 'Created-By: Packages' |
        sed -n 's/^Debian-Security main //p' | head -n 1
}

# Which Debian, as sources: of the drone too, later.
card_sources() {
    local site security
    site=$(mirror)
    security=$(security_mirror)
    echo "deb [signed-by=$keyring] $site $card_suite main non-free-firmware"
    echo "deb [signed-by=$keyring] $site $card_suite-updates main non-free-firmware"
    [ -z "$security" ] || echo "deb [signed-by=$keyring] $security $card_suite-security main non-free-firmware"
    [ -z "$1" ] || echo "deb [signed-by=$keyring] $site $1 main non-free-firmware"
}

# Debian's kernel for the Pi 5, or a refusal: Debian 13's own has no driver for the chip behind the 40 pins.
pi5_kernel() {
    local found
    apt_in "$work/debs/$pi5_suite" "$pi5_suite" arm64
    found=$(apt-cache show --no-all-versions linux-image-arm64 2>/dev/null | sed -n 's/^Version: //p')
    unset APT_CONFIG
    dpkg --compare-versions "${found:-0}" ge "$pi5_linux_min" ||
        refuse "Linux on a Pi 5's pins needs $pi5_linux_min or later, and $pi5_suite has ${found:-none}; take Raspberry Pi OS, and our package."
    say "Linux $found of $pi5_suite, for the Pi 5"
}

# make_root BOARD: into $root.
make_root() {
    local board=$1 suite='' kernel=linux-image-arm64 packages
    packages=("$out"/droneagent_*_arm64.deb)
    root=$card/root
    if [ "$board" = pi5 ]; then
        pi5_kernel
        suite=$pi5_suite kernel=linux-image-arm64/$pi5_suite root=$card/root-pi5
    fi
    mkdir -p "$card"
    root_inputs >"$card/inputs"
    ! made "$root.made" "$card/inputs" || return 0
    say "Debian $card_suite for arm64, with ${packages[*]##*/}"
    # What the root folder's owner is here does not matter there.
    tar -C cross-build/card --owner=0 --group=0 --mode=u+rwX,go=rX --sort=name -cf "$card/files.tar" .
    rm -rf "$root" "$root.made"
    card_sources "$suite" >"$card/sources.list"
    # The kernel's own choice of packages would bring another boot loader's.
    emulated "$root_seconds_max" env -u APT_CONFIG DEBIAN_FRONTEND=noninteractive FILES="$card/files.tar" \
        PACKAGES="${packages[*]}" SETUP="$PWD/cross-build/lib/in-root" LC_ALL=C.UTF-8 TMPDIR="$card" \
        mmdebstrap --mode=root --architectures=arm64 --variant=minbase --format=directory \
        --aptopt='Acquire::Retries "3"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-confold --dpkgopt=force-unsafe-io \
        --include="$(echo $card_packages $kernel | tr ' ' ',')" \
        --essential-hook='mkdir -p "$1/boot/firmware" "$1/data" && tar -C "$1" --keep-directory-symlink -xf "$FILES"' \
        --customize-hook='mkdir "$1/tmp/card" && cp $PACKAGES "$1/tmp/card/" && cp "$SETUP" "$1/tmp/card/in-root"' \
        --customize-hook='chroot "$1" /bin/bash /tmp/card/in-root && rm -r "$1/tmp/card"' \
        "$card_suite" "$root" "$card/sources.list" >"$card/mmdebstrap.log" 2>&1 || {
        tail -n 25 "$card/mmdebstrap.log" >&2
        refuse "mmdebstrap did not make Debian for arm64; its last words are above, all of them in ${card#"$PWD"/}/mmdebstrap.log."
    }
    mark_made "$root.made" "$card/inputs"
}

root_inputs() {
    find cross-build/card -type f -print0 | sort -z | xargs -0 sha256sum
    sha256sum "${packages[@]}" cross-build/lib/root.sh cross-build/lib/in-root
}
