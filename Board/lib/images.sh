# The flight containers: built without an engine, pushed as they stand.

layout=.build-images/oci

build_images() {
    say "Images"
    job "$build_seconds_max" Images/build
}

push_images() {
    local tag
    for tag in v1 v2; do
        job 120 skopeo --insecure-policy copy --all --quiet --retry-times 3 --dest-tls-verify=false \
            "oci:$layout:$tag" "docker://$registry/flight:$tag" ||
            refuse "Image $tag could not be pushed to the bench's registry at $registry; see $run/log/registry.log."
    done
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
        job 120 skopeo --insecure-policy copy --all --quiet --retry-times 3 --dest-tls-verify=false \
            "oci:$map_layout/$bytes:map-$bytes" "docker://$registry/flight:map-$bytes" ||
            refuse "Image map-$bytes could not be pushed to the bench's registry at $registry."
    done
}
