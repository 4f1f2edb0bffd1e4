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
