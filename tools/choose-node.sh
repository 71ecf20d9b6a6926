# shellcheck shell=sh disable=SC2154 # $root is the sourcing script's
# Sourced by bin/glovebox and tools/with-node, with $root set to the package's folder. Where that folder cannot be
# written (an installation by root, used by somebody else), what is found or fetched is kept in the user's cache.

refuse() {
  printf 'glovebox: %s\n' "$1" >&2
  exit 1
}

# Sets $kept, the folder that remembers the Node in use.
choose_kept_folder() {
  if [ -w "$root" ]; then
    kept=$root/build
    return
  fi
  case ${XDG_CACHE_HOME:-} in
    /*) kept=$XDG_CACHE_HOME/glovebox ;;
    # A relative path is to be ignored (XDG Base Directory Specification).
    *)
      [ -n "${HOME:-}" ] ||
        refuse "Cannot choose a Node: neither HOME nor XDG_CACHE_HOME is set, and $root cannot be written. Set HOME."
      kept=$HOME/.cache/glovebox
      ;;
  esac
}

# Leaves no folder in PATH that depends on the working folder: in somebody else's, that one's `node` would be run.
trust_absolute_folders() {
  trusted=
  set -f
  before=$IFS
  IFS=:
  for folder in $PATH; do
    case $folder in /*) trusted=$trusted:$folder ;; esac
  done
  IFS=$before
  set +f
  PATH=${trusted:-:/usr/bin:/bin}
  PATH=${PATH#:}
}

# Sets $node, the path of a Node of version 24 or later; installs one where the system has none.
choose_node() {
  trust_absolute_folders
  node=$root/build/node
  [ -x "$node" ] && return
  choose_kept_folder
  node=$kept/node
  [ -x "$node" ] && return
  lock_kept_folder
  if [ ! -x "$node" ]; then
    # The path that Node itself tells, as `node` may be a version manager's shim.
    chosen=$(node -p 'parseInt(process.versions.node) >= 24 ? process.execPath : ""' 2>/dev/null) || chosen=
    [ -n "$chosen" ] || install_node
    remember_node
  fi
  exec 9>&-
}

# Two first uses at once wait for each other here; the lock ends with descriptor 9.
lock_kept_folder() {
  # Asked first, as a shell ends at once where `exec` cannot open a file.
  # A cache is its user's alone: who could write there would choose the Node that all is run with.
  ([ "$kept" = "$root/build" ] || umask 077 && mkdir -p "$kept") && [ -w "$kept" ] ||
    refuse "Cannot set up Glovebox: $kept cannot be written. Make it writable, or set XDG_CACHE_HOME to a folder that is."
  exec 9>"$kept/lock"
  if command -v flock >/dev/null; then flock 9; fi
}

# Sets $chosen. The lock file tools/node24/package-lock.json pins the version and its checksum.
install_node() {
  case $(uname -m) in
    x86_64) platform=x64 ;;
    aarch64) platform=arm64 ;;
    *) refuse "Cannot install Node 24: there is no package for $(uname -m). Install Node 24 or later yourself." ;;
  esac
  command -v npm >/dev/null ||
    refuse 'Cannot install Node 24: npm is not in PATH. Install it with: sudo apt-get install nodejs npm'
  chosen=$(cd "$kept" && pwd)/node24/node_modules/node-linux-$platform/bin/node
  [ -x "$chosen" ] && return
  echo "glovebox: installing Node 24 into $kept/node24, as this system has no Node of version 24 or later" >&2
  rm -rf "$kept/node24" "$kept/node24.unfinished"
  mkdir "$kept/node24.unfinished" &&
    cp "$root/tools/node24/package.json" "$root/tools/node24/package-lock.json" "$kept/node24.unfinished" &&
    (cd "$kept/node24.unfinished" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2 9>&-) &&
    mv "$kept/node24.unfinished" "$kept/node24" && [ -x "$chosen" ] ||
    refuse 'Cannot install Node 24: npm failed (see above). Repair the connection and try again, or install Node 24 or later yourself.'
}

remember_node() {
  ln -sfn "$chosen" "$kept/node.unfinished" && mv -f "$kept/node.unfinished" "$node" ||
    refuse "Cannot remember the chosen Node: $node cannot be written. Make $kept writable."
}

has_packages() {
  # npm writes this file last, so a killed installation does not count.
  [ -e "$root/node_modules/.package-lock.json" ]
}

# Installs the clone's packages, at the versions and checksums of package-lock.json.
install_packages() {
  has_packages && return
  command -v npm >/dev/null ||
    refuse 'Cannot build Glovebox: npm is not in PATH. Install it with: sudo apt-get install npm'
  echo 'glovebox: installing the packages of package-lock.json' >&2
  (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2 9>&-) ||
    refuse 'Cannot build Glovebox: npm ci failed (see above). Repair the connection and try again.'
}

# Builds dist/ in a clone that has none yet.
build_if_missing() {
  [ -e "$root/dist/cli.cjs" ] && return
  [ -d "$root/src" ] ||
    refuse "Cannot start Glovebox: $root/dist/cli.cjs is missing. Install the package again."
  [ -w "$root" ] ||
    refuse "Cannot build Glovebox: $root cannot be written. Let its owner run there: npm run build"
  kept=$root/build
  lock_kept_folder
  install_packages
  if [ ! -e "$root/dist/cli.cjs" ]; then
    echo 'glovebox: building dist/' >&2
    "$node" "$root/tools/build.ts" >&2 9>&- ||
      refuse 'Cannot build Glovebox: tools/build.ts failed (see above). Repair the sources, then: npm run build'
  fi
  exec 9>&-
}
