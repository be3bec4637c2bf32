#!/bin/sh
# Make what compose.yaml reads from deploy/secrets/: passwords, settings, and a certificate for a trial, for the
# name and for turn.NAME, which leads to the same address.
#
#   deploy/prepare.sh lianzhen.hospital.local
#
# Never writes over what is there. Replace server.pem and server.key by the hospital's own.
set -eu
umask 077
name=${1:?name of the server, as browsers will type it}
folder=${LIANZHEN_SECRETS:-$(dirname "$0")/secrets}
[ ! -e "$folder" ] || { echo "$folder is there already: nothing was changed" >&2; exit 1; }
draft="$folder.unfinished"
rm -rf "$draft"
mkdir -p "$draft"
word() { openssl rand -hex 24; }
turn=$(word) postgres=$(word) access=$(openssl rand -hex 10) secret=$(word)

printf %s "$postgres" > "$draft/postgres_password"
cat > "$draft/lianzhen.toml" <<END
database_url = "postgresql://lianzhen:$postgres@postgres/lianzhen"
redis_url = "redis://redis"
workers = 2
blob_url = "s3://lianzhen/images"
blob_endpoint = "http://store:8333"
blob_access_key = "$access"
blob_secret_key = "$secret"
trusted_proxy = "172.31.251.2"
media = true
media_address = "172.31.251.10"
turn_urls = "turn:$name:3478?transport=udp,turn:$name:3478?transport=tcp,turns:turn.$name:443?transport=tcp"
turn_secret_file = "/run/secrets/turn_secret"
END
printf %s "$turn" > "$draft/turn_secret"
sed "s/^static-auth-secret=SECRET\$/static-auth-secret=$turn/" "$(dirname "$0")/turnserver.conf" > "$draft/turnserver.conf"
cat > "$draft/s3.json" <<END
{"identities": [{"name": "lianzhen", "credentials": [{"accessKey": "$access", "secretKey": "$secret"}],
 "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
END
cat > "$draft/s3.env" <<END
export AWS_ACCESS_KEY_ID=$access AWS_SECRET_ACCESS_KEY=$secret AWS_DEFAULT_REGION=us-east-1
END
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$name" \
  -addext "subjectAltName=DNS:$name,DNS:turn.$name" -keyout "$draft/server.key" -out "$draft/server.pem" 2>/dev/null
# they are mounted as they are, for users that only the containers know; the folder keeps others out
chmod 0644 "$draft"/*
mv "$draft" "$folder"
echo "Made $folder (only you may enter it). The certificate is for a trial of 30 days."
