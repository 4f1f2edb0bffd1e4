# The board VM for arm64: the Debian of a Pi, unpacked from its packages, in which ours are installed at the start.

vm_pi=$PWD/.build-vm/arm64
vm_pi_suite=trixie
# Where the bench's files are in the guest.
vm_pi_place=/srv/droneagent
# What Debian counts as essential, what our packages depend on, what the bench asks for, the engine and the registry.
# systemd's own bus, and a program that takes lines, are for the packages' life (Board/lib/packages.sh), the SSH server for the
# place (Board/lib/place.sh).
vm_pi_packages="base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname
    init-system-helpers libc-bin login mount ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux
    libzmq5 libgpiod3 libi2c0 libsqlite3-0 libyaml-0-2 libjpeg62-turbo zlib1g libstdc++6 systemd udev ca-certificates curl
    docker.io docker-registry busybox-static linux-image-arm64
    dbus gpiod openssh-server"

prepare_arm64() {
    install_missing qemu-system-aarch64=qemu-system-arm xz=xz-utils /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring
    local packages=.build-cross/out
    compgen -G "$packages/droneagent_*_arm64.deb" >/dev/null || job "$cross_seconds_max" cross-build/build
    make_pi
    rm -rf "$vm_pi/root$vm_pi_place"
    mkdir -p "$vm_pi/root$vm_pi_place/.build-vm"
    cp "$packages"/*.deb "$vm_pi/root$vm_pi_place/"
    cp -r Board "$vm_pi/root$vm_pi_place/"
    vm_qemu=(qemu-system-aarch64 -machine virt -accel tcg -cpu cortex-a72)
    vm_busybox=$vm_pi/root/bin/busybox
    vm_root=$vm_pi/root vm_place=$vm_pi_place vm_layout=$packages/images
    vm_kernel=$(basename "$vm_pi"/root/boot/vmlinuz-*)
    vm_kernel=${vm_kernel#vmlinuz-}
    vm_modules_root=$vm_pi/root
    vm_image=$vm_pi/root/boot/vmlinuz-$vm_kernel
}

# Its root folder. No maintainer script has run in it, except for the two things that ours need.
make_pi() {
    # shellcheck source=/dev/null
    source cross-build/lib/fetch.sh
    [ "$(cat "$vm_pi/made" 2>/dev/null)" != "$vm_pi_packages" ] || return 0
    say "Debian $vm_pi_suite for arm64"
    # shellcheck disable=SC2086
    fetch "$vm_pi/debs" "$vm_pi_suite" arm64 $vm_pi_packages
    rm -rf "$vm_pi/root"
    mkdir -p "$vm_pi/root"
    unpack "$vm_pi/debs" "$vm_pi/root"
    register "$vm_pi/debs" "$vm_pi/root"
    # Of base-passwd and of dash.
    cp "$vm_pi/root/usr/share/base-passwd/passwd.master" "$vm_pi/root/etc/passwd"
    cp "$vm_pi/root/usr/share/base-passwd/group.master" "$vm_pi/root/etc/group"
    [ -e "$vm_pi/root/bin/sh" ] || ln -s dash "$vm_pi/root/bin/sh"
    depmod -b "$vm_pi/root" "$(cd "$vm_pi/root/boot" && echo vmlinuz-* | sed 's/vmlinuz-//')"
    rm -rf "$vm_pi/debs/archives"
    echo "$vm_pi_packages" >"$vm_pi/made"
}

# In the guest: installed as on a Pi, by dpkg, with their maintainer scripts.
enter_arm64() {
    programs=/usr/lib/droneagent-bench
    ldconfig
    job "$install_seconds_max" dpkg --install ./*.deb || refuse "dpkg did not install the packages; its words are above."
}
