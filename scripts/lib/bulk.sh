# Builds and runs the commands of src/bulk. Sourced; needs $ROOT and lib/java.sh.

# bulk COMMAND [options]: replaces this process. DAM_HEAP bounds Java's heap, beside which a model has memory of its own.
bulk() {
  local classpath
  classpath=${DAM_BULK_CLASSPATH:-$(bulk_classpath)} || return 1
  # Not -cp: ONNX Runtime's telemetry crashes on a long command line.
  export CLASSPATH=$classpath
  # Where the locale is none of UTF-8, as in cron jobs and containers, Java opens no file whose name has other letters than ASCII.
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
    *) export LC_ALL=C.UTF-8 ;;
  esac
  # DAM_ONNXRUNTIME: a folder with another build of ONNX Runtime's libraries.
  exec "$JAVA_HOME/bin/java" ${DAM_ONNXRUNTIME:+-Donnxruntime.native.path="$DAM_ONNXRUNTIME"} \
    "@$ROOT/src/bulk/java.options" -Xmx"${DAM_HEAP:-1g}" io.github.describeanything.bulk.Bulk "$@"
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

# spark_describe [spark-submit's options] -- [the job's options]: replaces this process. SPARK_HOME names a Spark of yours;
# without it the jars that Maven fetched run the job, on this machine unless --master says otherwise.
spark_describe() {
  local jars submit=(--master 'local[1]')
  jars=$(spark_classpath) || return 1
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    submit+=("$1")
    shift
  done
  [ $# = 0 ] || shift
  submit+=(--conf spark.speculation=false --conf "spark.executor.extraJavaOptions=--enable-native-access=ALL-UNNAMED"
    --class io.github.describeanything.spark.SparkDescribe "$(newest_spark_jar)")
  if [ -x "${SPARK_HOME:-}/bin/spark-submit" ]; then
    exec "$SPARK_HOME/bin/spark-submit" "${submit[@]}" "$@"
  fi
  # Executors find Spark there, and its launcher wants to see a release.
  export SPARK_HOME=$ROOT/src/bulk/spark/target/spark SPARK_SCALA_VERSION=2.13 CLASSPATH=$jars
  touch "$SPARK_HOME/RELEASE"
  exec "$JAVA_HOME/bin/java" "@$ROOT/src/bulk/spark/java.options" org.apache.spark.deploy.SparkSubmit "${submit[@]}" "$@"
}

# Builds the Spark job if a source is newer, and prints the class path of Spark itself.
spark_classpath() {
  local target=$ROOT/src/bulk/spark/target
  if [ -z "$(newest_spark_jar)" ] || [ -n "$(find "$ROOT/pom.xml" "$ROOT"/{focal,model,server}/{pom.xml,src} "$ROOT"/src/bulk \
    -type f -not -path '*/target/*' -newer "$(newest_spark_jar)" -print -quit)" ]; then
    use_maven || return 1
    echo "Building the Spark job (the first time fetches Spark, 280 MB)" >&2
    (cd "$ROOT" && mvn --quiet --batch-mode -P spark -pl src/bulk/spark --also-make -DskipTests -Dspotless.check.skip \
      package) >&2 || return 1
  fi
  echo "$target/spark/jars/*"
}

newest_spark_jar() {
  ls -t "$ROOT"/src/bulk/spark/target/bulk-spark-*-all.jar 2>/dev/null | head -n 1
}
