#!/usr/bin/env bash
# Gives a notebook what it needs: stopping itself when idle.
# Usage: bootstrap.sh S3_URL_OF_THESE_FILES IDLE_MINUTES
# The lifecycle configuration runs it as root until it succeeds, so every part can be repeated.
set -euo pipefail

files=$1
idle_minutes=$2
here=$(cd "$(dirname "$0")" && pwd)

for file in auto_stop.py install_auto_stop.sh; do
  timeout 60 aws s3 cp --only-show-errors "$files/$file" "$here/$file"
done
bash "$here/install_auto_stop.sh" "$idle_minutes"
