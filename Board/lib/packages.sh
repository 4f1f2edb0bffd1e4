# The life of the Debian packages, in the board VM with systemd as its first process: installed, started, killed, upgraded,
# removed. The steps are in packages-steps.sh, the simulated vehicle in the guest is in packages-vehicle.sh.

# No login at the console, and none of the long work of a first boot that no step looks at.
life_append="vm_init=systemd systemd.unit=multi-user.target"
for part in getty.target systemd-hwdb-update.service systemd-journal-catalog-update.service ldconfig.service systemd-networkd.service; do
    life_append+=" systemd.mask=$part"
done
# Seconds: it waits more than it flies, all of it emulated.
life_seconds_max=5400
# Two more versions of what was built: for the upgrade on the ground and for the one in the air.
life_grounded=0.9.1
life_flown=0.9.2

packages_usage() {
    cat <<END
Usage: Board/bench packages

Boots the Debian 13 of a Pi in QEMU (arm64, no hardware acceleration) with systemd as its first process, and installs there
the package that cross-build/build has made, which it makes first if it is not there. Behind the kernel's I2C bus and lines is
the CP2112 that the simulator plays, as in 'vm'. Prints a line for each step: installation, start, restrictions, systemd's own
verdict on the units, kills and hangs, upgrade on the ground and in the air, removal refused and done, purge, bad inputs. Exits
0 if all of them are ok.
END
}

packages() {
    case ${1:-} in
    '') ;;
    --help | -h) packages_usage; return ;;
    *) refuse "There is no option '$1'; see Board/bench packages --help." ;;
    esac
    install_missing cpio=cpio modprobe=kmod skopeo=skopeo docker-registry=docker-registry curl=curl
    mkdir -p "$vm"
    prepare_arm64
    prepare_packages
    make_initramfs
    be_alone
    fill_registry
    vm_append=$life_append vm_seconds_max=$life_seconds_max
    vm_run in-packages
}

# What the steps need beside the package: the simulator's program, which is no part of what is installed, and the next versions.
prepare_packages() {
    local place=$vm_root$vm_place package version
    dpkg-deb --extract "$place"/droneagent-bench_*_arm64.deb "$vm/bench"
    mkdir -p "$place/bench"
    cp "$vm/bench/usr/lib/droneagent-bench/flightbench" "$place/bench/"
    rm -rf "$vm/bench" "$place"/droneagent-bench_*.deb
    package=$(echo "$place"/droneagent_*_arm64.deb)
    for version in $life_grounded $life_flown; do
        next_package "$package" "$version" "$place/next"
    done
}

# next_package PACKAGE VERSION FOLDER: the same files under another version. Not compressed: to unpack it is emulated.
next_package() {
    local tree=$vm/next
    rm -rf "$tree"
    dpkg-deb --raw-extract "$1" "$tree"
    sed -i "s/^Version: .*/Version: $2/" "$tree/DEBIAN/control"
    mkdir -p "$3"
    job 300 dpkg-deb --root-owner-group -Znone --build "$tree" "$3" >/dev/null
    rm -rf "$tree"
}

# In the guest.
in_packages() {
    ldconfig
    # As base-files' maintainer script makes it, which has not run here; the engine's socket is looked for there.
    [ -L /var/run ] || { rmdir /var/run && ln -s /run /var/run; }
    life_steps
    journalctl --no-pager >/run/vm-out/journal.log
    cut -d ' ' -f 1 /proc/uptime >/run/vm-out/uptime
    [ "$life_failed" = 0 ] ||
        refuse "$life_failed steps are not ok; their output is in .build-vm/out/steps, the journal beside it."
    say "All steps are ok."
}
