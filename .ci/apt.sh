# shellcheck shell=bash
# What the scripts here share: words, and a quiet and patient apt-get.

say() { printf '%s\n' "$*" >&2; }

fail() { # WHAT REMEDY
  say "Error: $1"
  say "Remedy: $2"
  exit 3
}

need_debian_root() { # WHAT ELSEWHERE
  [[ -f /etc/debian_version ]] || fail "this script brings $1 on Debian only" "see $2"
  ((EUID == 0)) || fail "only root can install $1" "call this script as root, or see $2"
}

# Nothing is printed while all goes well; mirrors get some chances.
apt_quiet() {
  local output attempt
  for attempt in 1 2 3; do
    output=$(DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -y --no-install-recommends \
      -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@" 2>&1) && return
    sleep $((attempt * 2))
  done
  fail "apt-get $* failed"$'\n'"$output" "look at the network and at /etc/apt, then try again"
}
