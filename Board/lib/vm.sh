# The board VM: a stock Debian kernel in QEMU, with I2C and GPIO devices of its own, on which the programs run unchanged.
# What differs between the two machines is in vm-amd64.sh and vm-arm64.sh.

vm=$PWD/.build-vm
# Modules that the guest loads: the root folder, then what the kernel makes of the simulated bridge.
vm_modules="virtio_pci 9pnet_virtio 9p overlay i2c-dev uhid hid-cp2112 loop vivid"
# Of the kernel's test camera: one device, which takes pictures.
vm_vivid="n_devs=1 node_types=1"
vm_memory=6144
# Of manoeuvres: an update takes 13.
vm_flight_seconds=15
# The guest's clock counts instructions, 2 ns each, and skips what it would sleep: however slow and uneven this machine
# emulates, a tick in the guest has the time that it has on a board. One CPU: an emulator that counts runs them in turn.
vm_clock=shift=1,sleep=off
# What the kernel and QEMU are told besides.
vm_append=
vm_network=()
# Seconds: boot, engine, a flight of a minute, all of it emulated.
vm_seconds_max=2400

# Set by prepare_ARCHITECTURE: QEMU and its machine, the kernel's file, its modules' root folder and version, a static
# busybox, the guest's root folder, the bench's place in it, and the images.
vm_qemu=()
vm_image=
vm_modules_root=
vm_kernel=
vm_busybox=
vm_root=
vm_place=
vm_layout=

vm_usage() {
    cat <<END
Usage: Board/bench vm [--arch amd64|arm64] [--seconds S]

Boots Debian's kernel in QEMU, with no hardware acceleration, and flies there as 'fly' does: core, agent, engine, registry
and both flight containers, over the kernel's own /dev/i2c-0 and /dev/gpiochip0. Behind these is a CP2112 USB bridge that
the simulator plays over /dev/uhid. Nothing is judged on latency: the guest's clock follows the instructions that it has
run, and the output says how much slower than ours it went.

amd64 is this machine's Debian with the programs of 'setup'. arm64 is the Debian of a Pi: the packages that
cross-build/build makes, which it makes first if they are not there, are installed in the guest and fly there.
END
}

vm() {
    local arch=amd64 seconds=$vm_flight_seconds
    while [ $# -gt 0 ]; do
        case $1 in
        --help | -h) vm_usage; return ;;
        --arch) arch=${2:-}; shift ;;
        --seconds) seconds=${2:-}; shift ;;
        *) refuse "There is no option '$1'; see Board/bench vm --help." ;;
        esac
        shift
    done
    [[ $seconds =~ ^[0-9]+$ ]] || refuse "--seconds is '$seconds'; give a whole number."
    case $arch in
    amd64 | arm64) ;;
    *) refuse "--arch is '$arch'; give amd64 or arm64." ;;
    esac
    setup
    vm_fly "$arch" "$seconds"
}

# vm_fly ARCHITECTURE SECONDS: of what setup has built; leaves no bench behind.
vm_fly() {
    local arch=$1 seconds=$2
    prepare_vm "$arch"
    vm_run in-vm "$arch" "$seconds"
}

# prepare_vm ARCHITECTURE: all that boot needs; no other bench is at work from here on.
prepare_vm() {
    local arch=$1
    # Where the guest has folders of its own, it does not see this machine's.
    case $PWD/ in
    /run/* | /dev/* | /proc/* | /sys/*) refuse "The board VM cannot fly from $PWD; move the checkout elsewhere, /opt for instance." ;;
    esac
    install_missing cpio=cpio modprobe=kmod
    mkdir -p "$vm"
    "prepare_$arch"
    make_initramfs
    be_alone
    fill_registry
}

# vm_run COMMAND...: of Board/bench, in the guest; says what it said and ends as it did.
vm_run() {
    say "Board VM: Debian's kernel $vm_kernel, emulated; a guest's second takes several of ours"
    local began=$SECONDS
    boot Board/bench "$@" ||
        refuse "The board VM did not end in time; its console is in $vm/console.log."
    cat "$vm/out/said" 2>/dev/null || true
    [ -s "$vm/out/code" ] || refuse "The board VM died before its end; its console is in $vm/console.log."
    say "$(cat "$vm/out/guest"); $(cat "$vm/out/uptime") s in the guest took $((SECONDS - began)) s"
    return "$(cat "$vm/out/code")"
}

# An initramfs with busybox, the modules and Board/lib/vm-init.
make_initramfs() {
    local root=$vm/initramfs module
    rm -rf "$root"
    mkdir -p "$root"/{bin,lib/modules,proc,sys,dev,lower,upper,root}
    cp "$vm_busybox" "$root/bin/busybox"
    cp Board/lib/vm-init "$root/init"
    chmod +x "$root/init"
    # What is built in needs no module.
    for module in $vm_modules; do
        modprobe -d "$vm_modules_root" -S "$vm_kernel" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
    done | awk '!seen[$0]++' >"$vm/modules"
    [ -s "$vm/modules" ] || refuse "None of the modules $vm_modules was found for kernel $vm_kernel."
    : >"$root/lib/modules/order"
    while read -r module; do
        case $module in
        *.xz) xz -dc "$module" >"$root/lib/modules/$(basename "$module" .xz)" ;;
        *) cp "$module" "$root/lib/modules/" ;;
        esac
        module=$(basename "$module" .xz)
        [ "$module" != vivid.ko ] || module+=" $vm_vivid"
        echo "$module" >>"$root/lib/modules/order"
    done <"$vm/modules"
    (cd "$root" && find . | cpio --quiet -o -H newc) >"$vm/initramfs.cpio"
    [ "$(stat -c %s "$vm/initramfs.cpio")" -gt 1000000 ] || refuse "The initramfs $vm/initramfs.cpio came out empty; is cpio installed?"
}

# boot COMMAND...: runs it in the guest, in the bench's place, in a root folder of this machine, whose files the guest
# sees and cannot change. What it says and its exit code are left in $vm/out.
boot() {
    rm -rf "$vm/console.log" "$vm/out"
    mkdir -p "$vm/out"
    {
        printf 'cd %q\n' "$vm_place"
        printf 'PATH=%q HOME=/root\nexport PATH HOME\n' "$PATH"
        printf '{ %s; } >/run/vm-out/said 2>&1\n' "$*"
        echo 'echo $? >/run/vm-out/code'
    } >"$vm/out/run"
    job "$vm_seconds_max" "${vm_qemu[@]}" -smp 1 -m "$vm_memory" -nographic -no-reboot \
        -nodefaults -serial "file:$vm/console.log" -rtc base=utc -icount "$vm_clock" \
        -kernel "$vm_image" -initrd "$vm/initramfs.cpio" \
        -append "console=ttyS0 console=ttyAMA0 quiet panic=-1 rdinit=/init $vm_append" \
        -virtfs "local,path=$vm_root,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
        -virtfs "local,path=$vm/out,mount_tag=out,security_model=none" "${vm_network[@]}"
}

# The images in the registry's own files, so that the guest need not push them; where it finds them as $vm/registry.
fill_registry() {
    local layout=$vm_layout files=$vm_root$vm_place/${vm#"$PWD"/}/registry
    start_registry
    push_images
    rm -rf "$files"
    cp -r "$run/registry/data" "$files"
    sweep
}

# In the guest: lines and chips step by step, then registry, engine and one flight with an update.
in_vm() {
    local arch=$1 seconds=$2 code=0
    "enter_$arch"
    say "Devices: $(uname -r), $(cat /sys/bus/i2c/devices/i2c-0/name 2>/dev/null || echo "no bus before the adapter")"
    job "$fly_seconds_max" "$programs/flightbench" devices --adapter --board Board/vm.yaml --camera /dev/video0 \
        --out /run/vm-out/devices ||
        code=$?
    be_alone
    serve_vm
    job "$fly_seconds_max" "$programs/flightbench" fly --engine "$engine" --registry "$registry" --adapter --emulated \
        --board Board/vm.yaml --updates 1 --update-at 1 --seconds "$seconds" --camera-device /dev/video0 --out /run/vm-out/flight || code=$?
    cut -d ' ' -f 1 /proc/uptime >/run/vm-out/uptime
    # Else nobody who has only this output learns why.
    [ "$code" = 0 ] || tail -n 25 /run/vm-out/flight/{world,core,agent}.log 2>/dev/null || true
    return "$code"
}

# In the guest: registry, with what fill_registry left, and engine.
serve_vm() {
    mkdir -p "$run/registry"
    cp -r "$vm/registry" "$run/registry/data"
    start_registry
    start_engine
}
