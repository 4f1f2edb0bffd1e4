# The programs, for arm64, by SwiftPM with a Swift SDK: Debian's compiler and our sysroot, or one that is installed.

# Seconds; all programs take some ten minutes on two cores when new.
compile_seconds_max=2400
scratch=$work/swift
sdk_name=droneagent-arm64
# Set by choose_sdk: how SwiftPM is run, and with what.
swift_build=()

# choose_sdk NAME: one that is named, or installed, or ours.
choose_sdk() {
    local name=$1
    # Swift's own SDK for Linux links musl, for which Debian has none of our libraries.
    [ -n "$name" ] || name=$(swift sdk list 2>/dev/null | grep aarch64 | grep -v -e musl -e static-linux | head -n 1) || true
    if [ -n "$name" ]; then
        say "Swift SDK: $name, with the libraries of our sysroot"
        local libraries=$sysroot/usr/lib/aarch64-linux-gnu
        swift_build=(job "$compile_seconds_max" env "PKG_CONFIG_LIBDIR=$libraries/pkgconfig" "PKG_CONFIG_SYSROOT_DIR=$sysroot"
            swift build --scratch-path "$scratch" --swift-sdk "$name" -Xcc "-idirafter$sysroot/usr/include"
            -Xlinker "-L$libraries" -Xlinker "-rpath-link=$libraries")
        return
    fi
    make_compiler
    make_sdk
    swift_build=(in_compiler "$compile_seconds_max"
        swift build --package-path /src --scratch-path "/src/${scratch#"$PWD"/}" --swift-sdks-path /sdk --swift-sdk $sdk_name)
}

# A Swift SDK is a folder with a description (SE-0387); paths are those in the compiler's root folder.
make_sdk() {
    local bundle=$work/sdk/$sdk_name.artifactbundle
    mkdir -p "$bundle/$sdk_name"
    cat >"$bundle/info.json" <<END
{"schemaVersion": "1.0", "artifacts": {"$sdk_name": {
  "type": "swiftSDK", "version": "1", "variants": [{"path": "$sdk_name"}]}}}
END
    cat >"$bundle/$sdk_name/swift-sdk.json" <<END
{"schemaVersion": "4.0", "targetTriples": {"aarch64-unknown-linux-gnu": {
  "sdkRootPath": "/sysroot",
  "swiftResourcesPath": "/sysroot/usr/lib/swift",
  "swiftStaticResourcesPath": "/sysroot/usr/lib/swift_static",
  "toolsetPaths": ["toolset.json"]}}}
END
    cat >"$bundle/$sdk_name/toolset.json" <<END
{"schemaVersion": "1.0", "rootPath": "/usr/libexec/swift/bin",
 "swiftCompiler": {"extraCLIOptions": ["-use-ld=lld"]}}
END
    # The compiler's own headers, of its clang.
    ln -sfn /usr/libexec/swift/lib/clang/17 "$sysroot/usr/lib/swift/clang"
    ln -sfn /usr/libexec/swift/lib/clang/17 "$sysroot/usr/lib/swift_static/clang"
}

# This machine's Swift fetches the sources, since its git knows how to reach them; the compiler has no network.
resolve_sources() {
    say "Sources of the Swift packages"
    job "$fetch_seconds_max" swift package --scratch-path "$scratch" resolve >"$work/resolve.log" 2>&1 ||
        refuse "The sources of the Swift packages could not be fetched: $(tail -n 1 "$work/resolve.log")"
}

# cross_compile PRODUCT...: sets bin, where they are.
cross_compile() {
    local product flags=(-c release --static-swift-stdlib -Xlinker -s --disable-automatic-resolution
        --disable-local-rpath)
    for product; do
        say "Building $product for arm64"
        "${swift_build[@]}" "${flags[@]}" --product "$product" ||
            refuse "$product does not build for arm64; the compiler's words are above."
    done
    bin=$scratch/aarch64-unknown-linux-gnu/release
}

# describe PROGRAM...: architecture, bytes and the libraries that it needs.
describe() {
    local program needed
    for program; do
        file --brief "$program" | grep -q 'ARM aarch64' || refuse "$program is not for arm64: $(file --brief "$program")."
        needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')
        say "${program##*/}: arm64, $(stat -c %s "$program") bytes, needs $needed"
        # Foundation whole would bring 37 MB of it.
        ! grep -q -a icudt "$program" || refuse "${program##*/} has ICU in it; look for what imports Foundation instead of FoundationEssentials."
        ! readelf -d "$program" | grep -q -E 'R(UN)?PATH' || refuse "$program has a path of this machine in it: $(readelf -d "$program" | grep -E 'R(UN)?PATH')."
    done
}
