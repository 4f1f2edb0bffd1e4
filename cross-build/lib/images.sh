# The flight containers of both architectures under one index: the Pi pulls its own, a bench pulls its own.

cross_images() {
    say "Images for arm64 and amd64"
    job "$compile_seconds_max" Images/build >/dev/null
    local native=.build-images/swift/release tag arguments=()
    for tag in v1 v2; do
        arguments+=(--binary "$tag=$native/flight-$tag" --binary "$tag=$bin/flight-$tag")
    done
    mkdir -p "$out"
    Images/build --root "arm64=$sysroot" "${arguments[@]}" --out "$out/images"
}
