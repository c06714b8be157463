# Builds and runs the commands of src/bulk. Sourced; needs $ROOT and lib/java.sh.

# bulk COMMAND [options]: replaces this process. DAM_HEAP bounds Java's heap, beside which a model has memory of its own.
bulk() {
  local classpath
  classpath=${DAM_BULK_CLASSPATH:-$(bulk_classpath)} || return 1
  # Not -cp: ONNX Runtime's telemetry crashes on a long command line.
  export CLASSPATH=$classpath
  # DAM_ONNXRUNTIME: a folder with another build of ONNX Runtime's libraries.
  exec "$JAVA_HOME/bin/java" ${DAM_ONNXRUNTIME:+-Donnxruntime.native.path="$DAM_ONNXRUNTIME"} \
    --enable-native-access=ALL-UNNAMED -XX:+ExitOnOutOfMemoryError -Xmx"${DAM_HEAP:-1g}" \
    -Djdk.virtualThreadScheduler.parallelism=32 -Djdk.httpclient.keepalive.timeout=5 \
    io.github.describeanything.bulk.Bulk "$@"
}

# Builds them if a source is newer, and prints their class path. DAM_BULK_CLASSPATH names one that is built already.
bulk_classpath() {
  local target=$ROOT/src/bulk/target
  if [ ! -e "$target/built" ] || [ -n "$(find "$ROOT/pom.xml" "$ROOT"/{focal,model,server}/{pom.xml,src} "$ROOT"/src/bulk/{pom.xml,java} \
    -type f -newer "$target/built" -print -quit)" ]; then
    use_maven || return 1
    echo "Building the bulk commands (the first time takes a few minutes)" >&2
    (cd "$ROOT" && mvn --quiet --batch-mode -pl src/bulk --also-make -Dmaven.test.skip=true -Dspotless.check.skip \
      -Dmaven.shade.skip=true package) >&2 || return 1
    touch "$target/built"
  fi
  echo "$target/classes:$target/lib/*"
}
