#!/bin/bash
# Build the image as the Dockerfile says, run it, and look at what a hospital would look at.
#
#   deploy/try_image.sh [--from IMAGE]
#
# As root on Debian 12, with buildah (and debootstrap, unless --from names a base image that lies in
# the local store). Without --from the base is made of Debian's own packages, so no registry of
# images is asked: Python lies in /usr there and not in /usr/local. Isolation is chroot, which works
# where containers may not be nested: the Dockerfile's steps and the running server are tried, the
# walls of a container engine (network, cgroups, its seccomp profile, health scheduling) are not.
#
# Settings of the machine that reach package indexes (certificates, apt, pip, npm) go into the
# stand-in base, never into the Dockerfile. Prints what it saw and how long it took.
set -euo pipefail
cd "$(dirname "$0")/.."

base=
[ "${1:-}" = --from ] && base=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/lianzhen-image.XXXXXX")
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
storage=(--root "$work/storage" --runroot "$work/run")
buildah() { command buildah "${storage[@]}" "$@"; }
image=localhost/lianzhen:tried
server=
finish() {
  [ -z "$server" ] || stop || true
  buildah rm -a >/dev/null 2>&1 || true
  buildah rmi -a -f >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
# the whole group that was started for the server, and nobody else
stop() { kill -TERM -- "-$server" 2>/dev/null; wait "$server"; server=; }
say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
must() { local what=$1; shift; if "$@"; then say "ok: $what"; else say "FAILED: $what"; exit 1; fi; }

if [ -z "$base" ]; then
  base=localhost/stand-in:bookworm
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip \
    bookworm "$work/rootfs" >"$work/debootstrap.log"
  say "debootstrap: $(du -sm "$work/rootfs" | cut -f1) MB"
  # how this machine reaches its package indexes
  for each in /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/npmrc /root/.npmrc \
      /etc/apt/sources.list.d/debian.sources /etc/apt/apt.conf.d/99artifact-registry; do
    [ ! -e "$each" ] || install -D -m 0644 "$each" "$work/rootfs$each"
  done
  [ ! -e /etc/apt/sources.list.d/debian.sources ] || rm -f "$work/rootfs/etc/apt/sources.list"
  rm -rf "$work/rootfs/var/cache/apt/archives"/*.deb
  made=$(buildah from scratch)
  buildah copy -q "$made" "$work/rootfs" / >/dev/null
  buildah config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$made"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    buildah config --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
      --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$made"
  fi
  buildah commit -q --rm "$made" "$base" >/dev/null
  rm -rf "$work/rootfs"
  say "base image made: $base"
fi

buildah build --pull-never --format docker --build-arg BASE="$base" -t "$image" . \
  >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; exit 1; }
say "image built"

tried=$(buildah from --pull-never "$image")
root=$(buildah mount "$tried")
say "image: $(du -sm "$root" | cut -f1) MB, of which /opt/lianzhen $(du -sm "$root/opt/lianzhen" | cut -f1) MB"
inside() { buildah run "$tried" -- "$@"; }

must "it runs as user 10001" test "$(inside id -u)" = 10001
must "no compiler is in it" inside sh -c '! command -v gcc && ! command -v cc && ! command -v c++ && ! command -v make && ! command -v node'
must "no installer is in its environment" inside sh -c '! test -e /opt/lianzhen/bin/pip'
must "it has a health check" sh -c "command buildah ${storage[*]} inspect '$tried' | grep -q is_alive"
must "no file of the program is writable by its user" \
  inside sh -c 'test -z "$(find /opt /usr /etc -writable ! -type l -print -quit 2>/dev/null)"'
must "no secret of the working tree is in it" inside sh -c '! test -e /opt/lianzhen/deploy && ! test -e /src'

# the root file system read-only, the data folder and /tmp writable: as compose.yaml runs it
install -d -m 0700 -o 10001 -g 10001 "$work/data"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
run=(run --env LIANZHEN_PORT="$port" --volume "$work/data:/var/lib/lianzhen:rw")
before=$(find "$root" -xdev -newer "$work/build.log" ! -path "$root/tmp*" ! -path "$root/proc*" -type f | sort)
set -m
buildah "${run[@]}" "$tried" -- lianzhen serve >"$work/server.log" 2>&1 &
server=$!
set +m
for _ in $(seq 300); do
  curl -fsS "http://127.0.0.1:$port/readyz" >"$work/ready.json" 2>/dev/null && break
  kill -0 "$server" || { cat "$work/server.log"; exit 1; }
  sleep 0.2
done
must "it takes work" curl -fsS "http://127.0.0.1:$port/readyz" -o "$work/ready.json"
say "readyz: $(cat "$work/ready.json")"
must "its first page answers" sh -c "curl -fsSL http://127.0.0.1:$port/ | grep -q '<title>'"
must "the health check says alive" buildah "${run[@]}" "$tried" -- python -I /opt/lianzhen/is_alive.py
must "the health check says dead of a port where nobody listens" \
  sh -c "! command buildah ${storage[*]} run --env LIANZHEN_PORT=1 '$tried' -- python -I /opt/lianzhen/is_alive.py"
for wall in rlimits no-new-privileges seccomp landlock; do
  if grep -q "$wall" "$work/ready.json"; then say "ok: the jail's wall stands: $wall"
  else say "missing: the jail's wall $wall (this kernel or engine does not give it)"; fi
done
must "walls that are required stand" grep -q seccomp "$work/ready.json"
must "Chinese type is there" grep -q 'Noto Sans CJK' "$work/ready.json"
buildah "${run[@]}" "$tried" -- lianzhen doctor || true
after=$(find "$root" -xdev -newer "$work/build.log" ! -path "$root/tmp*" ! -path "$root/proc*" -type f | sort)
must "it wrote nothing outside its data folder and /tmp" test "$before" = "$after"
stop || true
for _ in $(seq 100); do
  code=0; curl -s "http://127.0.0.1:$port/healthz" >/dev/null || code=$?
  [ "$code" != 7 ] || break  # refused: nobody listens
  sleep 0.2
done
must "a stopped server leaves nothing that listens" sh -c "curl -s http://127.0.0.1:$port/healthz; test \$? = 7"
say "done"
