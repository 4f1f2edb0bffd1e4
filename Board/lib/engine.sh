# The bench's own container engine, beside one that may run already.

# Sets engine to its socket. Its mount namespace is its own, so that no mount outlives it, and /run/containerd is
# empty there: dockerd would else use the machine's containerd instead of starting one. Its containers outlive it.
start_engine() {
    local folder=$run/engine
    engine=$folder/docker.sock
    mkdir -p "$folder" /run/containerd
    cat >"$folder/daemon.json" <<END
{
    "hosts": ["unix://$engine"],
    "data-root": "$folder/data",
    "exec-root": "$folder/exec",
    "pidfile": "$folder/docker.pid",
    "storage-driver": "$(storage_driver "$folder")",
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "cgroup-parent": "/$control_group",
    "insecure-registries": ["$registry"],
    "experimental": ${engine_experimental:-false},
    "live-restore": true,
    "bridge": "none",
    "iptables": false,
    "ip-forward": false
}
END
    # shellcheck disable=SC2016
    daemon engine unshare --mount --propagation slave sh -c \
        'mount -t tmpfs -o mode=711 none /run/containerd && exec sh "$1" "$2" dockerd --config-file "$3"' \
        engine Board/lib/keep.sh "$run/engine.pid" "$folder/daemon.json"
    daemon_ready engine 30 engine_answers
}

engine_answers() {
    curl --silent --fail --max-time 5 --output /dev/null --unix-socket "$engine" http://engine/_ping
}

# overlay2, but where the run folder's file system cannot carry an overlay (a CI container's own often cannot).
storage_driver() {
    local try=$1/try
    mkdir -p "$try/lower" "$try/upper" "$try/work" "$try/merged"
    # shellcheck disable=SC2016
    if unshare --mount sh -c 'cd "$1" && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none merged' \
        try "$try" 2>/dev/null; then
        echo overlay2
    else
        echo vfs
    fi
    rm -rf "$try"
}
