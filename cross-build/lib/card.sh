# The image: boot, root and data partition on a card. Made of files alone: no loop device, no mount, nothing to clean up.

# MiB. Boot: two kernels with their initramfs, while one replaces the other. Data: what a set-up and an engine without
# images need; the drone makes it as large as the card. First: where partitions begin on erase blocks of common cards.
boot_mib=512
data_mib=256
first_mib=4
# Of the root partition, for upgrades.
root_spare_mib=512
# 4 KiB blocks, to which the data partition may grow: 1 TiB.
data_blocks_max=268435456
card_seconds_max=1800

# make_card BOARD: $card/BOARD.img and its compressed copy in $out.
make_card() {
    local board=$1 tree=$card/tree image=$card/$1.img root_mib file
    say "Card for $board"
    rm -rf "$tree" "$card"/part.* "$image" "$image.xz"
    cp -a --reflink=auto "$root" "$tree"
    install -m 644 "Board/$board.yaml" "$tree/etc/droneagent/board.yaml"
    sh "$tree/usr/libexec/droneagent-card/bus-clock" "$tree/boot/firmware" "Board/$board.yaml" ||
        refuse "The device trees of the image did not take the bus's clock; the reason is above."
    for file in $(device_trees "$board"); do
        [ -n "$(bus_node "$tree/boot/firmware/$file")" ] ||
            refuse "$file of this kernel names no bus on pins 3 and 5, so nothing would fly; take Raspberry Pi OS, and our package."
    done
    boot_partition "$tree/boot/firmware" "$card/part.boot"
    rm -rf "$tree"/boot/firmware/*
    root_mib=$(($(du -s --block-size=1M "$tree" | cut -f 1) * 11 / 10 + root_spare_mib))
    ext4_partition droneroot "$root_mib" "$card/part.root" -d "$tree"
    ext4_partition dronedata "$data_mib" "$card/part.data" -E "resize=$data_blocks_max" -m 0
    rm -rf "$tree"
    {
        echo "label: dos"
        echo "unit: sectors"
        partition_line $first_mib $boot_mib c
        partition_line $((first_mib + boot_mib)) "$root_mib" 83
        partition_line $((first_mib + boot_mib + root_mib)) $data_mib 83
    } >"$card/table"
    truncate -s $((first_mib + boot_mib + root_mib + data_mib))M "$image"
    job 60 sh -c 'sfdisk --quiet "$1" <"$2"' sfdisk "$image" "$card/table" || refuse "sfdisk did not write the partition table of $image."
    place part.boot $first_mib
    place part.root $((first_mib + boot_mib))
    place part.data $((first_mib + boot_mib + root_mib))
    rm "$card"/part.*
    # The fourth level of nine: a third of the time of the usual one, for a twentieth of its size.
    job "$card_seconds_max" sh -c 'xz --threads=0 -4 --stdout "$1" >"$2"' xz "$image" "$card/$board.img.xz" ||
        refuse "xz did not compress $image; is the disk full?"
    mv "$card/$board.img.xz" "$out/droneagent-$board.img.xz"
}

partition_line() {
    echo "start=$(($1 * 2048)), size=$(($2 * 2048)), type=$3"
}

# boot_partition FOLDER FILE: FAT, which is all that the Pi's firmware reads.
boot_partition() {
    truncate -s ${boot_mib}M "$2"
    mkfs.vfat -F 32 -n DRONEBOOT "$2" >/dev/null
    (cd "$1" && job "$card_seconds_max" mcopy -i "$2" -s -Q ./* ::) || refuse "The boot files do not fit on $boot_mib MiB; make boot_mib of cross-build/lib/card.sh larger."
}

# ext4_partition LABEL MIB FILE OPTION...
ext4_partition() {
    local label=$1 mib=$2 file=$3
    shift 3
    truncate -s "${mib}M" "$file"
    job "$card_seconds_max" mkfs.ext4 -q -L "$label" -b 4096 -I 256 -J size=32 "$@" "$file" ||
        refuse "mkfs.ext4 did not make the partition $label of $mib MiB; is the disk full?"
}

place() {
    job "$card_seconds_max" dd if="$card/$1" of="$image" bs=1M seek="$2" conv=notrunc,sparse status=none
}
