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
