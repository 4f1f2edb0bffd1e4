# The flight containers: built without an engine, pushed as they stand. And, for the tests, those that must be refused.

layout=.build-images/oci
# What is wrong with each candidate that the tests have refused (Tests/Candidates); its tag is test-FLAW.
flaws="reversed doubled delayed late"

build_images() {
    say "Images"
    job "$build_seconds_max" Images/build
}

push_images() {
    local tag
    for tag in v1 v2; do
        push_image "$layout" "$tag"
    done
}

build_candidates() {
    local flaw
    say "Candidates that must be refused"
    for flaw in $flaws; do
        job "$build_seconds_max" Images/build --product "test-$flaw=FlawedFlight" --env "FLAW=$flaw" \
            --out "$layout-$flaw"
    done
}

push_candidates() {
    local flaw
    for flaw in $flaws; do
        push_image "$layout-$flaw" "test-$flaw"
    done
}

# push_image LAYOUT TAG
push_image() {
    job 120 skopeo --insecure-policy copy --all --quiet --retry-times 3 --dest-tls-verify=false \
        "oci:$1:$2" "docker://$registry/flight:$2" ||
        refuse "Image $2 could not be pushed to the bench's registry at $registry; see $run/log/registry.log."
}

# Containers that carry a map, one an image of its size; the size is in the environment.
map_layout=.build-images/map-oci
map_sizes="1024 65536 1048576 16777216 67108864"

build_maps() {
    local bytes
    say "Images of maps"
    job "$build_seconds_max" swift build -c release --static-swift-stdlib -Xlinker -s \
        --scratch-path .build-images/swift --product FlightMapMain
    for bytes in $map_sizes; do
        job 60 Images/build --out "$map_layout/$bytes" --binary "map-$bytes=.build-images/swift/release/FlightMapMain" \
            --env "FLIGHT_MAP_BYTES=$bytes" --label org.droneagent.name=map
    done
}

push_maps() {
    local bytes
    for bytes in $map_sizes; do
        push_image "$map_layout/$bytes" "map-$bytes"
    done
}
