# The target: headers and libraries of Debian 13, which Raspberry Pi OS is, and Swift's libraries for arm64.

target_suite=trixie
sysroot=$work/sysroot
sysroot_packages="libc6-dev libstdc++-14-dev libgcc-14-dev libzmq3-dev libgpiod-dev libi2c-dev libsqlite3-dev zlib1g-dev"
sysroot_pins="libc6 libc6-dev libstdc++6 libstdc++-14-dev libgcc-14-dev libgcc-s1 libzmq5 libzmq3-dev libgpiod3 libgpiod-dev libi2c0 libi2c-dev libsqlite3-0 libsqlite3-dev zlib1g zlib1g-dev"
swift_arm64=$work/debs/swift-arm64

fetch_sysroot() {
    # shellcheck disable=SC2086
    fetch "$work/debs/sysroot" $target_suite arm64 $sysroot_packages
}

# Swift's libraries for the target are in the compiler's own package of that architecture; nothing that it depends on is.
fetch_swift_arm64() {
    apt_in "$swift_arm64" "$compiler_suite" arm64
    (cd "$swift_arm64/archives" && job "$fetch_seconds_max" apt-get download -qq swiftlang libswiftlang) ||
        refuse "apt could not fetch swiftlang of $compiler_suite for arm64; its words are above."
    unset APT_CONFIG
}

make_sysroot() {
    ! made "$sysroot/made" "$pins/sysroot" "$pins/swift-arm64" cross-build/lib/sysroot.sh || return 0
    say "Sysroot: Debian $target_suite for arm64"
    fetch_sysroot
    check_pins "$work/debs/sysroot" sysroot
    rm -rf "$sysroot"
    mkdir -p "$sysroot/usr/lib"
    ln -s usr/lib "$sysroot/lib"
    unpack "$work/debs/sysroot" "$sysroot"
    register
    fetch_swift_arm64
    check_pins "$swift_arm64" swift-arm64
    local archive
    for archive in "$swift_arm64"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$sysroot/usr/lib" --strip-components 5 --wildcards \
            --exclude '*/embedded/*' './usr/libexec/swift/lib/swift*'
    done
    mark_made "$sysroot/made" "$pins/sysroot" "$pins/swift-arm64" cross-build/lib/sysroot.sh
}

# What dpkg-shlibdeps asks for: which package a library is of, and since which version it has a symbol.
register() {
    local archive name info=$sysroot/var/lib/dpkg/info control=$work/control
    mkdir -p "$info"
    # Of dpkg's own files: names carry their architecture.
    echo 1 >"$info/format"
    : >"$sysroot/var/lib/dpkg/status"
    for archive in "$work"/debs/sysroot/archives/*.deb; do
        rm -rf "$control"
        dpkg-deb --control "$archive" "$control"
        name=$(dpkg-deb --field "$archive" Package)
        [ "$(dpkg-deb --field "$archive" Multi-Arch)" != same ] || name+=:arm64
        for file in symbols shlibs; do
            [ ! -e "$control/$file" ] || cp "$control/$file" "$info/$name.$file"
        done
        # By the paths at which it finds them here.
        dpkg-deb --fsys-tarfile "$archive" | tar -t | sed "s,^\\.,$sysroot,; s,/\$,," >"$info/$name.list"
        { sed '/^Package:/a Status: install ok installed' "$control/control"; echo; } >>"$sysroot/var/lib/dpkg/status"
    done
    rm -rf "$control"
}

write_pins() {
    fetch_compiler
    fetch_sysroot
    fetch_swift_arm64
    # shellcheck disable=SC2086
    pin "$work/debs/compiler" compiler $compiler_pins
    # shellcheck disable=SC2086
    pin "$work/debs/sysroot" sysroot $sysroot_pins
    pin "$swift_arm64" swift-arm64 swiftlang libswiftlang
}
