# What is on the card, read out of the finished image by offset: what a drone would get, not what was meant for it.

faults=0

# expect WHAT COMMAND...: a line, and a fault if the command fails.
expect() {
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        say "  ok     $what"
    else
        say "  FAULT  $what"
        faults=$((faults + 1))
    fi
}

# check_card BOARD
check_card() {
    local board=$1 image=$card/$1.img look=$card/look entry=$out/droneagent-$1.json file unit speed
    say "Checks of droneagent-$board.img"
    faults=0
    read_card "$image" "$look"
    speed=$(sed -n 's/^  speed_hz: *\([0-9]*\).*/\1/p' "Board/$board.yaml" | head -n 1)
    expect "three partitions: FAT, root, data" same "$(jq -r '[.partitiontable.partitions[].type] | join(" ")' "$look/table.json")" "c 83 83"
    expect "the data partition is the last, and ends with the image" ends_with_image "$image" "$look/table.json"
    for file in boot root data; do
        expect "$file: the file system is whole" whole "$file" "$image"
    done
    # Firmware and what it boots.
    for file in bootcode.bin start.elf fixup.dat start4.elf fixup4.dat; do
        [ "$board" = pi5 ] || expect "boot: $file" test -s "$look/boot/$file"
    done
    expect "config.txt: 64 bits, Debian's device trees" has_lines "$look/boot/config.txt" arm_64bit=1 upstream_kernel=1
    expect "config.txt: the kernel that it names is there" test -s "$look/boot/$(config kernel)"
    expect "config.txt: the initramfs that it names is there" test -s "$look/boot/$(config initramfs)"
    expect "config.txt: the core's clock is held" core_held "$board" "$look/boot/config.txt"
    expect "cmdline.txt: root=LABEL=droneroot" has_word root=LABEL=droneroot
    expect "cmdline.txt: the root partition is read-only" last_of ro rw
    expect "cmdline.txt: memory is bounded" has_word cgroup_enable=memory
    for file in $(device_trees "$board"); do
        expect "$file: the bus on pins 3 and 5 at $speed Hz" bus_clock "$look/boot/$file" "$speed"
        expect "$file: that bus is /dev/i2c-1" same "$(fdtget "$look/boot/$file" /aliases i2c1)" "$(bus_node "$look/boot/$file")"
    done
    # Root.
    for file in "$out"/droneagent_*_arm64.deb; do
        expect "root: $(dpkg-deb --showformat '${Package} ${Version} is installed, for ${Architecture}' --show "$file")" \
            installed "$look/status" "$file"
    done
    expect "root: docker.io is installed" grep -qx "Package: docker.io" "$look/status"
    expect "root: every package is installed whole" no_lines "$look/status" '^Status: ' 'install ok installed'
    expect "root: /etc/droneagent/board.yaml is Board/$board.yaml" cmp "$look/board.yaml" "Board/$board.yaml"
    for unit in droneagent-core droneagent docker ssh systemd-networkd droneagent-grow droneagent-first-boot; do
        expect "root: $unit.service is enabled" grep -q " $unit.service" "$look/wants"
    done
    expect "root: no SSH keys of its own yet" no_lines "$look/ssh" 'ssh_host_' 'never'
    expect "root: no identity of its own yet" test ! -s "$look/machine-id"
    expect "root: nobody has a password" locked "$look/shadow"
    # What is published.
    expect "the compressed image is the image" same "$(xz -dc "$out/droneagent-$board.img.xz" | sha256sum)" "$(sha256sum <"$image")"
    expect "the JSON has what rpi-imager requires" entry_complete "$entry"
    expect "the JSON has the image's sums and sizes" entry_right "$entry" "$image" "$out/droneagent-$board.img.xz"
    rm -rf "$look"
    [ "$faults" = 0 ] || refuse "$faults of the checks of $image failed; they are the lines with FAULT above."
}

# read_card IMAGE FOLDER: what is looked at, into files.
read_card() {
    local image=$1 look=$2
    rm -rf "$look"
    mkdir -p "$look/boot"
    sfdisk --json "$image" >"$look/table.json"
    job 120 mcopy -n -s -i "$image@@$(offset boot "$image")" '::*' "$look/boot/" || refuse "The boot partition of $image cannot be read; mcopy's words are above."
    from_root /var/lib/dpkg/status >"$look/status"
    from_root /etc/droneagent/board.yaml >"$look/board.yaml"
    from_root /etc/machine-id >"$look/machine-id"
    from_root /etc/shadow >"$look/shadow"
    root_debugfs "ls /etc/ssh" >"$look/ssh"
    root_debugfs "ls -l /etc/systemd/system/multi-user.target.wants" >"$look/wants"
}

from_root() {
    root_debugfs "cat $1"
}

root_debugfs() {
    debugfs -R "$1" "$image?offset=$(offset root "$image")" 2>/dev/null
}

# offset boot|root|data IMAGE: in bytes.
offset() {
    local number=0
    case $1 in
    root) number=1 ;;
    data) number=2 ;;
    esac
    echo $(($(sfdisk --json "$2" | jq ".partitiontable.partitions[$number].start") * 512))
}

same() {
    [ "$1" = "$2" ] && [ -n "$1" ]
}

ends_with_image() {
    [ "$(jq '.partitiontable.partitions[2] | (.start + .size) * 512' "$2")" = "$(stat -c %s "$1")" ]
}

whole() {
    case $1 in
    boot) fsck.vfat -n "$(slice boot "$2")" ;;
    *) e2fsck -fn "$2?offset=$(offset "$1" "$2")" ;;
    esac
}

# slice boot IMAGE: a copy of the partition, for a program that takes no offset.
slice() {
    local file=$card/look/slice
    dd if="$2" of="$file" bs=1M skip=$first_mib count=$boot_mib conv=sparse status=none
    echo "$file"
}

config() {
    sed -n "s/^$1[= ]\\([^ ]*\\).*/\\1/p" "$look/boot/config.txt" | tail -n 1
}

has_lines() {
    local file=$1 line
    shift
    for line; do
        grep -qx "$line" "$file" || return 1
    done
}

has_word() {
    tr ' ' '\n' <"$look/boot/cmdline.txt" | grep -qx "$1"
}

# last_of WORD OTHER: the last of the two on the kernel's line is WORD.
last_of() {
    [ "$(tr ' ' '\n' <"$look/boot/cmdline.txt" | grep -x "$1\|$2" | tail -n 1)" = "$1" ]
}

# core_held BOARD CONFIG: in the board's own part, highest and lowest clock are one. A Pi 5's bus has a clock of its own.
core_held() {
    local part=pi3 most least
    case $1 in
    pi4) part=pi4 ;;
    pi5) return 0 ;;
    esac
    most=$(sed -n "/^\\[$part\\]/,/^\\[/s/^core_freq=//p" "$2")
    least=$(sed -n "/^\\[$part\\]/,/^\\[/s/^core_freq_min=//p" "$2")
    same "$most" "$least"
}

device_trees() {
    case $1 in
    pi3) echo bcm2837-rpi-3-b.dtb bcm2837-rpi-3-b-plus.dtb ;;
    pi4) echo bcm2711-rpi-4-b.dtb ;;
    pi5) echo bcm2712-rpi-5-b.dtb ;;
    zero2) echo bcm2837-rpi-zero-2-w.dtb ;;
    esac
}

bus_node() {
    local label
    for label in i2c_arm rp1_i2c1 i2c1; do
        fdtget "$1" /__symbols__ $label 2>/dev/null && return
    done
}

bus_clock() {
    same "$(fdtget -t i "$1" "$(bus_node "$1")" clock-frequency)" "$2" && same "$(fdtget "$1" "$(bus_node "$1")" status)" okay
}

# installed STATUS PACKAGE-FILE
installed() {
    sed -n "/^Package: $(dpkg-deb --field "$2" Package)\$/,/^\$/p" "$1" | grep -E '^(Status|Architecture|Version): ' | sort >"$card/look/found"
    printf 'Architecture: arm64\nStatus: install ok installed\nVersion: %s\n' "$(dpkg-deb --field "$2" Version)" | cmp - "$card/look/found"
}

# no_lines FILE PATTERN BUT: no line has PATTERN without BUT, and the file was read.
no_lines() {
    [ -s "$1" ] && ! grep "$2" "$1" | grep -v "$3"
}

locked() {
    [ -s "$1" ] && ! cut -d : -f 2 "$1" | grep -v '^[!*]'
}

entry_complete() {
    jq -e '(.os_list | length) == 1 and (.os_list[0] |
        ([.name, .description, .icon, .url, .extract_sha256, .release_date] | all(type == "string" and . != "")) and
        ([.extract_size, .image_download_size] | all(type == "number" and . == floor and . > 0)) and
        (.devices | type == "array" and length > 0) and (.release_date | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")) and
        (.url | endswith(".img.xz")) and .init_format == "none" and .architecture == "armv8")' "$1"
}

entry_right() {
    jq -e --arg sum "$(sha256sum <"$2" | cut -d ' ' -f 1)" --argjson size "$(stat -c %s "$2")" \
        --arg packed_sum "$(sha256sum <"$3" | cut -d ' ' -f 1)" --argjson packed "$(stat -c %s "$3")" \
        '.os_list[0] | .extract_sha256 == $sum and .extract_size == $size and
            .image_download_sha256 == $packed_sum and .image_download_size == $packed' "$1"
}
