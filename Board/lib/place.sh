# The board VM as a place of labgrid (Board/labgrid): it boots, lets in by SSH who has the key of this run, and stays up until
# its power goes.

# Its address in QEMU's user network, which lets in what is forwarded and nothing out.
place_address=10.0.2.15
# Where the registry is in there, as the environment files say.
place_registry_port=5000

# vm_as_place ARCHITECTURE: until standard input ends. Which port of ours leads to its SSH server QEMU chooses, and says at
# the monitor .build-vm/place/qmp; .build-vm/place/key lets in.
vm_as_place() {
    local arch=${1:-}
    case $arch in
    amd64 | arm64) ;;
    *) refuse "vm-place takes amd64 or arm64, not '$arch'." ;;
    esac
    install_missing ssh-keygen=openssh-client /usr/sbin/sshd=openssh-server
    vm_modules+=" virtio_net"
    vm_append="vm_address=$place_address/24"
    vm_network=(-netdev "user,id=place,restrict=on,hostfwd=tcp:127.0.0.1:0-:22" -device virtio-net-pci,netdev=place,romfile=
        -qmp "unix:${vm#"$PWD"/}/place/qmp,server=on,wait=off")
    # Whoever powers it holds its standard input, and lets go of it when it ends, however it ends.
    { cat >/dev/null; kill "$$"; } <&0 9>&- 2>/dev/null &
    prepare_vm "$arch"
    make_place_keys
    vm_run in-place "$arch"
}

# For this run only: a key that lets in, and the guest's own.
make_place_keys() {
    local inside=$vm_root$vm_place/${vm#"$PWD"/}/place
    rm -rf "$vm/place" "$inside"
    mkdir -p -m 700 "$vm/place" "$inside"
    ssh-keygen -q -t ed25519 -N '' -C place -f "$vm/place/key"
    ssh-keygen -q -t ed25519 -N '' -C guest -f "$inside/host"
    cp "$vm/place/key.pub" "$inside/authorized"
}

# In the guest: registry and engine as a Pi has them, and last of all the SSH server.
in_place() {
    local arch=$1 keys=$PWD/.build-vm/place options=()
    # No maintainer script has run in the Debian of the Pi, so that nobody looked for its libraries.
    [ "$arch" != arm64 ] || ldconfig
    registry_port=$place_registry_port
    be_alone
    serve_vm
    mkdir -p /run/sshd
    grep -q '^sshd:' /etc/passwd || echo 'sshd:x:102:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
    # An account that is locked here is let in there.
    [ ! -e /etc/shadow ] || sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
    cat >/run/sshd/config <<END_OF_CONFIG
ListenAddress $place_address
HostKey $keys/host
AuthorizedKeysFile $keys/authorized
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
# The guest's clock runs ahead while nothing is done.
LoginGraceTime 0
UseDNS no
PidFile none
Subsystem sftp internal-sftp
END_OF_CONFIG
    # Since OpenSSH 9.8, which makes whoever had a wrong key wait.
    ! /usr/sbin/sshd -t -f /run/sshd/config -o PerSourcePenalties=no 2>/dev/null || options=(-o PerSourcePenalties=no)
    say "The place is up: $(uname -r), $(dpkg --print-architecture)"
    /usr/sbin/sshd -D -e -f /run/sshd/config "${options[@]}"
}
