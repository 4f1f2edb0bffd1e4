# The board VM for amd64: this machine's own Debian and the programs of `setup`, under the kernel that Debian has for it.

prepare_amd64() {
    install_missing qemu-system-x86_64=qemu-system-x86 busybox=busybox-static
    fetch_kernel
    vm_qemu=(qemu-system-x86_64 -machine q35 -accel tcg -cpu max)
    # Else a stretch of the kernel that nothing interrupts, emulated, keeps the tick waiting for up to 20 ms: in a flight
    # of 30 s some 180 stalls and 90 ticks missed or late, with it 9 and 8.
    vm_append+=" preempt=full"
    vm_busybox=$(command -v busybox)
    vm_root=/ vm_place=$PWD vm_layout=$layout
}

# The kernel that Debian has now, unpacked, not installed.
fetch_kernel() {
    local folder=$vm/kernel
    if [ ! -e "$folder/version" ]; then
        say "Kernel of the board VM"
        rm -rf "$folder"
        mkdir -p "$folder/debs"
        local package
        package=$(apt-cache depends --no-recommends --no-suggests linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
        [ -n "$package" ] || refuse "apt knows no linux-image-amd64; run apt-get update."
        (cd "$folder/debs" && job "$install_seconds_max" apt-get download -qq -o APT::Sandbox::User=root "$package") ||
            refuse "apt could not fetch $package; its words are above."
        dpkg-deb --fsys-tarfile "$folder"/debs/*.deb | tar -x -C "$folder" --wildcards './boot/vmlinuz-*' './lib/modules/*'
        rm -r "$folder/debs"
        depmod -b "$folder" "${package#linux-image-}"
        echo "${package#linux-image-}" >"$folder/version"
    fi
    vm_kernel=$(cat "$folder/version")
    vm_modules_root=$folder
    vm_image=$folder/boot/vmlinuz-$vm_kernel
}

enter_amd64() {
    programs=.build/release
}
