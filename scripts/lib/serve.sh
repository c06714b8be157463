# What scripts/serve needs: the jar, a model for it, and how to ask it. Sourced; needs $ROOT and lib/java.sh.

# Builds the server's jar if it is missing or a source is newer, and prints its path.
server_jar() {
  local jar
  jar=$(newest_jar)
  if [ -z "$jar" ] || [ -n "$(find "$ROOT/pom.xml" "$ROOT"/*/pom.xml "$ROOT"/{focal,model,server}/src \
    -type f -newer "$jar" -print -quit)" ]; then
    use_maven || return 1
    echo "Building the server (the first time takes a few minutes)" >&2
    (cd "$ROOT" && mvn --quiet --batch-mode -DskipTests -Dspotless.check.skip package) >&2 || return 1
    jar=$(newest_jar)
  fi
  echo "$jar"
}

newest_jar() {
  ls -t "$ROOT"/server/target/server-*-all.jar 2>/dev/null | head -n 1
}

# Prints the value of option $1 in the arguments after it, or of environment variable $2, or $3.
setting() {
  local option=$1 value=${!2:-$3} previous=
  shift 3
  for argument; do
    case $argument in "$option"=*) value=${argument#*=} ;; esac
    [ "$previous" = "$option" ] && value=$argument
    previous=$argument
  done
  echo "$value"
}

# Waits in the background until the server is ready, then prints a request to paste.
say_how_when_ready() {
  local port host key sample=docs/sample.png
  port=$(setting --port DAM_PORT 8000 "$@")
  host=$(setting --host DAM_HOST 127.0.0.1 "$@")
  [ "$host" = 0.0.0.0 ] && host=127.0.0.1
  for _ in $(seq 600); do
    sleep 0.2
    kill -0 $$ 2>/dev/null || return 0
    if ready "$host" "$port"; then
      key=
      [ -n "${DAM_API_KEYS:-}" ] && key=" -H 'Authorization: Bearer YOUR-KEY'"
      cat <<END

Open http://$host:$port/ or ask for a description of the marked thing in a sample picture:

  (printf '{"model":"describe_anything_model","stream":true,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,'; base64 < '$ROOT/$sample' | tr -d '\n'; printf '"}},{"type":"text","text":"Describe the masked region in detail."}]}]}') |
    curl -sN http://$host:$port/v1/chat/completions$key -H 'Content-Type: application/json' --data-binary @-

END
      return 0
    fi
  done
}

# Whether the server at host $1, port $2 is ready; needs no curl.
ready() {
  local status=
  { exec 3<>"/dev/tcp/$1/$2"; } 2>/dev/null || return 1
  printf 'GET /ready HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" >&3
  read -r -t 2 _ status _ <&3 || true
  exec 3<&- 3>&-
  [ "$status" = 200 ]
}
