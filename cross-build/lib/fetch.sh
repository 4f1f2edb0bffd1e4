# Debian packages of another release and architecture, from this machine's own mirrors, without touching its own apt.

# Seconds. The compiler is 1.1 GB for both architectures.
fetch_seconds_max=1800
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
pins=cross-build/pins

install_cross_tools() {
    program swift || refuse "There is no swift in PATH; install Swift 6.2 or later first."
    [ "$(id -u)" = 0 ] || refuse "cross-build/build changes into a root folder of its own, which needs root."
    install_missing "$keyring=debian-archive-keyring" dpkg-shlibdeps=dpkg-dev xz=xz-utils unshare=util-linux readelf=binutils \
        file=file git=git lintian=lintian help2man=help2man qemu-aarch64-static=qemu-user-static \
        systemd-analyze=systemd /usr/lib/systemd/system/sysinit.target=systemd
}

# The first mirror of Debian itself in this machine's sources.
mirror() {
    local found
    found=$(apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(SITE)' 'Created-By: Packages' |
        sed -n 's/^Debian main //p' | head -n 1)
    [ -n "$found" ] || refuse "This machine's apt sources name no mirror of Debian main; add one to /etc/apt/sources.list.d and run apt-get update."
    echo "$found"
}

# apt_in FOLDER SUITE ARCHITECTURE: an apt of its own in a folder, for that release and architecture; sets APT_CONFIG.
# Debian's unstable may be past its date on a mirror that is a copy, so the date is not asked; signatures are.
apt_in() {
    local folder=$1 suite=$2 architecture=$3 site
    site=$(mirror)
    mkdir -p "$folder"/{lists,archives}/partial "$folder/cache"
    : >"$folder/status"
    echo "deb [signed-by=$keyring check-valid-until=no] $site $suite main" >"$folder/sources.list"
    cat >"$folder/apt.conf" <<END
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Install-Recommends "false";
Dir::State "$folder";
Dir::State::status "$folder/status";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
Dir::Cache::archives "$folder/archives";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
Debug::NoLocking "true";
END
    export APT_CONFIG=$folder/apt.conf
    job "$fetch_seconds_max" apt-get update -qq
}

# fetch FOLDER SUITE ARCHITECTURE PACKAGE...: the packages and all that they depend on into FOLDER/archives.
# What a broken download has left is taken up by apt.
fetch() {
    local folder=$1 suite=$2 architecture=$3
    shift 3
    apt_in "$folder" "$suite" "$architecture"
    rm -f "$folder"/archives/*.deb.old
    job "$fetch_seconds_max" apt-get install -qq -y --download-only "$@" >/dev/null ||
        refuse "apt could not fetch $* of $suite for $architecture; its words are above."
    unset APT_CONFIG
}

# unpack FOLDER ROOT: all archives of FOLDER.
unpack() {
    local archive
    # Whose /bin, /lib and /sbin are links into /usr has to come first.
    for archive in "$1"/archives/base-files_*.deb "$1"/archives/*.deb; do
        [ -e "$archive" ] || continue
        dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink -C "$2"
    done
}

# register FOLDER ROOT [PREFIX]: all archives of FOLDER count as installed for the dpkg of ROOT; PREFIX stands before the
# paths of their files.
register() {
    local folder=$1 info=$2/var/lib/dpkg/info status=$2/var/lib/dpkg/status prefix=${3:-} archive name file control
    control=$folder/control
    mkdir -p "$info" "$2"/var/lib/dpkg/{updates,triggers}
    # Of dpkg's own files: names carry their architecture.
    echo 1 >"$info/format"
    : >"$status"
    for archive in "$folder"/archives/*.deb; do
        rm -rf "$control"
        dpkg-deb --control "$archive" "$control"
        name=$(dpkg-deb --field "$archive" Package)
        [ "$(dpkg-deb --field "$archive" Multi-Arch)" != same ] || name+=:$(dpkg-deb --field "$archive" Architecture)
        for file in symbols shlibs; do
            [ ! -e "$control/$file" ] || cp "$control/$file" "$info/$name.$file"
        done
        dpkg-deb --fsys-tarfile "$archive" | tar -t | sed "s,^\\.,$prefix,; s,/\$,,; s,^\$,/.," >"$info/$name.list"
        { sed '/^Package:/a Status: install ok installed' "$control/control"; echo; } >>"$status"
    done
    rm -rf "$control"
}

# check_pins FOLDER NAME: what cross-build/pins/NAME lists is there, to the byte.
check_pins() {
    local folder=$1 name=$2 sum file
    while read -r sum file; do
        [ -e "$folder/archives/$file" ] || refuse "The mirror no longer has $file, which $pins/$name pins; run cross-build/build --pin, review what changed, and build again."
        echo "$sum  $folder/archives/$file" | sha256sum --check --quiet - ||
            refuse "$file is not the file that $pins/$name pins; remove $folder, and do not build from it if that does not help."
    done <"$pins/$name"
}

# pin FOLDER NAME PATTERN...: writes the sums of the archives that match.
pin() {
    local folder=$1 name=$2 pattern
    shift 2
    mkdir -p "$pins"
    (cd "$folder/archives" && for pattern in "$@"; do sha256sum "$pattern"_*.deb; done) | sort -k 2 >"$pins/$name"
    say "$pins/$name: $(wc -l <"$pins/$name") files."
}

# made STAMP INPUT...: whether a step was done with these inputs; mark_made says that it is.
made() {
    local stamp=$1
    shift
    [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(inputs "$@")" ]
}

mark_made() {
    local stamp=$1
    shift
    inputs "$@" >"$stamp"
}

inputs() {
    sha256sum "$@" | cut -c 1-64
}
