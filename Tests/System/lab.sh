# Sourced by the scripts beside it: an emulator and a daemon in a directory of their own, ended with the script.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lab=$(mktemp -d)
lab_pids=()
subscription=00000000-0000-4000-8000-000000000001

lab_end() {
    local pid
    for pid in "${lab_pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    for pid in "${lab_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$lab"
}
trap lab_end EXIT
trap 'exit 130' INT TERM

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    [ ! -e "$lab/keyturn.log" ] || tail -n 20 "$lab/keyturn.log" >&2
    exit 1
}

# wait_until SECONDS COMMAND...: until the command succeeds.
wait_until() {
    local tenths=$(($1 * 10))
    shift
    for ((i = 0; i < tenths; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

# start_emulator ARG...: sets emulator_port.
start_emulator() {
    "$(swift build --show-bin-path)/acs-emulator" serve --listen 127.0.0.1:0 --ready-file "$lab/emulator.json" "$@" \
        >"$lab/emulator.log" 2>&1 &
    lab_pids+=($!)
    wait_until 30 test -s "$lab/emulator.json" || fail "the emulator did not start: $(tail -n 3 "$lab/emulator.log")"
    emulator_port=$(grep -o '"port" *: *[0-9]*' "$lab/emulator.json" | grep -o '[0-9]*$')
    export AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:$emulator_port
}

# write_config POLICY NAME...: one policy (a YAML flow mapping) for all the resources.
write_config() {
    local policy=$1
    shift
    {
        echo "azure:"
        echo "  cloud: {resourceManager: 'http://127.0.0.1:$emulator_port', login: 'http://127.0.0.1:$emulator_port', audience: 'https://management.azure.com'}"
        echo "  credential: {kind: managed-identity}"
        echo "state: {directory: $lab/state}"
        echo "secrets: {directory: $lab/secrets}"
        echo "control: {socket: $lab/control.sock}"
        echo "policies: {only: $policy}"
        echo "resources:"
        local name
        for name; do
            echo "  - {name: $name, subscription: $subscription, resourceGroup: lab, policy: only}"
        done
    } >"$lab/keyturn.yaml"
}
