#!/usr/bin/env bash
# Gives a notebook what it needs: stopping itself when idle, and its datasets.
# Usage: bootstrap.sh S3_URL_OF_THESE_FILES IDLE_MINUTES
# The lifecycle configuration runs it as root until it succeeds, so every part can be repeated, and a part that
# fails does not keep the others from being done.
set -uo pipefail

files=$1
idle_minutes=$2
here=$(cd "$(dirname "$0")" && pwd)
status=0

fetch() {
  timeout 60 aws s3 cp --only-show-errors "$files/$1" "$here/$1"
}

install_mountpoint() {
  command -v mount-s3 > /dev/null && return
  # Amazon Linux has the package since 2023.9; an older machine finds it in the latest release.
  timeout 300 dnf install -y --quiet mount-s3 ||
    timeout 300 dnf install -y --quiet --releasever=latest mount-s3
}

if ! { fetch auto_stop.py && fetch install_auto_stop.sh && bash "$here/install_auto_stop.sh" "$idle_minutes"; }; then
  echo "auto stop: could not be installed"
  status=1
fi

if [[ $(tr -d '[:space:]' < "$here/mounts.json") == '[]' ]]; then
  echo "datasets: none to mount"
elif ! { fetch mount_datasets.py && install_mountpoint && python3 "$here/mount_datasets.py" "$here/mounts.json"; }; then
  echo "datasets: not all are mounted"
  status=1
fi
exit "$status"
