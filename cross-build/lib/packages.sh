# The Debian packages: the programs as they were built, and the files of cross-build/debian.

debian=cross-build/debian
stage=$work/stage
# In tenths, of systemd-analyze's exposure.
exposure_max=25

# pack BOARD: both packages into $out.
pack() {
    local board=$1 version
    version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/CLI/DroneAgent.swift)
    [ -n "$version" ] || refuse "Sources/CLI/DroneAgent.swift does not say its version."
    say "Packages, version $version, for $board"
    rm -rf "$stage"
    stage_droneagent "$board"
    stage_bench
    check_units
    rm -f "$out"/*.deb
    finish droneagent "$version"
    finish droneagent-bench "$version"
    check_package "$out/droneagent_${version}_arm64.deb" "$out/droneagent-bench_${version}_arm64.deb"
}

# put MODE FILE TARGET: into the package that is being staged.
put() {
    install -D -m "$1" "$2" "$root/$3"
}

stage_droneagent() {
    local board=$1 root=$stage/droneagent file shell
    put 755 "$bin/droneagent" usr/bin/droneagent
    put 755 "$bin/flightcore" usr/libexec/droneagent/flightcore
    put 644 "Board/$board.yaml" etc/droneagent/board.yaml
    for file in $boards; do
        put 644 "Board/$file.yaml" "usr/share/doc/droneagent/examples/$file.yaml"
    done
    put 644 $debian/droneagent-core.service usr/lib/systemd/system/droneagent-core.service
    put 644 $debian/droneagent.service usr/lib/systemd/system/droneagent.service
    put 644 $debian/droneagent-outer.slice usr/lib/systemd/system/droneagent-outer.slice
    put 644 $debian/engine.conf usr/lib/systemd/system/docker.service.d/50-droneagent.conf
    put 644 $debian/engine.conf usr/lib/systemd/system/containerd.service.d/50-droneagent.conf
    put 644 $debian/sysusers.conf usr/lib/sysusers.d/droneagent.conf
    put 644 $debian/udev.rules usr/lib/udev/rules.d/60-droneagent.rules
    for shell in bash zsh fish; do
        on_target "$bin/droneagent" --generate-completion-script $shell >"$stage/completion.$shell"
    done
    # It is read by a shell, not run.
    sed -i '1{/^#!/d}' "$stage/completion.bash"
    put 644 "$stage/completion.bash" usr/share/bash-completion/completions/droneagent
    put 644 "$stage/completion.zsh" usr/share/zsh/vendor-completions/_droneagent
    put 644 "$stage/completion.fish" usr/share/fish/vendor_completions.d/droneagent.fish
    manual_page droneagent "$bin/droneagent" 1
    manual_page flightcore "$bin/flightcore" 8
    for file in Sources/Manual/*.md; do
        put 644 "$file" "usr/share/doc/droneagent/${file##*/}"
    done
}

stage_bench() {
    local root=$stage/droneagent-bench
    # It looks for the others beside itself.
    local folder=usr/lib/droneagent-bench program
    for program in flightbench flight-v1 flight-v2; do
        put 755 "$bin/$program" "$folder/$program"
    done
    mkdir -p "$root/usr/bin"
    ln -s ../lib/droneagent-bench/flightbench "$root/usr/bin/flightbench"
    ln -s ../../bin/droneagent "$root/$folder/droneagent"
    ln -s ../../libexec/droneagent/flightcore "$root/$folder/flightcore"
    for program in bench vm; do
        put 644 "Board/$program.yaml" "usr/share/droneagent-bench/$program.yaml"
    done
    manual_page flightbench "$bin/flightbench" 1
}

# on_target PROGRAM ARGUMENT...: runs it here, by emulation.
on_target() {
    job 60 qemu-aarch64-static -L "$sysroot" "$@"
}

# manual_page NAME PROGRAM SECTION: what the program says of itself.
manual_page() {
    on_target "$2" --help >"$stage/$1.help"
    printf '#!/bin/sh\n[ "$1" = --help ] && exec cat %q\necho %s %s\n' "$stage/$1.help" "$1" "$version" >"$stage/$1.talk"
    chmod +x "$stage/$1.talk"
    job 60 help2man --no-info --section "$3" --name "$(summary "$1")" --version-string "$version" "$stage/$1.talk" |
        sed -e "s/$1\\\\&\\.talk/$1/g; s/$1\\.talk/$1/g; s/${1^^}\\.TALK/${1^^}/g" >"$stage/$1.$3"
    gzip -9n "$stage/$1.$3"
    put 644 "$stage/$1.$3.gz" "usr/share/man/man$3/$1.$3.gz"
}

summary() {
    case $1 in
    droneagent) echo "replaces the flight software of a flying drone" ;;
    flightcore) echo "owns bus, pins and motors of the drone" ;;
    flightbench) echo "flies simulated drones through updates and judges them" ;;
    esac
}

# finish PACKAGE VERSION: control files, sums, archive.
finish() {
    local package=$1 version=$2 root=$stage/$1 file needs
    needs=$(depends "$package")
    install -d -m 755 "$root/DEBIAN"
    put 644 $debian/copyright "usr/share/doc/$package/copyright"
    printf '%s (%s) unstable; urgency=medium\n\n  * See the repository.\n\n -- %s  %s\n' "$package" "$version" \
        "$(sed -n 's/^Maintainer: //p' "$debian/$package.control")" "$(git log -1 --format=%cD)" |
        gzip -9n >"$stage/changelog.gz"
    put 644 "$stage/changelog.gz" "usr/share/doc/$package/changelog.gz"
    if [ -e "$debian/$package.lintian" ]; then
        put 644 "$debian/$package.lintian" "usr/share/lintian/overrides/$package"
    fi
    for file in postinst prerm postrm; do
        [ ! -e "$debian/$package.$file" ] || install -m 755 "$debian/$package.$file" "$root/DEBIAN/$file"
    done
    (cd "$root" && find etc -type f -printf '/%p\n' 2>/dev/null || true) >"$root/DEBIAN/conffiles"
    [ -s "$root/DEBIAN/conffiles" ] || rm "$root/DEBIAN/conffiles"
    (cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\n' | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
    {
        sed '/^Description:/,$d' "$debian/$package.control"
        printf 'Version: %s\nArchitecture: arm64\nInstalled-Size: %s\nDepends: %s\n' "$version" \
            "$(du -sk --exclude DEBIAN "$root" | cut -f 1)" "$needs"
        sed -n '/^Description:/,$p' "$debian/$package.control"
    } >"$root/DEBIAN/control"
    job 300 dpkg-deb --root-owner-group -Zxz --build "$root" "$out" >/dev/null
}

# What the programs link, by the target's own symbols files, and what the package's file names besides.
depends() {
    local package=$1 work_folder=$stage/shlibs-$1 more
    mkdir -p "$work_folder/debian"
    printf 'Source: droneagent\nPackage: %s\nArchitecture: arm64\n' "$package" >"$work_folder/debian/control"
    (cd "$work_folder" && find "$stage/$package/usr" -type f -perm -100 -print0 |
        DEB_HOST_ARCH=arm64 xargs -0 dpkg-shlibdeps -O --admindir="$sysroot/var/lib/dpkg" \
            -l"$sysroot/usr/lib/aarch64-linux-gnu" 2>"$stage/shlibdeps.log") >"$stage/$package.depends" ||
        refuse "The libraries that $package needs are not packages of the target: $(tail -n 1 "$stage/shlibdeps.log")"
    more=$(cat "$debian/$package.depends" 2>/dev/null || true)
    sed "s/^shlibs:Depends=//; s/\$/${more:+, $more}/; s/VERSION/$version/" "$stage/$package.depends"
}

# systemd finds nothing wrong with the services, and little that could be taken from them: 0 is shut off, 10 is everything.
check_units() {
    local root=$stage/units service
    mkdir -p "$root/usr/lib/systemd"
    cp -r "$stage/droneagent/usr" "$root/"
    # Those that the services stand on.
    cp -r /usr/lib/systemd/system/. "$root/usr/lib/systemd/system/"
    for service in droneagent-core droneagent; do
        job 60 systemd-analyze verify --man=no --root="$root" "$root/usr/lib/systemd/system/$service.service" ||
            refuse "systemd finds errors in $service.service; they are above."
        job 60 systemd-analyze security --offline=true --threshold="$exposure_max" --no-pager \
            "$root/usr/lib/systemd/system/$service.service" >"$stage/$service.security" ||
            refuse "$service.service leaves too much open; see $stage/$service.security."
        say "$(tail -n 1 "$stage/$service.security" | sed 's/^[^O]*//; s/[^A-Z]*$//')"
    done
}

# Each program for the Pi and needing only what its distribution has; lintian finds no error.
check_package() {
    describe "$bin/flightcore" "$bin/droneagent" "$bin/flightbench"
    local package
    for package; do
        say "${package##*/}: $(stat -c %s "$package") bytes; Depends: $(dpkg-deb -f "$package" Depends)"
        job 300 lintian --allow-root --fail-on error --suppress-tags bad-distribution-in-changes-file "$package" ||
            refuse "lintian finds errors in ${package##*/}; they are above."
    done
}
