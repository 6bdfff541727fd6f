# shellcheck shell=bash disable=SC2034,SC2154 # variables of build and of each other
# What the build tells the person who runs it: one line a step with its seconds, and errors with a remedy.
# Output of commands goes to $log; its end is quoted when one fails.

readonly DONE=0 FAILED=1 USAGE=2 ENVIRONMENT=3

say() { printf '%s\n' "$*" >&2; }

# fail CODE TITLE DETAIL REMEDY
fail() {
  say "Error: $2"
  [[ -z $3 ]] || say "  ${3//$'\n'/$'\n'  }"
  [[ -z $4 ]] || say "Remedy: $4"
  exit "$1"
}

# step NAME COMMAND...: the command runs in a process group of its own, so that an interruption can end all of it. It holds the
# build's lock as well: if the build is killed, the next one waits for the end of what it has begun.
step() {
  local name=$1 began=$SECONDS status=0
  shift
  printf '  [%2d/%d] %-46s ' "$((++steps_done))" "$steps" "$name" >&2
  printf '\n== %s\n' "$name" >>"$log"
  set -m
  (
    set -euo pipefail
    "$@"
  ) </dev/null >>"$log" 2>&1 &
  job=$!
  set +m
  wait "$job" || status=$?
  job=
  if ((status)); then
    say failed
    fail "$FAILED" "$name: exit code $status" "$(tail -n 15 "$log")" \
      "the whole output is in $log; run the same command again, it goes on where this one ended"
  fi
  say "$(printf '%4d s' "$((SECONDS - began))")"
}

# end_step ends the step that is running, if any.
end_step() {
  [[ -n ${job:-} ]] || return 0
  kill -TERM -- "-$job" 2>/dev/null || true
  wait "$job" 2>/dev/null || true
  job=
}
