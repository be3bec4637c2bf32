#!/bin/sh
# Install a bundle with the network cut, serve from it, and ask for the first page.
#
#   deploy/try_bundle.sh BUNDLE.tar.gz [PYTHON]
#
# Runs itself in a network of its own that has nothing but loopback (as root, or where users may
# have name spaces of their own), so whatever asks for an index or calls out cannot succeed.
set -eu
bundle=$(realpath "$1")
python=${2:-python3.11}
if [ "${IN_AN_EMPTY_NETWORK:-}" != yes ]; then
  cut="unshare --net"
  [ "$(id -u)" = 0 ] || cut="unshare --map-root-user --net"
  IN_AN_EMPTY_NETWORK=yes exec $cut "$0" "$bundle" "$python"
fi
ip link set lo up
work=$(mktemp -d "${TMPDIR:-/tmp}/lianzhen-bundle.XXXXXX")
server=
finish() {
  [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null || true; wait "$server" || true; }
  rm -rf "$work"
}
trap finish EXIT
[ "$(ip -o link | wc -l)" = 1 ] || { echo "there is another network than loopback" >&2; exit 1; }

tar -xzf "$bundle" -C "$work"
began=$(date +%s)
PYTHON=$python "$work"/lianzhen-*/install.sh "$work/opt"
echo "installed in $(($(date +%s) - began)) s, $(du -sm "$work/opt" | cut -f1) MB"
cd "$work" # nothing of a working tree is at hand
env -i PATH=/usr/bin:/bin "$work/opt/current/bin/lianzhen" serve --data-dir "$work/data" --port 8080 2>"$work/log" &
server=$!
"$work/opt/current/bin/python" - <<'END' || { cat "$work/log"; exit 1; }
import json, time, urllib.error, urllib.request

for _ in range(300):
    try:
        with urllib.request.urlopen("http://127.0.0.1:8080/readyz", timeout=2) as answer:
            ready = json.load(answer)
            break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.2)
else:
    raise SystemExit("it does not take work")
with urllib.request.urlopen("http://127.0.0.1:8080/", timeout=5) as answer:
    page = answer.read().decode()
assert "<title>" in page and 'lang="zh' in page, page
script = next(part.split('"')[0] for part in page.split('"/static/')[1:] if ".js" in part.split('"')[0])
with urllib.request.urlopen(f"http://127.0.0.1:8080/static/{script}", timeout=5) as answer:
    assert answer.status == 200
print("first page, its script and readyz answer:", json.dumps(ready))
END
echo "ok"
