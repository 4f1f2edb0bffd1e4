# The peers: other ways to replace a flight container, flown on the same bench as ours.

# Eight flights of 20 to 50 s; more means that one hangs.
peers_seconds_max=900

# Writes flight/peers.json, flight/peers.png and a folder a flight; prints the table. Exits as flightbench does.
peers() {
    program docker || refuse "There is no 'docker' in PATH, with which the peers are flown; install docker-cli."
    setup
    # Without it, or where it does not work, its row says so.
    program criu || job "$install_seconds_max" apt-get install -qq -y --no-install-recommends criu ||
        say "criu cannot be installed."
    # What 'docker checkpoint' asks for.
    engine_experimental=true
    open_bench
    local code=0
    rm -rf flight/peers flight/peers.json flight/peers.png
    mkdir -p flight/peers
    job "$peers_seconds_max" .build/release/flightbench peers --engine "$engine" --registry "$registry" \
        --out flight --run "$run/peers" "$@" || code=$?
    if [ -s flight/peers.json ]; then
        "$python" Board/plot_peers.py flight || [ "$code" != 0 ] || code=1
    fi
    return "$code"
}
