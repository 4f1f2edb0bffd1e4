# In the guest: the life of the package, a line a step. A step is a function in a shell of its own; it notes what it saw, and
# ends with a sentence where something is not as it should be.

core=droneagent-core.service
agent=droneagent.service
life_log=/run/vm-out/steps
# Steps that were not ok.
life_failed=0

# prove WHAT FUNCTION ARGUMENT...
prove() {
    local what=$1 code=0 began=$SECONDS log
    shift
    log=$life_log/$1.log
    mkdir -p $life_log
    # Not in a condition, where a shell takes no failure seriously.
    ("$@") >"$log" 2>&1 &
    wait $! || code=$?
    if [ "$code" = 0 ]; then
        printf 'ok     %s: %s (%s s)\n' "$what" "$(sed -n 's/^note: //p' "$log" | paste -s -d '|' | sed 's/|/; /g')" $((SECONDS - began))
        return
    fi
    life_failed=$((life_failed + 1))
    printf 'FAILED %s: %s\n' "$what" "$(tail -n 1 "$log")"
}

note() {
    echo "note: $*"
}

life_steps() {
    prove "systemd is the first process" is_booted
    prove "installed" installs
    prove "people, vehicle" prepares
    prove "started" starts
    prove "systemd-analyze verify" is_verified
    prove "systemd-analyze security" is_secure
    prove "the core's rights" core_is_bound
    prove "the agent's place" agent_is_bound
    prove "who may use the command line" serves_group
    prove "the first flight container" starts_flight
    prove "SIGKILL of the core" survives_core_kill
    prove "SIGKILL of the agent" survives_agent_kill
    prove "a core that hangs" survives_core_hang
    prove "a supervisor that hangs" survives_supervisor_hang
    prove "upgraded on the ground" upgrades_on_ground
    prove "in the air" flies
    prove "upgraded in the air" upgrades_in_air
    prove "the core killed in the air" survives_kill_in_air
    prove "removed in the air" refuses_removal
    prove "landed, and its log" lands
    prove "the new version" starts_new
    # What ends a start; the last of them comes up by itself, to be removed.
    systemctl stop $agent $core
    prove "a board file with an error" refuses_board_file
    mend
    prove "a board file for another Pi" refuses_other_pi
    mend
    prove "a line that another process has" refuses_taken_line
    mend
    prove "a bus that is absent, and comes" awaits_bus
    prove "removed" removes
    prove "purged" purges
}

# show UNIT PROPERTY
show() {
    systemctl show --property="$2" --value "$1"
}

is_up() {
    systemctl is-active --quiet "$1"
}

core_pid() {
    local supervisor
    supervisor=$(show $core MainPID)
    [ "$supervisor" != 0 ] || return 1
    sed 's/ .*//' "/proc/$supervisor/task/$supervisor/children"
}

# Another process than before, and it ticks.
core_is_new() {
    local now
    now=$(core_pid 2>/dev/null) || return 1
    [ -n "$now" ] && [ "$now" != "$1" ] && [ -n "$(tick)" ]
}

# said_since CURSOR UNIT: the journal's lines.
said_since() {
    journalctl --quiet --no-pager --output=cat --after-cursor="$1" --unit="$2"
}

cursor() {
    journalctl --quiet --no-pager --lines=0 --show-cursor | sed -n 's/^-- cursor: //p'
}

# MARK: Installation

is_booted() {
    wait_until 300 systemctl is-active --quiet multi-user.target dbus || refuse "multi-user.target and dbus are not reached."
    note "$(systemctl --version | sed -n 1p), failed units: $(systemctl list-units --failed --no-legend --plain | cut -d ' ' -f 1 | paste -s -d ' ' | sed 's/^$/none/')"
    list_files >/run/files-before
}

list_files() {
    find /etc /usr /var /srv /home -xdev ! -path "/srv/droneagent/*" ! -path '/var/lib/dpkg/*' ! -path '/var/log/*' ! -path '/var/cache/*' | sort
}

installs() {
    timeout 600 dpkg --install droneagent_*_arm64.deb || refuse "dpkg --install ended with $?."
    local unit
    for unit in $core $agent; do
        [ "$(systemctl is-enabled $unit)" = enabled ] || refuse "$unit is not enabled."
        ! is_up $unit || refuse "$unit was started."
    done
    note "$(id droneagent)"
    note "both services are enabled, neither is started"
    [ -e /usr/lib/udev/rules.d/60-droneagent.rules ] || refuse "There are no udev rules."
}

prepares() {
    make_people
    modprobe softdog soft_noboot=1 || note "no softdog"
    start_vehicle
    cp Board/vm.yaml /etc/droneagent/board.yaml
    note "$(stat -c '%n %U:%G %a' /dev/i2c-0 "/dev/$(line_chip)" /dev/watchdog | paste -s -d ' ')"
    [ "$(stat -c %G:%a /dev/i2c-0)" = i2c:660 ] || refuse "/dev/i2c-0 is not the group's: $(stat -c %G:%a /dev/i2c-0)."
    [ "$(stat -c %G:%a "/dev/$(line_chip)")" = gpio:660 ] || refuse "The lines are not the group's."
    [ "$(stat -c %G:%a /dev/watchdog)" = droneagent:660 ] || refuse "The watchdog is not the group's."
}

# MARK: Bad inputs

# refused_start SENTENCE: systemctl start fails, and the journal says why; then it is tried again and again.
refused_start() {
    local from restarts said
    from=$(cursor)
    # This begins to count anew.
    ! timeout 120 systemctl start $core || refuse "It started."
    restarts=$(show $core NRestarts)
    said=$(said_since "$from" $core | grep -E "$1" | sed -n 1p) || refuse "The journal does not say '$1': $(said_since "$from" $core | tail -n 5 | paste -s -d ' ')"
    sleep 30
    restarts=$(($(show $core NRestarts) - restarts))
    note "systemctl start fails; \"$said\"; tried again $restarts times in 30 s"
    [ "$restarts" -ge 2 ] || refuse "$restarts restarts in 30 s."
}

refuses_board_file() {
    echo "tick: {rate_hz: fast}" >/etc/droneagent/board.yaml
    refused_start 'board.yaml'
}

refuses_other_pi() {
    cp /usr/share/doc/droneagent/examples/pi5.yaml /etc/droneagent/board.yaml
    refused_start 'The bus /dev/i2c-1 cannot be opened'
}

# Between two bad inputs: each meets the right board file and a core that is stopped, whatever became of the one before.
mend() {
    systemctl stop $core
    cp Board/vm.yaml /etc/droneagent/board.yaml
}

refuses_taken_line() {
    systemd-run --quiet --collect --unit=thief -- gpioset --chip "$(line_chip)" 3=0
    wait_until 20 line_is_taken || refuse "No other process takes the line."
    refused_start 'The lines of the GPIO chip .* cannot be requested'
    systemctl stop thief
    wait_until 30 is_up $core || refuse "The line is free, and it does not come up by itself."
    note "the line is free: it comes up by itself"
}

line_is_taken() {
    gpioinfo --chip "$(line_chip)" 3 | grep -q 'consumer\|used'
}

awaits_bus() {
    stop_vehicle
    refused_start 'The bus /dev/i2c-0 cannot be opened'
    start_vehicle
    wait_until 60 is_up $core || refuse "The bus is there, and it does not come up by itself."
    note "the bus is there: it comes up by itself"
}

# MARK: Start

starts() {
    local unit
    timeout 120 systemctl start $core || refuse "systemctl start $core failed: $(journalctl --no-pager -o cat -u $core | tail -n 3)"
    timeout 120 systemctl start $agent || refuse "systemctl start $agent failed: $(journalctl --no-pager -o cat -u $agent | tail -n 3)"
    for unit in $core $agent; do
        [ "$(show $unit Type)" = notify ] && is_up $unit || refuse "$unit has not said that it is ready."
        note "$unit is $(show $unit ActiveState), Type=$(show $unit Type), WatchdogUSec=$(show $unit WatchdogUSec)"
        [ "$(show $unit WatchdogUSec)" != 0 ] && [ "$(show $unit WatchdogUSec)" != infinity ] || refuse "$unit has no WatchdogSec."
    done
}

is_verified() {
    local said
    said=$(timeout 120 systemd-analyze verify --man=no $core $agent droneagent-outer.slice 2>&1) || refuse "${said:-it fails}"
    [ -z "$said" ] || note "$said"
    note "$(systemd-analyze --version | sed -n 1p) finds nothing"
    [ -z "$said" ] || refuse "$said"
}

is_secure() {
    local unit
    for unit in $core $agent; do
        timeout 120 systemd-analyze security --no-pager $unit >"$life_log/$unit.security"
        note "$(tail -n 1 "$life_log/$unit.security" | sed 's/^[^O]*//; s/[^A-Za-z]*$//')"
    done
}

core_is_bound() {
    local pid tick
    pid=$(core_pid)
    note "uid $(id -nu "$(stat -c %u "/proc/$pid")"), $(grep -E '^(CapEff|NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr -s '\t ' ' ' | paste -s -d ',')"
    [ "$(stat -c %U "/proc/$pid")" = droneagent ] || refuse "The core runs as $(stat -c %U "/proc/$pid")."
    # CAP_IPC_LOCK is bit 14, CAP_SYS_NICE bit 23.
    grep -q '^CapEff:.0000000000804000$' "/proc/$pid/status" || refuse "$(grep CapEff "/proc/$pid/status")"
    grep -q '^NoNewPrivs:.1' "/proc/$pid/status" && grep -q '^Seccomp:.2' "/proc/$pid/status" || refuse "It may gain rights."
    [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/1/ns/net)" ] || refuse "It has the machine's network."
    note "network of its own with $(nsenter --target "$pid" --net cat /proc/net/dev | tail -n +3 | cut -d : -f 1 | tr -d ' ' | paste -s -d ' ')"
    ! nsenter --target "$pid" --mount touch /usr/there 2>/dev/null || refuse "It may write /usr."
    tick=$(grep -l -x flight-tick "/proc/$pid/task"/*/comm | cut -d / -f 5)
    note "the tick: $(chrt --pid "$tick" | sed 's/.*: //' | paste -s -d ' '), CPU $(taskset --cpu-list --pid "$tick" | sed 's/.*: //')"
    [ "$(chrt --pid "$tick" | sed 's/.*: //' | paste -s -d ' ')" = "SCHED_FIFO 80" ] || refuse "The tick is not SCHED_FIFO 80."
    [ "$(taskset --cpu-list --pid "$tick" | sed 's/.*: //')" = $(($(nproc --all) - 1)) ] || refuse "The tick is not on the last CPU."
}

agent_is_bound() {
    local pid
    pid=$(show $agent MainPID)
    note "$(cut -d : -f 3 "/proc/$pid/cgroup"), AllowedCPUs=$(show droneagent-outer.slice AllowedCPUs), uid $(stat -c %U "/proc/$pid")"
    grep -q droneagent-outer.slice "/proc/$pid/cgroup" || refuse "It is in $(cat "/proc/$pid/cgroup")."
    [ "$(show droneagent-outer.slice AllowedCPUs)" = 0-2 ] || refuse "Its slice has the core's CPU."
    [ "$(stat -c %U "/proc/$pid")" = droneagent ] || refuse "It does not run as droneagent."
}

serves_group() {
    note "$(stat -c '%n %U:%G %a' /run/droneagent /run/droneagent/agent.sock /run/droneagent/core.sock | paste -s -d ',')"
    [ "$(stat -c %a /run/droneagent/agent.sock):$(stat -c %a /run/droneagent/core.sock)" = 660:660 ] || refuse "The sockets' mode is another."
    as "$member" droneagent status || refuse "A member of the group gets no status."
    note "status for a member of the group"
    ! as "$stranger" droneagent status >"$life_log/stranger" 2>&1 || refuse "One who is not in the group gets the status."
    note "for another: \"$(tail -n 1 "$life_log/stranger")\""
}

starts_flight() {
    start_services
    note "docker.service: CPUs $(show docker.service AllowedCPUs)"
    local as_seconds=300
    as "$member" droneagent start "$life_registry/flight:v1" || refuse "droneagent start failed."
    is_owned || refuse "Nobody owns the motors."
    as "$member" droneagent status
    note "$(as "$member" droneagent status | grep 'owns the motors')"
    local thread
    thread=$(grep -l -s -x flight-control /proc/[0-9]*/task/*/comm | cut -d / -f 5)
    note "its control thread: $(chrt --pid "$thread" | sed 's/.*: //' | paste -s -d ' '), CPUs $(taskset --cpu-list --pid "$thread" | sed 's/.*: //')"
    [ "$(chrt --pid "$thread" | sed 's/.*: //' | paste -s -d ' ')" = "SCHED_FIFO|SCHED_RESET_ON_FORK 70" ] || refuse "The agent did not give it its priority."
}

# MARK: Kills on the ground

survives_core_kill() {
    local before supervisor
    before=$(core_pid) supervisor=$(show $core MainPID)
    kill -KILL "$before"
    wait_until 30 core_is_new "$before" || refuse "It is not back."
    [ "$(show $core MainPID)" = "$supervisor" ] || refuse "The supervisor is another."
    wait_until 60 is_owned || refuse "Nobody owns the motors behind it."
    note "another process under the same supervisor, NRestarts=$(show $core NRestarts), the container owns again"
}

survives_agent_kill() {
    local before pid restarts
    before=$(core_pid) pid=$(show $agent MainPID) restarts=$(show $agent NRestarts)
    kill -KILL "$pid"
    wait_until 60 agent_is_new "$pid" || refuse "It is not back."
    [ "$(core_pid)" = "$before" ] || refuse "The core is another."
    note "back, NRestarts from $restarts to $(show $agent NRestarts), the core is the same process"
}

agent_is_new() {
    local now
    now=$(show $agent MainPID)
    [ "$now" != 0 ] && [ "$now" != "$1" ] && is_up $agent
}

survives_core_hang() {
    local before from
    before=$(core_pid) from=$(cursor)
    kill -STOP "$before"
    wait_until 30 core_is_new "$before" || refuse "It is not back."
    wait_until 60 is_owned || refuse "Nobody owns the motors behind it."
    note "SIGSTOP: \"$(said_since "$from" $core | grep 'sign of life' | sed -n 1p)\""
}

# systemd ends it by WatchdogSec=; the core goes on alone, makes room on the ground, and the next supervisor starts its own.
survives_supervisor_hang() {
    local before supervisor from
    before=$(core_pid) supervisor=$(show $core MainPID) from=$(cursor)
    kill -STOP "$supervisor"
    wait_until 60 supervisor_is_new "$supervisor" || refuse "systemd does not end it: $(show $core ActiveState)."
    wait_until 60 core_is_new "$before" || refuse "There is no core behind it: $(said_since "$from" $core | tail -n 3 | paste -s -d ' ')"
    [ ! -e "/proc/$before" ] || refuse "The former core is still there."
    wait_until 120 is_owned || refuse "Nobody owns the motors behind it."
    note "SIGSTOP: \"$(said_since "$from" $core | grep -i 'watchdog timeout' | sed -n 1p)\"; \"$(said_since "$from" $core | grep 'supervisor is gone' | sed -n 1p)\""
}

supervisor_is_new() {
    local now
    now=$(show $core MainPID)
    [ "$now" != 0 ] && [ "$now" != "$1" ] && is_up $core
}

# MARK: Upgrades

upgrade() {
    timeout 600 dpkg --install "next/droneagent_$1_arm64.deb" || refuse "dpkg --install ended with $?."
    # shellcheck disable=SC2016
    [ "$(dpkg-query --show --showformat '${Version}' droneagent)" = "$1" ] || refuse "Its version is another."
}

upgrades_on_ground() {
    local before supervisor pid
    before=$(core_pid) supervisor=$(show $core MainPID) pid=$(show $agent MainPID)
    cmp Board/vm.yaml /etc/droneagent/board.yaml || refuse "The board file was another before."
    upgrade $life_grounded
    wait_until 60 core_is_new "$before" && supervisor_is_new "$supervisor" && agent_is_new "$pid" || refuse "Not both were restarted."
    cmp Board/vm.yaml /etc/droneagent/board.yaml || refuse "The board file did not stay."
    wait_until 120 is_owned || refuse "The container does not own again."
    note "to $life_grounded: supervisor, core and agent are other processes, the board file stayed, the container owns again"
}

flies() {
    take_off
    note "droneagent pilot, arm, takeoff: mode $(mode)"
    note "the watchdog is $(cat /sys/class/watchdog/watchdog0/state)"
}

# What must be the same behind it.
flight_processes() {
    echo "$(show $core MainPID) $(core_pid) $(show $agent MainPID) $(container_pids)"
}

# Of the flight containers that run: they are what is in a control group of the engine.
container_pids() {
    { cat /sys/fs/cgroup/{system.slice/docker-*.scope,docker/*}/cgroup.procs 2>/dev/null || true; } | paste -s -d ' '
}

upgrades_in_air() {
    local before
    before=$(flight_processes)
    upgrade $life_flown
    [ "$(flight_processes)" = "$before" ] || refuse "Processes were $before and are $(flight_processes)."
    ticks_on || refuse "It does not tick."
    mode_is fly || refuse "It is in mode '$(mode)'."
    note "to $life_flown: supervisor, core, agent, container are the same ($before), mode $(mode), ticks go on"
    note "it says \"$(grep 'the vehicle is not disarmed' "$life_log/upgrades_in_air.log")\""
}

survives_kill_in_air() {
    local before
    before=$(core_pid)
    kill -KILL "$before"
    wait_until 30 core_is_new "$before" || refuse "It is not back."
    mode_is fly || refuse "It is in mode '$(mode)'."
    ticks_on || refuse "It does not tick."
    note "it flies on, mode $(mode); still the program that took off: $(readlink "/proc/$(core_pid)/exe")"
}

refuses_removal() {
    local before code=0
    before=$(flight_processes)
    timeout 300 dpkg --remove droneagent || code=$?
    [ "$code" != 0 ] || refuse "dpkg --remove went through."
    [ "$(flight_processes)" = "$before" ] && mode_is fly || refuse "The flight is another: mode '$(mode)'."
    # That it was to go is noted; that it is there counts.
    # shellcheck disable=SC2016
    [[ "$(dpkg-query --show --showformat '${Status}' droneagent)" = *" ok installed" ]] || refuse "It is $(dpkg -s droneagent | grep Status)."
    note "dpkg --remove ends with $code, mode $(mode), same processes"
    note "it says \"$(grep 'the vehicle is not disarmed' "$life_log/refuses_removal.log")\""
}

lands() {
    land
    note "mode $(mode), the watchdog is $(cat /sys/class/watchdog/watchdog0/state)"
    wait_until 30 has_flight_log || refuse "There is no flight log: $(as "$member" droneagent log list 2>&1)"
    note "droneagent log list: $(as "$member" droneagent log list | paste -s -d ',')"
    # Late ticks are of the emulation; that it reads the log is what counts.
    as "$member" droneagent log verdict >"$life_log/verdict" 2>&1 || true
    note "log verdict: $(sed -n 1p "$life_log/verdict")"
}

has_flight_log() {
    [ -n "$(as "$member" droneagent log list 2>/dev/null)" ]
}

starts_new() {
    local before
    before=$(core_pid)
    timeout 120 systemctl restart $core $agent || refuse "systemctl restart failed."
    wait_until 60 core_is_new "$before" || refuse "It does not come up."
    note "$(readlink "/proc/$(show $core MainPID)/exe"), $(readlink "/proc/$(show $agent MainPID)/exe")"
    [ -e "$(readlink "/proc/$(show $core MainPID)/exe")" ] || refuse "It is still the old one."
    wait_until 120 is_owned || refuse "The container does not own again."
}

# MARK: Removal

containers() {
    curl --silent --max-time 10 --unix-socket /run/docker.sock 'http://engine/containers/json?all=true' |
        grep -o '"Names":\["[^"]*"' | sed 's/.*"\(.*\)"/\1/' | paste -s -d ' '
}

removes() {
    systemctl start $agent
    wait_until 60 mode_is disarmed || refuse "It is in mode '$(mode)'."
    timeout 600 dpkg --remove droneagent || refuse "dpkg --remove ended with $?."
    ! is_up $core && ! is_up $agent || refuse "A service is up."
    [ -z "$(grep -l -s -E 'flightcore|droneagent' /proc/[0-9]*/comm)" ] || refuse "A process is left."
    [ ! -e /usr/bin/droneagent ] && [ ! -e /usr/lib/udev/rules.d/60-droneagent.rules ] || refuse "Programs or rules are left."
    cmp Board/vm.yaml /etc/droneagent/board.yaml || refuse "The board file is gone."
    [ -e /var/lib/droneagent/journal.sqlite ] || refuse "The state is gone."
    note "no process left, programs and rules gone; /etc/droneagent/board.yaml and /var/lib/droneagent stay"
    note "systemctl is-enabled: $(systemctl is-enabled $core 2>&1 || true)"
}

purges() {
    timeout 300 dpkg --purge droneagent || refuse "dpkg --purge ended with $?."
    list_files >/run/files-after
    comm -13 /run/files-before /run/files-after >"$life_log/left"
    note "left: $(grep droneagent "$life_log/left" | paste -s -d ' ' | sed 's/^$/no file of that name/'), the user $(id -nu droneagent), in the engine $(containers)"
    ! grep -q droneagent "$life_log/left" || refuse "Files are left: $(grep droneagent "$life_log/left" | paste -s -d ' ')"
    [ ! -e /run/droneagent ] && [ -z "$(find /run/systemd/transient /run/systemd/system -name '*droneagent*' 2>/dev/null)" ] || refuse "Something is left in /run."
    ! systemctl cat $core >/dev/null 2>&1 || refuse "systemd still knows $core."
}
