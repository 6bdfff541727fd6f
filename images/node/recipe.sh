# shellcheck shell=bash disable=SC2034,SC2154 # variables of build and of each other
# How the image is made: programs from Go modules, file systems from Debian packages, container images, and the node itself.

readonly suite=bookworm
readonly search_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
readonly agnhost=registry.k8s.io/e2e-test-images/agnhost:2.53
readonly kindnetd=docker.io/kindest/kindnetd:offline
readonly stage=kluster-node-image # the name of the container, the image and the volume that the build needs for a while
readonly label=kluster.node-image # on all that the build makes in Docker

make_image() {
  steps=$((steps + 13))
  step "Kubernetes $version (six programs in one)" go_build kube kube . "$(version_flags)"
  step "kubectl" go_build kube kubectl k8s.io/kubernetes/cmd/kubectl "$(version_flags)"
  step "agnhost" go_build kube agnhost k8s.io/kubernetes/test/images/agnhost
  step "etcd, etcdctl" go_build etcd etcd .
  step "etcdutl" go_build etcd etcdutl go.etcd.io/etcd/etcdutl/v3
  step "CoreDNS" go_build coredns coredns .
  step "pod network and policies" go_build cni cni .
  step "crictl" go_build crictl crictl sigs.k8s.io/cri-tools/cmd/crictl "-X sigs.k8s.io/cri-tools/pkg/version.Version=$(module_version crictl sigs.k8s.io/cri-tools)"
  step "pause" gcc -Os -static -s -o "$programs/pause" pause.c
  step "Debian $suite for the node" debian node minbase
  step "Debian $suite for the containers" debian containers essential
  step "container images" archive
  step "the node image" node
}

go_build() ( # MODULE PROGRAM PACKAGE [LINKER'S FLAGS]
  cd "go/$1" || exit
  [[ ! -f $programs/$2 ]] || cp -p "$programs/$2" "$work/$2" # spares the linking when it is the same
  TMPDIR=$work "$go" build -trimpath -buildvcs=false -ldflags "-s -w ${4:-}" -o "$work/$2" "$3"
  mv "$work/$2" "$programs/$2"
)

module_version() { awk -v module="$2" '{sub(/^require /, "")} $1 == module {print $2; exit}' "go/$1/go.mod"; }

version_flags() {
  local package minor=${version#v1.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s -X %s.gitCommit= -X %s.gitTreeState=archive ' \
      "$package" "$version" "$package" "$package" "${minor%%.*}" "$package" "$package"
  done
}

# A Debian root file system as a tar, kept as long as its list of packages is the same.
debian() { # NAME VARIANT
  local target options
  target=$(debian_tar "$1")
  [[ ! -f $target ]] || { echo "kept: $target" && return; }
  rm -f "$cache/debian-$1-"* # those of other lists
  options=(--variant="$2" --include="$(package_list "$1")" --aptopt='Acquire::Retries "3"')
  options+=(--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*')
  options+=(--dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-exclude=/usr/lib/cni/*')
  options+=(--dpkgopt='path-include=/usr/lib/cni/host-local' --dpkgopt='path-include=/usr/lib/cni/loopback')
  options+=(--dpkgopt='path-include=/usr/lib/cni/portmap' --dpkgopt='path-include=/usr/lib/cni/ptp')
  # What brings 2000 files of Perl: Docker copies each file of the containers' for each node.
  [[ $1 != containers ]] || options+=(--customize-hook='APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq -o DPkg::Chroot-Directory="$1" purge usrmerge "~nperl!~E"')
  mkdir -p "$scratch" # not below a home folder: apt's own user must reach it
  TMPDIR=$scratch mmdebstrap "${options[@]}" "$suite" "$work/debian.tar" ${KLUSTER_DEBIAN_MIRROR:+"$KLUSTER_DEBIAN_MIRROR"}
  mv "$work/debian.tar" "$target"
}

debian_tar() { printf '%s/debian-%s-%s.tar\n' "$cache" "$1" "$( (declare -f debian && cat "packages/$1") | sha256sum | cut -c1-12)"; }

package_list() { sed 's/#.*//' "packages/$1" | xargs | tr ' ' ','; }

# The container images are the same two layers, Debian and the programs, under many names: one archive as `docker save` writes it.
# CoreDNS's is its program alone, as upstream's: it has no shell.
archive() {
  local name names layers ids base_id programs_id coredns_id manifest=()
  mkdir -p "$work/images"
  ln -sf "$(compressed_debian)" "$work/images/debian.tar.gz"
  base_id=$(cat "$(compressed_debian).id")
  programs_layer "$work/layer" "$work/programs.tar"
  coredns_layer "$work/coredns" "$work/coredns.tar"
  programs_id=$(compressed_layer programs)
  coredns_id=$(compressed_layer coredns)
  names=$(image_names)
  for name in $names; do
    layers=(debian programs) ids=("$base_id" "$programs_id")
    [[ $name != */coredns:* ]] || { layers=(coredns) && ids=("$coredns_id"); }
    image_config "$name" "${ids[@]}" >"$work/images/${name//[:\/]/_}.json"
    manifest+=("{\"Config\":\"${name//[:\/]/_}.json\",\"RepoTags\":[\"$name\"],\"Layers\":[$(json_list "${layers[@]/%/.tar.gz}")]}")
  done
  (IFS=, && printf '[%s]' "${manifest[*]}") >"$work/images/manifest.json"
  tar -C "$work/images" --dereference -cf "$work/images.tar" .
}

json_list() { printf '"%s"\n' "$@" | paste -sd,; }

compressed_layer() { # NAME; prints the digest of what is compressed
  gzip -1 -c "$work/$1.tar" >"$work/images/$1.tar.gz"
  sha256sum "$work/$1.tar" | cut -d' ' -f1
}

compressed_debian() {
  local tar
  tar=$(debian_tar containers)
  if [[ ! -f $tar.gz ]]; then
    sha256sum "$tar" | cut -d' ' -f1 >"$tar.gz.id"
    gzip -1 -c "$tar" >"$work/debian.tar.gz"
    mv "$work/debian.tar.gz" "$tar.gz"
  fi
  echo "$tar.gz"
}

# Hard links, not symbolic ones: whoever takes a program out of a container gets a whole file under the right name.
programs_layer() { # FOLDER TAR
  local bin=$1/usr/local/bin name
  mkdir -p "$bin"
  cp -l "$programs"/{kube,etcd,etcdutl,cni,agnhost,pause} "$bin"
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do ln "$bin/kube" "$bin/$name"; done
  ln "$bin/etcd" "$bin/etcdctl"
  install -D policies/iptables-restore "$1/usr/local/lib/policies/iptables-restore"
  for name in pause agnhost; do ln -s "usr/local/bin/$name" "$1/$name"; done
  for name in ping telnet vi; do ln -s ../../../bin/busybox "$bin/$name"; done
  layer "$1" "$2"
}

coredns_layer() { # FOLDER TAR
  mkdir -p "$1"
  cp -l "$programs/coredns" "$1"
  layer "$1" "$2"
}

layer() { tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=go-w,a+rX -cf "$2" .; } # FOLDER TAR

# The names that kubeadm asks for, as the kubeadm that was just built says, and the lab's own.
image_names() {
  (exec -a kubeadm "$programs/kube" config images list --kubernetes-version "$version")
  printf '%s\n' "$agnhost" "$kindnetd"
}

image_config() { # NAME LAYER'S DIGESTS
  local entrypoint=
  case $1 in
    */pause:*) entrypoint=',"Entrypoint":["/pause"]' ;;
    */coredns:*) entrypoint=',"Entrypoint":["/coredns"]' ;;
    */agnhost:*) entrypoint=',"Entrypoint":["/agnhost"],"Cmd":["pause"]' ;;
  esac
  printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=%s"],"Labels":{"org.opencontainers.image.title":"%s"}%s},' "$arch" "$search_path" "$1" "$entrypoint"
  printf '"rootfs":{"type":"layers","diff_ids":[%s]}}' "$(json_list "${@/#/sha256:}" | cut -d, -f2-)"
}

# Container images are unpacked onto a volume: not every kernel lets an overlay lie upon Docker's own.
node() {
  docker import -c "LABEL $label=stage" -c "ENV PATH=$search_path" "$(debian_tar node)" "$stage:base"
  docker volume create --label "$label=stage" "$stage"
  start_container "$stage:base" -v "$stage:/mnt"
  tar -C files --owner=0 --group=0 --mode=go-w,a+rX -c . | in_container tar -x -C /
  tar -C "$programs" --owner=0 --group=0 --mode=go-w,a+rX -c kube kubectl crictl | in_container tar -x -C /usr/local/bin
  in_container bash -c "$(<inside/setup)" setup "$version" </dev/null
  in_container bash -c "$(<inside/import-images)" <"$work/images.tar"
  commit "$image"
}

strip() {
  start_container "$image"
  in_container bash -c "$(<inside/strip)" </dev/null
  commit "$stripped"
}

# The stop signal goes into the image: systemd ends on SIGRTMIN+3, and executes itself anew on SIGTERM.
start_container() { # IMAGE OPTION...
  local from=$1
  shift
  docker run -d --name "$stage" --label "$label=stage" --privileged --security-opt seccomp=unconfined --tmpfs /tmp \
    --stop-signal SIGRTMIN+3 "$@" --entrypoint sleep "$from" infinity
}

in_container() { docker exec -i "$stage" "$@"; }

commit() { # NAME
  local earlier
  earlier=$(docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true)
  docker commit -c 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]' -c 'CMD []' -c 'ENV container=docker' \
    -c "LABEL $label=$hash" -c "LABEL org.opencontainers.image.title=kind-node" -c "LABEL org.opencontainers.image.version=$version" "$stage" "$1"
  docker rm -fv "$stage"
  [[ $earlier == "$(docker image inspect --format '{{.Id}}' "$1")" ]] || docker rmi "$earlier" || true # a cluster may use it still
}

# sweep removes what the build, this one or one that was cut off, needed for a while.
sweep() {
  local id
  docker rm -fv "$stage" >/dev/null 2>&1 || true
  docker volume rm "$stage" >/dev/null 2>&1 || true
  docker rmi "$stage:base" >/dev/null 2>&1 || true
  for id in $(docker images -q --filter dangling=true --filter "label=$label"); do docker rmi "$id" >/dev/null 2>&1 || true; done
  rm -rf --one-file-system "$work" "$scratch"
}
