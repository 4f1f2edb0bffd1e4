# Ground stations of other makers, pymavlink and MAVSDK, against 'droneagent mavlink'.

pymavlink=pymavlink==2.4.50
mavsdk=mavsdk==4.1.0
# Four flights of half a minute each, one with an update.
stations_seconds_max=400

# Leaves each program's output in flight/stations. Needs open_bench.
fly_stations() {
    say "Ground stations: pymavlink and MAVSDK"
    "$python" -c 'import pymavlink' 2>/dev/null \
        || job "$install_seconds_max" "$python" -m pip install --quiet --retries 3 "$pymavlink"
    job 60 "$python" Sources/MAVLink/Wire/generate.py --check
    local without=()
    # Its wheel brings a library for x86 and 64-bit ARM; where there is none it is left out, and that is said.
    "$python" -c 'import mavsdk' 2>/dev/null \
        || job "$install_seconds_max" "$python" -m pip install --quiet --retries 3 "$mavsdk" \
        || without=(--without-sdk "the package $mavsdk cannot be installed here")
    job "$stations_seconds_max" "$python" Tests/MAVLink/ground.py .build/release flight/stations \
        --engine "unix://$engine" --registry "$registry" "${without[@]}"
}
