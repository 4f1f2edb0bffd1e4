# Sentences for a person, and waits with a limit.

# Whose sentences they are.
speaker=bench

say() {
    printf '%s: %s\n' "$speaker" "$*"
}

# Ends the bench with one sentence: what is wrong, where, what to do.
refuse() {
    say "$*" >&2
    exit 1
}

# wait_until SECONDS COMMAND...: tries ten times a second; fails when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}
