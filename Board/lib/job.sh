# Long commands with a limit, and daemons. Both end with the bench, on Ctrl-C and on a kill alike.

job_pid=
# What marks the processes of a bench, once it is alone on this machine (Board/lib/alone.sh).
mark=()

# job SECONDS COMMAND...: runs it without standard input and gives its exit code; 124 when it took too long.
# It is waited for in the background, because bash answers a signal only then; `env` gives back the signals
# that a background command would ignore. Descriptor 9 is the lock.
job() {
    local seconds=$1 code=0
    shift
    timeout --kill-after=10 "$seconds" env --default-signal=INT,QUIT "${mark[@]}" "$@" </dev/null 9>&- &
    job_pid=$!
    wait "$job_pid" || code=$?
    job_pid=
    [ "$code" != 124 ] || say "'$1 ${2:-}' did not end within $seconds s and was stopped." >&2
    return "$code"
}

end_job() {
    [ -n "$job_pid" ] || return 0
    kill "$job_pid" 2>/dev/null || return 0
    wait "$job_pid" || true
}

# What runs beside the rest, a bench of its own; and its output.
beside_pid=
beside_log=

# beside LOG COMMAND...: begins it; `besides` says what it said and gives its exit code. It has limits of its own, and ends with
# this bench.
beside() {
    beside_log=$1
    shift
    "$@" </dev/null >"$beside_log" 2>&1 9>&- &
    beside_pid=$!
}

besides() {
    local code=0
    wait "$beside_pid" || code=$?
    beside_pid=
    cat "$beside_log"
    return "$code"
}

end_beside() {
    [ -n "$beside_pid" ] || return 0
    kill "$beside_pid" 2>/dev/null || return 0
    wait "$beside_pid" || true
}

# daemon NAME COMMAND...: starts it in a session of its own; its output goes to the run folder. Sets daemon_pid.
daemon() {
    local name=$1
    shift
    : >"$run/log/$name.log"
    setsid env "${mark[@]}" "$@" </dev/null >>"$run/log/$name.log" 2>&1 9>&- &
    daemon_pid=$!
    disown "$daemon_pid"
}

# daemon_ready NAME SECONDS CHECK...: waits until the daemon just started passes the check.
daemon_ready() {
    local name=$1 seconds=$2
    shift 2
    wait_until "$seconds" daemon_dead_or "$@" && "$@" && return
    tail -n 20 "$run/log/$name.log" >&2
    refuse "The $name did not come up within $seconds s; its last words are above, all of them in $run/log/$name.log."
}

daemon_dead_or() {
    ! kill -0 "$daemon_pid" 2>/dev/null || "$@"
}

# Nothing that is installed may start a service: the bench runs its own, and a machine does not want another engine.
policy=/usr/sbin/policy-rc.d
policy_made=

forbid_services() {
    [ ! -e $policy ] || return 0
    policy_made=yes
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
}

allow_services() {
    [ -z "$policy_made" ] || rm -f $policy
    policy_made=
}

trap end_bench EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Leaves nothing running. Says nothing: the last line belongs to what was run.
end_bench() {
    local code=$?
    trap '' HUP INT TERM
    end_job
    end_beside
    allow_services
    [ ${#mark[@]} = 0 ] || sweep
    exit "$code"
}
