# Installs npm packages if Node 20 or later is available. Sourced; needs $ROOT.

# Installs the packages of folder $1 if its lock file changed. Without Node prints one line that ends with $2, and succeeds.
node_packages() {
  local folder=$1 consequence=$2 stamp version
  version=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  if [ "${version:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "Node 20 or later with npm is missing: $consequence" >&2
    return 0
  fi
  stamp=$(cksum <"$folder/package-lock.json")
  if [ "$(cat "$folder/node_modules/stamp" 2>/dev/null)" != "$stamp" ]; then
    echo "Installing the packages of ${folder#"$ROOT"/} (once)" >&2
    rm -rf "$folder/node_modules"
    (cd "$folder" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2) || {
      echo "The packages of ${folder#"$ROOT"/} cannot be installed. Is the package registry reachable?" >&2
      return 1
    }
    echo "$stamp" >"$folder/node_modules/stamp"
  fi
}
