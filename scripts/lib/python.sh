# Finds Python 3.11 or later, and makes virtual environments of the Python projects. Sourced; needs $ROOT.

# Prints the path of a Python that is new enough, or prints what to install and fails.
find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  echo "Python 3.11 or later with venv is needed: install python3 and python3-venv" >&2
  return 1
}

# Prints the exporter's Python. $1: the extras to install, such as "dev" or "hub".
exporter_python() {
  project_python "$ROOT/onnx-export" "$1"
}

# Makes a virtual environment of project $1 with extras $2, unless its requirements are unchanged, and prints its Python.
# Each set of extras has its own environment, which holds the project's path and a link to the system's Python: it is made again
# when either is gone.
project_python() {
  local project=$1 extras=$2 venv stamp python
  venv=$project/.venv/$extras
  stamp="$(cksum <"$project/pyproject.toml") $project"
  if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ] || [ ! -x "$venv/bin/python" ]; then
    python=$(find_python) || return 1
    echo "Preparing the Python environment of ${project#"$ROOT"/} (once)" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv" >&2 &&
      "$venv/bin/pip" install --quiet --disable-pip-version-check --editable "${project}[$extras]" >&2 || {
      echo "The Python packages of ${project#"$ROOT"/} cannot be installed. Is the package index reachable?" >&2
      return 1
    }
    echo "$stamp" >"$venv/stamp"
  fi
  echo "$venv/bin/python"
}
