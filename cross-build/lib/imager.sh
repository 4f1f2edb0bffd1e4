# The entry for rpi-imager's list of systems, as 'rpi-imager --repo' takes it, and a picture for it.
# What an entry must have is in rpi-imager's own schema, doc/json-schema/os-list-schema.json of its sources, which later
# versions require: name, description, icon, url, extract_size, extract_sha256, image_download_size, release_date, devices.

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

# check_schema BOARD SCHEMA: the JSON by a schema, rpi-imager's own for instance. It is in no package of Debian, and not kept
# here.
check_schema() {
    install_missing /usr/lib/python3/dist-packages/jsonschema/__init__.py=python3-jsonschema
    say "Required by ${2##*/}: $(jq -r '.properties.os_list.items.anyOf[0].required | join(", ")' "$2")"
    job 60 /usr/bin/python3 -c '
import json, sys, jsonschema
entry, schema = (json.load(open(name)) for name in sys.argv[1:])
try:
    jsonschema.Draft7Validator.check_schema(schema)
    # An entry may be of three kinds; ours is the first of them, with an image.
    jsonschema.Draft7Validator(schema["properties"]["os_list"]["items"]["anyOf"][0]).validate(entry["os_list"][0])
    jsonschema.Draft7Validator(schema).validate(entry)
except (jsonschema.ValidationError, jsonschema.SchemaError) as error:
    sys.exit(error.message)
' "$out/droneagent-$1.json" "$2" || refuse "droneagent-$1.json is not what ${2##*/} asks for; why is above."
    say "droneagent-$1.json is valid by ${2##*/}"
}
