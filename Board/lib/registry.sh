# The bench's own registry: on loopback, on a port that the kernel chooses.

# Sets registry to its address.
start_registry() {
    mkdir -p "$run/registry"
    cat >"$run/registry/config.yml" <<END
version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $run/registry/data}}
http: {addr: "127.0.0.1:0"}
END
    daemon registry docker-registry serve "$run/registry/config.yml"
    # shellcheck disable=SC2034
    registry_pid=$daemon_pid
    daemon_ready registry 20 registry_answers
}

registry_answers() {
    registry=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$run/log/registry.log")
    [ -n "$registry" ] && curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "http://$registry/v2/"
}
