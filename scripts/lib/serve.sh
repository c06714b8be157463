# The jar for scripts/serve, and a model for it. Sourced; needs $ROOT and lib/java.sh.

# Builds the server's jar if it is missing or a source is newer, and prints its path.
server_jar() {
  local jar
  jar=$(newest_jar)
  if [ -z "$jar" ] || [ -n "$(find "$ROOT/pom.xml" "$ROOT"/*/pom.xml "$ROOT"/{focal,model,server}/src \
    -type f -newer "$jar" -print -quit)" ]; then
    use_maven || return 1
    echo "Building the server (the first time takes a few minutes)" >&2
    (cd "$ROOT" && mvn --quiet --batch-mode -Dmaven.test.skip=true -Dspotless.check.skip package) >&2 || return 1
    jar=$(newest_jar)
  fi
  echo "$jar"
}

newest_jar() {
  ls -t "$ROOT"/server/target/server-*-all.jar 2>/dev/null | head -n 1
}

# Succeeds if jar $1 has no built-in model and the arguments after it name none.
needs_sample_model() {
  local jar=$1
  shift
  [ -z "${DAM_MODEL:-}" ] || return 1
  for argument; do
    case $argument in --model | --model=* | --help | -h | --version | -V) return 1 ;; esac
  done
  ! "$JAVA_HOME/bin/jar" tf "$jar" | grep -q '^bundle/manifest.json$'
}
