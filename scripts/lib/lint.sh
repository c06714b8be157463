# Checks format and runs linters for all languages; changes no file. Sourced; needs $ROOT and the other files here.

# Installs what lint_scripts needs. Without Node it prints one line and skips the page's linter.
lint_environments() {
  project_python "$ROOT/src/measure" dev >/dev/null
  node_packages "$ROOT/scripts/lint" "the page's JavaScript is not linted"
}

# Lints Python, shell and JavaScript. Runs every linter, and fails if any of them fails.
lint_scripts() {
  local tools exporter mini evaluate clients status=0
  tools=$(dirname "$(project_python "$ROOT/src/measure" dev)") || return 1
  exporter=$(exporter_python dev) || return 1
  mini=$(project_python "$ROOT/onnx-export/mini" test) || return 1
  evaluate=$(project_python "$ROOT/src/evaluate" dev) || return 1
  clients=$(project_python "$ROOT/src/test/clients/python" test) || return 1
  cd "$ROOT" || return 1
  echo "Linting Python, shell and JavaScript" >&2
  "$tools/ruff" check --quiet . || status=1
  "$tools/ruff" format --quiet --check . || status=1
  # types NAME PYTHON FILES: PYTHON has the packages that FILES import.
  types() {
    "$tools/mypy" --config-file mypy.ini --cache-dir "target/mypy/$1" --python-executable "${@:2}" || status=1
  }
  types measure "$tools/python" src/measure/measure src/test/scripts src/test/jar
  types exporter "$exporter" onnx-export/onnx_export src/test/onnx-export scripts/lib/full_size_checkpoint.py
  types mini "$mini" onnx-export/mini/{dam,sam}_mini onnx-export/mini/tests onnx-export/mini/*.py docs/regions/draw.py \
    src/test/focal/resources/*.py
  types evaluate "$evaluate" src/evaluate/evaluate src/test/evaluate
  types clients "$clients" src/test/clients/python/*.py
  shell_scripts | xargs -0 "$tools/shellcheck" --external-sources --severity=warning || status=1
  "$tools/shellcheck" --shell=bash --severity=warning scripts/lib/*.sh || status=1
  if [ -x scripts/lint/node_modules/.bin/biome ]; then
    scripts/lint/node_modules/.bin/biome check --config-path=scripts/lint --error-on-warnings \
      server/src/main/resources/page src/test/page src/test/clients >&2 || status=1
  fi
  return $status
}

# Prints the executable shell scripts, each followed by a zero byte.
shell_scripts() {
  find .ci scripts docker -type f -not -path '*/node_modules/*' -exec grep -lZE -m 1 '^#!/(usr/bin/env bash|bin/(ba)?sh)$' {} +
}

# Checks Java: format, compilation with Error Prone, javadoc. Options go to Maven.
lint_java() {
  echo "Checking format, compilation and javadoc of Java" >&2
  (cd "$ROOT" && mvn --batch-mode --no-transfer-progress -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    spotless:check test-compile javadoc:javadoc-no-fork "$@")
}
