# Flights by labgrid (Board/labgrid): a place is powered, flashed, booted, flown, and powered off.

lab_packages=(labgrid==26.0.1 pytest==9.2.0)
# Seconds. The unit tests have SSH servers of their own; a place's life, emulated, with packages that are made first.
lab_tests_seconds_max=300
lab_seconds_max=9000

lab_usage() {
    cat <<END_OF_USAGE
Usage: Board/bench labgrid [--place NAME|FILE.yaml]

Runs the unit tests of our labgrid drivers, then Board/labgrid/scenario at a place: its power comes, what is to fly gets there,
lines and chips are tried step by step, a flight with an update is flown, bad inputs are refused, and the power goes. Prints a
line for each case; flight/labgrid/NAME has all reports, and labgrid.xml as JUnit.

  vm        the board VM for amd64, reached by SSH as a Pi is; what has been built flies, nothing is installed (default)
  vm-arm64  the board VM for arm64; the packages of cross-build/build are installed and fly
  here      no machine between: the simulation on this one
  FILE.yaml an environment file of one's own, for a real bench; Board/labgrid/pi4.yaml is an example
END_OF_USAGE
}

lab() {
    case ${1:-} in --help | -h) lab_usage; return ;; esac
    setup
    lab_built "$@"
}

# Of what `setup` has built.
lab_built() {
    local place=vm file
    while [ $# -gt 0 ]; do
        case $1 in
        --place) place=${2:-}; shift ;;
        *) refuse "There is no option '$1'; see Board/bench labgrid --help." ;;
        esac
        [ $# = 0 ] || shift
    done
    case $place in
    *.yaml) file=$place place=$(basename "$place" .yaml) ;;
    *) file=Board/labgrid/$place.yaml ;;
    esac
    [ -r "$file" ] || refuse "There is no place '$place': $file cannot be read; see Board/bench labgrid --help."
    install_lab
    # Nobody's keys but those that the file names.
    unset SSH_AUTH_SOCK
    say "labgrid: unit tests"
    job "$lab_tests_seconds_max" "$python" -m pytest -q -p no:cacheprovider Tests/Labgrid
    if [ "$place" = here ]; then
        open_bench
        export LG_ENGINE=$engine LG_REGISTRY=$registry
    fi
    say "labgrid: the scenario at the place '$place'"
    job "$lab_seconds_max" "$python" -m pytest -q -x --tb short -p no:cacheprovider --lg-env "$file" \
        --junitxml "flight/labgrid/$place/labgrid.xml" Board/labgrid/scenario
}

install_lab() {
    make_python
    [ "$("$python" -m pip list --format freeze 2>/dev/null | grep -cxF "$(printf '%s\n' "${lab_packages[@]}")")" = ${#lab_packages[@]} ] \
        || job "$install_seconds_max" "$python" -m pip install --quiet --retries 3 "${lab_packages[@]}"
}
