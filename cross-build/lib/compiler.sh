# The compiler: Debian's own Swift, of the release that has one new enough, in a root folder of its own.

compiler_suite=sid
compiler=$work/compiler
# What SwiftPM asks of a machine: a linker's start files for the manifests, a shell, git, pkg-config; libc-bin for ldconfig.
compiler_packages="swiftlang g++ libc6-dev libc-bin base-files bash coreutils git pkg-config ca-certificates"
compiler_pins="swiftlang libswiftlang"

fetch_compiler() {
    # shellcheck disable=SC2086
    fetch "$work/debs/compiler" $compiler_suite amd64 $compiler_packages
}

# Unpacked, not installed: nothing of it ever runs as a service, and no maintainer script touches this machine.
make_compiler() {
    ! made "$compiler/made" "$pins/compiler" cross-build/lib/compiler.sh || return 0
    [ "$(dpkg --print-architecture)" = amd64 ] || refuse "The cross-compiler is for amd64; on $(dpkg --print-architecture) build on the machine itself."
    say "Compiler: $(sed -n 's/.* \(swiftlang_.*\)\.deb/\1/p' "$pins/compiler")"
    fetch_compiler
    check_pins "$work/debs/compiler" compiler
    rm -rf "$compiler"
    mkdir -p "$compiler"
    unpack "$work/debs/compiler" "$compiler"
    mkdir -p "$compiler"/{proc,dev,tmp,src,sysroot,sdk}
    ldconfig -r "$compiler"
    mark_made "$compiler/made" "$pins/compiler" cross-build/lib/compiler.sh
}

# in_compiler SECONDS COMMAND...: runs it in the compiler's root folder, with the sources at /src. The mounts are its own
# and go with it.
in_compiler() {
    local seconds=$1
    shift
    job "$seconds" unshare --mount --propagation private bash -c '
        set -e
        root=$1 sources=$2 work=$3
        shift 3
        mount --bind "$sources" "$root/src"
        mount --bind "$work/sysroot" "$root/sysroot"
        mount --bind "$work/sdk" "$root/sdk"
        mount --bind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/tmp"
        exec chroot "$root" /usr/bin/env -i HOME=/tmp PATH=/usr/libexec/swift/bin:/usr/bin:/bin LANG=C.UTF-8 \
            PKG_CONFIG_LIBDIR=/sysroot/usr/lib/aarch64-linux-gnu/pkgconfig PKG_CONFIG_SYSROOT_DIR=/sysroot \
            GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="*" "$@"
    ' in_compiler "$compiler" "$PWD" "$work" "$@"
}
