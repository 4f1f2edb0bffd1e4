# In the guest: the simulated vehicle behind the kernel's devices, the engine, the registry, and who flies. Each is a
# transient service of systemd.

vehicle=/run/vehicle
life_registry=127.0.0.1:5000
# Who may use the command line, and who may not.
member=pilot
stranger=stranger
# Seconds that a command of theirs may take.
as_seconds=60

# as USER COMMAND...: as a person at a keyboard, with that user's groups and nothing else.
as() {
    local user=$1
    shift
    timeout "$as_seconds" setpriv --reuid="$user" --regid="$user" --init-groups env HOME=/ "$@" </dev/null
}

make_people() {
    useradd --user-group "$member"
    useradd --user-group "$stranger"
    usermod --append --groups droneagent "$member"
}

# The chips, played over /dev/uhid; the kernel makes bus and lines of them.
start_vehicle() {
    mkdir -p $vehicle
    droneagent board compile Board/vm.yaml -o $vehicle/board.bin >/dev/null
    systemd-run --quiet --collect --unit=vehicle -- "$PWD/bench/flightbench" world --board $vehicle/board.bin \
        --socket $vehicle/bus.sock --folder $vehicle --faults $vehicle/faults --batteries 16 --adapter
    wait_until 60 test -e /dev/i2c-0 || refuse "The kernel makes no /dev/i2c-0 of the simulated bridge."
    udevadm settle --timeout=30
}

stop_vehicle() {
    systemctl stop vehicle
    wait_until 30 no_bus || refuse "/dev/i2c-0 stays though the bridge is gone."
}

no_bus() {
    [ ! -e /dev/i2c-0 ]
}

# The chip of the bridge's lines; the machine has one of its own too.
line_chip() {
    gpiodetect | sed -n 's/^\([^ ]*\) \[cp2112_gpio\].*/\1/p'
}

# Memory behind the engine's folders: an overlay does not carry another one.
start_services() {
    local folder
    mkdir -p /etc/docker /run/registry
    echo "{\"insecure-registries\": [\"$life_registry\"], \"bridge\": \"none\", \"iptables\": false, \"ip-forward\": false, \"live-restore\": true}" \
        >/etc/docker/daemon.json
    for folder in /var/lib/docker /var/lib/containerd; do
        mkdir -p $folder
        mount -t tmpfs none $folder
    done
    cp -r .build-vm/registry /run/registry/data
    cat >/run/registry/config.yml <<END
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: /run/registry/data}}
http: {addr: "$life_registry"}
END
    systemd-run --quiet --collect --unit=registry -- docker-registry serve /run/registry/config.yml
    timeout 300 systemctl start docker
    wait_until 60 curl --silent --fail --max-time 5 --output /dev/null "http://$life_registry/v2/"
}

# What the member's own command line says, as JSON; nothing where nobody answers.
status() {
    as "$member" droneagent status --json 2>/dev/null || true
}

mode() {
    status | sed -n 's/.*"mode":"\([^"]*\)".*/\1/p'
}

mode_is() {
    [ "$(mode)" = "$1" ]
}

is_owned() {
    status | grep -q '"owner":"'
}

tick() {
    status | sed -n 's/.*"tick":\([0-9]*\).*/\1/p'
}

# It goes on ticking from here.
ticks_on() {
    local before
    before=$(tick)
    [ -n "$before" ] && wait_until 30 ticked_past "$before"
}

ticked_past() {
    local now
    now=$(tick)
    [ -n "$now" ] && [ "$now" -gt "$1" ]
}

# Holds the pilot's link, arms, takes off, and waits until it flies.
take_off() {
    systemd-run --quiet --collect --unit=link --uid="$member" --gid="$member" -- droneagent pilot
    wait_until 60 armed || refuse "It does not arm: $(as "$member" droneagent arm 2>&1 || true)"
    as "$member" droneagent takeoff 3 >/dev/null
    wait_until 60 mode_is fly || refuse "It does not come to fly; it is in mode '$(mode)'."
}

armed() {
    as "$member" droneagent arm >/dev/null 2>&1
}

land() {
    as "$member" droneagent land >/dev/null
    wait_until 120 mode_is disarmed || refuse "It does not land; it is in mode '$(mode)'."
    systemctl stop link
}
