#!/bin/sh
# keep.sh PIDFILE COMMAND...: runs it, and again when it was killed, as a service manager does. One that ends three
# times in a row within five seconds does not come up, and is not tried again.
pidfile=$1
shift
quick=0
while :; do
    began=$(date +%s)
    "$@" &
    echo $! >"$pidfile"
    wait $!
    code=$?
    if [ $(($(date +%s) - began)) -ge 5 ]; then quick=0; else quick=$((quick + 1)); fi
    [ "$quick" -lt 3 ] || exit "$code"
    sleep 0.2
done
