#!/bin/sh
# Install this release without a network.
#
#   ./install.sh [FOLDER]          /opt/lianzhen unless another is named
#
# Each release has a folder of its own below it; `current` names the one that runs. So an update
# touches nothing of the release before, and going back is one link. Needs Python 3.11 with venv;
# set PYTHON=… where it has another name.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-/opt/lianzhen}
python=${PYTHON:-python3.11}

stop() { echo "install.sh: $*" >&2; exit 1; }

(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS) ||
  stop "the bundle is not as it was made; copy it again"
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
  stop "Python 3.11 with venv is needed (Debian: python3.11 python3.11-venv); PYTHON=… names it"
case $(uname -m) in
  x86_64 | aarch64) ;;
  *) stop "there are wheels for x86_64 and aarch64 only, and this is $(uname -m)" ;;
esac

version=$(sed -n 's/^lianzhen==\([^ ]*\) .*/\1/p' "$here/own.lock")
release="$folder/$version"
[ ! -e "$release" ] || stop "$release is there already"
mkdir -p "$folder"
trap 'rm -rf "$release"' EXIT
"$python" -m venv "$release"
# no index is asked, and every file must have the hash that the locks name
PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 "$release/bin/python" -m pip --isolated install --quiet \
  --no-cache-dir --no-index --find-links "$here/wheels" --only-binary :all: --require-hashes --no-deps \
  -r "$here/requirements.lock" -r "$here/own.lock"
"$release/bin/lianzhen" --help >/dev/null
trap - EXIT
ln -s "$version" "$folder/.current"
mv -T "$folder/.current" "$folder/current"

missing=
if command -v dpkg-query >/dev/null; then
  while read -r name; do
    dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing="$missing $name"
  done < "$here/debian-packages.txt"
fi
echo "Lianzhen $version is installed in $release."
[ -z "$missing" ] || echo "Missing, from the Debian disc or mirror of the hospital:$missing"
echo "Next: $folder/current/bin/lianzhen serve --data-dir /srv/lianzhen, or the unit lianzhen.service; docs/deploy.md."
