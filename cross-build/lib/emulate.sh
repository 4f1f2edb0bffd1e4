# Programs for arm64 run here, by QEMU's user emulation: maintainer scripts of the target's packages, mostly.

# emulated SECONDS COMMAND...: runs it where the kernel gives arm64 programs to QEMU. A machine on which that is set up is
# left as it is. Else it is set up by a mount that only the command sees, and is gone with it; so are all processes that the
# command leaves, and whatever they have mounted.
emulated() {
    local seconds=$1
    shift
    job "$seconds" unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash -c '
        set -e
        place=/proc/sys/fs/binfmt_misc
        if [ ! -e $place/qemu-aarch64 ]; then
            mount -t binfmt_misc binfmt_misc $place
            # An ELF file of 64 bits, little-endian, a program or a library, for machine 183. F: QEMU is opened here and now,
            # and need not be in the root folder into which the command changes.
            [ -e $place/qemu-aarch64 ] || printf "%s" "$1" >$place/register
        fi
        shift
        exec "$@"
    ' emulated "$arm64_programs" "$@"
}

arm64_programs=':qemu-aarch64:M:0:\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F'
