# Builds src/benchmark. Sourced; needs $ROOT and lib/java.sh.

# Builds the benchmarks if a source is newer, and prints their class path.
benchmark_classpath() {
  local target=$ROOT/src/benchmark/target
  if [ ! -e "$target/built" ] || [ -n "$(find "$ROOT/pom.xml" "$ROOT"/{focal,model}/{pom.xml,src} "$ROOT"/src/benchmark/{pom.xml,java} \
    -type f -newer "$target/built" -print -quit)" ]; then
    use_maven || return 1
    (cd "$ROOT" && mvn --quiet --batch-mode -Pbenchmark -pl src/benchmark --also-make -Dmaven.test.skip=true \
      -Dspotless.check.skip package) >&2 || return 1
    touch "$target/built"
  fi
  echo "$target/classes:$target/lib/*"
}
