# The bench's own registry: on loopback, on a port that the kernel chooses, unless registry_port names one.

registry_port=0

# Sets registry to its address.
start_registry() {
    mkdir -p "$run/registry"
    cat >"$run/registry/config.yml" <<END
version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $run/registry/data}}
http: {addr: "127.0.0.1:$registry_port"}
END
    daemon registry sh Board/lib/keep.sh "$run/registry.pid" docker-registry serve "$run/registry/config.yml"
    daemon_ready registry 20 registry_answers
    # Started again, it is found where it was.
    sed -i "s/addr: .*/addr: \"$registry\"}/" "$run/registry/config.yml"
}

registry_answers() {
    registry=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$run/log/registry.log")
    [ -n "$registry" ] && curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "http://$registry/v2/"
}
