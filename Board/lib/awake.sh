# A virtual machine's host parks a CPU that sleeps, and brings it back late: of 5000 waits for the next tick of 500 Hz some
# 250 ended more than 0.3 ms late, and under 10 on a CPU that never sleeps. So those on which the flight runs do not, while
# something flies: on each a loop runs that gives way to everything. What a flight shows is then the program's doing and not
# the host's. The first CPU may sleep: a machine that takes all of its CPUs' time is stopped for 7 ms at a time, on a grid of
# a tenth of a second, as if that were more than its host allows (of 45000 beats 7 and 2 were over 2 ms late with both of
# two CPUs awake, 0 and 1 with the last one).

# Seconds; longer than whatever flies.
awake_seconds=7200

keep_awake() {
    local cpu cpus
    cpus=$(nproc --all)
    # A board's own CPUs wake in time.
    grep -q '^flags.* hypervisor' /proc/cpuinfo || return 0
    for ((cpu = cpus > 1 ? 1 : 0; cpu < cpus; cpu++)); do
        # shellcheck disable=SC2016
        daemon "awake-$cpu" taskset --cpu-list "$cpu" chrt --idle 0 \
            bash -c 'while ((SECONDS < $1)); do :; done' awake "$awake_seconds"
        echo "$daemon_pid" >>"$run/awake.pids"
    done
}

# let_sleep COMMAND...: runs what computes and waits for nobody while those loops stand still: two CPUs of a virtual machine are
# often one core of its host's, and it takes half the time without them.
let_sleep() {
    local code=0 loops=()
    [ ! -e "$run/awake.pids" ] || mapfile -t loops <"$run/awake.pids"
    [ ${#loops[@]} = 0 ] || kill -STOP "${loops[@]}" 2>/dev/null || true
    "$@" || code=$?
    [ ${#loops[@]} = 0 ] || kill -CONT "${loops[@]}" 2>/dev/null || true
    return "$code"
}
