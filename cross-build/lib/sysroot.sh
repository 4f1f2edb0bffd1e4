# The target: headers and libraries of Debian 13, which Raspberry Pi OS is, and Swift's libraries for arm64.

target_suite=trixie
sysroot=$work/sysroot
sysroot_packages="libc6-dev libstdc++-14-dev libgcc-14-dev libzmq3-dev libgpiod-dev libi2c-dev libsqlite3-dev libyaml-dev zlib1g-dev libjpeg62-turbo-dev"
sysroot_pins="libc6 libc6-dev libstdc++6 libstdc++-14-dev libgcc-14-dev libgcc-s1 libzmq5 libzmq3-dev libgpiod3 libgpiod-dev libi2c0 libi2c-dev libsqlite3-0 libsqlite3-dev libyaml-0-2 libyaml-dev zlib1g zlib1g-dev libjpeg62-turbo libjpeg62-turbo-dev"
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
    # What dpkg-shlibdeps asks for: which package a library is of, by the path at which it finds it here, and since which
    # version it has a symbol.
    register "$work/debs/sysroot" "$sysroot" "$sysroot"
    fetch_swift_arm64
    check_pins "$swift_arm64" swift-arm64
    local archive
    for archive in "$swift_arm64"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$sysroot/usr/lib" --strip-components 5 --wildcards \
            --exclude '*/embedded/*' './usr/libexec/swift/lib/swift*'
    done
    mark_made "$sysroot/made" "$pins/sysroot" "$pins/swift-arm64" cross-build/lib/sysroot.sh
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
