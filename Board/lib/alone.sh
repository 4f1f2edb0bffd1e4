# One bench at a time on a machine, and nothing left of an earlier one.
#
# Every process that a bench starts carries a mark in its environment, which its children inherit; containers
# do not inherit it, but live in a control group of our own. Everything that the engine mounts is in a mount
# namespace that ends with it. So an orderly end, a crash and a kill -9 are all cleaned up in the same way, by
# `sweep`, and whoever has the lock may do it: no other bench can be alive.

run=${DRONEAGENT_BENCH_RUN:-/run/droneagent-bench}
lock=/run/lock/droneagent-bench.lock
mark_name=DRONEAGENT_BENCH_MARK
control_group=droneagent-bench

# Seconds to wait for another bench: a flight takes two minutes, the tests some fifteen.
lock_seconds_max=1200
# Longest name of a socket below the run folder; the kernel's limit is 108 bytes with the end mark.
run_length_max=60

be_alone() {
    [ "$(id -u)" = 0 ] || refuse "The bench runs an engine and needs root; use sudo."
    case $run in
        /?*) ;;
        *) refuse "DRONEAGENT_BENCH_RUN is '$run'; give an absolute path." ;;
    esac
    [ ${#run} -le "$run_length_max" ] ||
        refuse "The run folder $run is too long for the sockets in it; take one of at most $run_length_max bytes."
    mkdir -p "${lock%/*}"
    exec 9>>"$lock"
    if ! flock --nonblock 9; then
        say "Another bench is at work on this machine; waiting for it, at most $lock_seconds_max s."
        flock --timeout "$lock_seconds_max" 9 || refuse "The other bench is still at work; try again later."
    fi
    mark=("$mark_name=$run")
    sweep
    rm -rf "$run"
    mkdir -p "$run/log"
}

# Ends every process of a bench and removes what they leave. Only the logs stay.
sweep() {
    wait_until 10 ended || say "These processes of a bench do not end: $(bench_processes | tr '\n' ' ')" >&2
    find /sys/fs/cgroup -depth -type d -path "*/$control_group*" -exec rmdir {} + 2>/dev/null || true
    rm -rf "$run/engine" "$run/registry" "$run/test"
}

ended() {
    local pids
    pids=$(bench_processes)
    [ -n "$pids" ] || return 0
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null
    return 1
}

bench_processes() {
    {
        grep -lzs "^$mark_name=" /proc/[0-9]*/environ | cut -d/ -f3
        find /sys/fs/cgroup -path "*/$control_group/*" -name cgroup.procs -exec cat {} + 2>/dev/null
    } | sort -un || true
}
