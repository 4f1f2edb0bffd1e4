# The image as a card in an emulated board: does it start, set itself up, and come back?

guest_key=$card/guest.key
# QEMU takes only such sizes for a card; larger than the image, so that there is something to grow into.
guest_card_mib=8192
# Seconds, all of it emulated: from nothing to a log-in, a power-off, and what is looked at.
guest_boot_seconds_max=2400
guest_off_seconds_max=300
guest_look_seconds_max=1200
guest_small_seconds_max=300
guest_service_seconds_max=900
# QEMU's emulated Pi now and then does not bring its USB up, behind which its network is: then it is switched on again.
guest_starts_max=3
guest_pid=

# boot_card BOARD
boot_card() {
    local board=$1 image=$card/$1.img disk=$card/guest.img root_before
    install_missing qemu-system-aarch64=qemu-system-arm ssh=openssh-client
    [ "$(stat -c %s "$image")" -le $((guest_card_mib * 1048576)) ] || refuse "$image is larger than $guest_card_mib MiB; make guest_card_mib of cross-build/lib/guest.sh the next power of two."
    faults=0
    rm -rf "$card"/guest*
    mkdir -p "$card/guest"
    boot_files "$board" "$image"
    small_card "$board" "$image" "$disk"
    ssh-keygen -q -t ed25519 -N '' -f "$guest_key"
    printf 'hostname=kestrel\r\nuser=pilot\r\nssh_key=%s\r\n' "$(cat "$guest_key.pub")" >"$card/guest/userdata.txt"
    write_card "$image" "$disk"
    root_before=$(root_sum "$disk")
    in_guest_boot first
    in_guest_boot second
    expect "the root partition is as it was written, to the byte" same "$(root_sum "$disk")" "$root_before"
    expect "the data partition is whole after two starts" e2fsck -fn "$disk?offset=$(offset data "$disk")"
    [ "$faults" = 0 ] || refuse "$faults of the checks in the guest failed; they are the lines with FAULT above, its console is in ${card#"$PWD"/}/guest/."
    rm -f "$disk"
}

# write_card IMAGE DISK: as rpi-imager would, and with a userdata.txt.
write_card() {
    cp --sparse=always "$1" "$2"
    truncate -s ${guest_card_mib}M "$2"
    mcopy -o -i "$2@@$(offset boot "$2")" "$card/guest/userdata.txt" ::
}

# boot_files BOARD IMAGE: what the Pi's firmware would load, as config.txt names it.
boot_files() {
    local at=$2@@$(offset boot "$2") look=$card/guest name
    mkdir -p "$look/boot"
    mcopy -n -i "$at" ::config.txt ::cmdline.txt "$look/boot/"
    for name in "$(config kernel)" "$(config initramfs)" $(device_trees "$1"); do
        mcopy -n -i "$at" "::$name" "$look/boot/"
    done
    guest_kernel=$look/boot/$(config kernel) guest_initramfs=$look/boot/$(config initramfs)
    # The line that the firmware would give the kernel, but for the console of the emulated board; and services get more
    # time than on a board, since a machine that is busy emulates a hundred times slower than one.
    guest_line="$(cat "$look/boot/cmdline.txt") systemd.service_watchdogs=0 systemd.default_timeout_start_sec=$guest_service_seconds_max"
}

# start_guest BOARD DISK CONSOLE: sets guest_pid. A Pi 3 has QEMU's Raspberry Pi, with the image's own device tree; for the
# others QEMU has none with a network, and Debian's kernel and initramfs run on its own board, with the four CPUs that all
# boards have: the services ask for the last one.
start_guest() {
    local board=$1 disk=$2 console=$3 tree network
    # Read-only devices and no display: what is not named is not there.
    network=user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$guest_port-:22
    case $board in
    pi3)
        tree=$(set -- $(device_trees "$board") && echo "$1")
        set -- -machine raspi3b -dtb "$card/guest/boot/$tree" -drive "if=sd,format=raw,file=$disk" \
            -serial null -serial "file:$console" -netdev "$network" -device usb-net,netdev=net \
            -append "$guest_line"
        ;;
    *)
        set -- -machine virt -cpu cortex-a72 -smp 4 -m 2048 -drive "if=virtio,format=raw,file=$disk" \
            -serial "file:$console" -netdev "$network" -device virtio-net-pci,netdev=net,romfile= \
            -append "${guest_line//console=ttyS1,115200/console=ttyAMA0}"
        ;;
    esac
    setsid qemu-system-aarch64 -accel tcg -nodefaults -display none -monitor none -no-reboot \
        -kernel "$guest_kernel" -initrd "$guest_initramfs" "$@" </dev/null >"$card/guest/qemu.log" 2>&1 9>&- &
    guest_pid=$!
}

end_guest() {
    [ -n "$guest_pid" ] || return 0
    kill "$guest_pid" 2>/dev/null || true
    wait "$guest_pid" 2>/dev/null || true
    guest_pid=
}

guest_gone() {
    ! kill -0 "$guest_pid" 2>/dev/null
}

# in_guest_boot first|second: starts, logs in as userdata.txt says, looks, switches off.
in_guest_boot() {
    local began=$SECONDS console=$card/guest/$1.log line starts=0
    guest_port=$(free_port)
    while true; do
        starts=$((starts + 1))
        start_guest "$board" "$disk" "$console"
        wait_until "$guest_boot_seconds_max" guest_answers || {
            tail -n 15 "$console" >&2
            end_guest
            refuse "The image did not come to a log-in within $guest_boot_seconds_max s; its console is in ${console#"$PWD"/}."
        }
        guest_has_no_usb || break
        end_guest
        [ $starts -lt $guest_starts_max ] || refuse "QEMU's emulated USB, behind which the guest's network is, failed in $starts starts; try again."
        say "QEMU's emulated USB failed, and with it the guest's network: switched on again"
        [ "$1" != first ] || write_card "$image" "$disk"
    done
    ! guest_gone || refuse "The guest ended before it could be logged in to; its console is in ${console#"$PWD"/}, QEMU's words in ${card#"$PWD"/}/guest/qemu.log."
    say "Start $1: log-in after $((SECONDS - began)) s, emulated"
    job "$guest_look_seconds_max" sh -c 'file=$1 && shift && exec "$@" <"$file"' in-guest cross-build/lib/in-guest \
        "${guest_ssh[@]}" sudo bash -s "$1" "$board" >"$card/guest/$1.said" 2>&1 || true
    grep -q '^done$' "$card/guest/$1.said" || expect "the checks of the $1 start came to their end" false
    while read -r line; do
        case $line in
        "ok "*) say "  ok     ${line#ok }" ;;
        "fault "*) faults=$((faults + 1)) && say "  FAULT  ${line#fault }" ;;
        "seen "*) say "         ${line#seen }" ;;
        esac
    done <"$card/guest/$1.said"
    job 60 "${guest_ssh[@]}" sudo poweroff >/dev/null 2>&1 || true
    wait_until "$guest_off_seconds_max" guest_gone || expect "it switches off" false
    end_guest
}

guest_has_no_usb() {
    grep -qs 'usb1-port1: attempt power cycle' "$console"
}

guest_answers() {
    guest_gone && return 0
    guest_has_no_usb && return 0
    guest_ssh=(ssh -i "$guest_key" -p "$guest_port" -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$card/guest/hosts"
        -o HostKeyAlias=drone -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20 -o IdentitiesOnly=yes pilot@127.0.0.1)
    timeout 60 "${guest_ssh[@]}" true </dev/null >/dev/null 2>&1 || { sleep 2 && return 1; }
}

# Of the machine's own, none that anyone listens on.
free_port() {
    local port tries=50
    while [ $tries -gt 0 ]; do
        port=$((20000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo $port && return; }
        tries=$((tries - 1))
    done
    refuse "None of 50 ports between 20000 and 30000 is free on this machine."
}

# A card that ends within the data partition: the drone says so and does not start.
small_card() {
    local board=$1 image=$2 disk=$3 console=$card/guest/small.log
    cp --sparse=always "$image" "$disk"
    # The emulated Pi takes a card only of sizes that none of ours would end at.
    truncate -s $(($(stat -c %s "$disk") - 128 * 1048576)) "$disk"
    guest_port=$(free_port)
    start_guest virt "$disk" "$console"
    wait_until "$guest_small_seconds_max" small_card_said "$console" || true
    end_guest
    expect "a card that is too small is refused with a sentence" grep -qs 'smaller than the image' "$console"
    rm -f "$disk"
}

small_card_said() {
    guest_gone || grep -qs "smaller than the image" "$1"
}

root_sum() {
    local table
    table=$(sfdisk --json "$1")
    dd if="$1" bs=1M skip=$((first_mib + boot_mib)) count=$(($(jq '.partitiontable.partitions[1].size' <<<"$table") / 2048)) status=none | sha256sum
}
