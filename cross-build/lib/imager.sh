# The entry for rpi-imager's list of systems, as 'rpi-imager --repo' takes it, and a picture for it.
# What an entry must have is in rpi-imager's own schema, doc/json-schema/os-list-schema.json of its sources, which later
# versions require: name, description, icon, url, extract_size, extract_sha256, image_download_size, release_date, devices.

# The release whose rpi-imager is the newest.
schema_suite=sid

# What rpi-imager calls the boards; a Zero 2 W is a Pi 3 to it.
imager_tag() {
    case $1 in
    pi3 | zero2) echo pi3-64bit ;;
    pi4) echo pi4-64bit ;;
    pi5) echo pi5-64bit ;;
    esac
}

imager_name() {
    case $1 in
    zero2) echo "Raspberry Pi Zero 2 W" ;;
    *) echo "Raspberry Pi ${1#pi}" ;;
    esac
}

# make_entry BOARD ADDRESS: $out/droneagent-BOARD.json.
make_entry() {
    local board=$1 place=${2%/} image=$out/droneagent-$1.img.xz version
    [ -n "$place" ] || place=file://$out
    version=$(dpkg-deb --field "$out"/droneagent_*_arm64.deb Version)
    cp cross-build/card.svg "$out/droneagent.svg"
    # The customisation that rpi-imager offers is for other systems than this: init_format none.
    jq -n --arg name "droneagent $version ($(imager_name "$board"))" --arg url "$place/${image##*/}" \
        --arg icon "$place/droneagent.svg" --arg tag "$(imager_tag "$board")" \
        --arg date "$(date -u -d "@$(stat -c %Y "$image")" +%F)" \
        --arg sum "$(sha256sum <"$card/$board.img" | cut -d ' ' -f 1)" --argjson size "$(stat -c %s "$card/$board.img")" \
        --arg packed_sum "$(sha256sum <"$image" | cut -d ' ' -f 1)" --argjson packed "$(stat -c %s "$image")" '
        {os_list: [{
            name: $name,
            description: "Debian 13 that replaces the flight software of a drone while it flies; set up by userdata.txt on its boot partition",
            icon: $icon, url: $url, release_date: $date, extract_size: $size, extract_sha256: $sum,
            image_download_size: $packed, image_download_sha256: $packed_sum,
            devices: [$tag], architecture: "armv8", init_format: "none"
        }]}' >"$out/droneagent-$board.json"
}

# check_schema BOARD: the JSON by rpi-imager's own schema, out of its sources as Debian has them; neither is kept here.
check_schema() {
    local folder=$work/debs/imager schema archive
    install_missing /usr/lib/python3/dist-packages/jsonschema/__init__.py=python3-jsonschema
    apt_in "$folder" "$schema_suite" amd64
    sed 's/^deb /deb-src /' "$folder/sources.list" >>"$folder/sources.list.src"
    mv "$folder/sources.list.src" "$folder/sources.list"
    job "$fetch_seconds_max" apt-get update -qq
    rm -f "$folder"/rpi-imager_*
    (cd "$folder" && job "$fetch_seconds_max" apt-get source -qq --download-only rpi-imager) ||
        refuse "apt could not fetch the sources of rpi-imager of $schema_suite; its words are above."
    unset APT_CONFIG
    archive=$(compgen -G "$folder/rpi-imager_*.orig.tar.*" | grep -v '\.asc$' | head -n 1)
    schema=$folder/os-list-schema.json
    job 120 tar -xf "$archive" -C "$folder" --strip-components 3 --wildcards '*/doc/json-schema/os-list-schema.json' ||
        refuse "${archive##*/} has no doc/json-schema/os-list-schema.json any more; look where rpi-imager keeps its schema now."
    say "Required by ${archive##*/}: $(jq -r '.properties.os_list.items.anyOf[0].required | join(", ")' "$schema")"
    job 60 /usr/bin/python3 -c '
import json, sys, jsonschema
entry, schema = (json.load(open(name)) for name in sys.argv[1:])
# An entry may be of three kinds; ours is the first of them, with an image.
jsonschema.Draft7Validator(schema).validate(entry)
jsonschema.Draft7Validator(schema["properties"]["os_list"]["items"]["anyOf"][0]).validate(entry["os_list"][0])
' "$out/droneagent-$1.json" "$schema" || refuse "droneagent-$1.json is not what rpi-imager's schema asks for; why is above."
    say "droneagent-$1.json is valid by the schema of ${archive##*/}"
}
