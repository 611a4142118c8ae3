#!/usr/bin/env bash
# Installs the timer that stops this notebook when it is idle; with 0 minutes, removes it.
# Usage: install_auto_stop.sh MINUTES, from the folder that holds auto_stop.py.
set -euo pipefail

if [[ ! ${1:-} =~ ^[0-9]+$ ]]; then
  echo "auto stop: '${1:-}' is no number of minutes"
  exit 1
fi
minutes=$((10#$1))
here=$(cd "$(dirname "$0")" && pwd)
units=/etc/systemd/system
name=workbench-auto-stop

if ((minutes == 0)); then
  if [[ -e $units/$name.timer ]]; then
    systemctl disable --now "$name.timer"
    rm -f "$units/$name.timer" "$units/$name.service"
    systemctl daemon-reload
  fi
  echo "auto stop: off"
  exit 0
fi

cat > "$units/$name.service" << END
[Unit]
Description=Stop this notebook if it is idle

[Service]
Type=oneshot
# So that HOME is set, where the AWS CLI looks for its settings.
User=root
ExecStart=/usr/bin/env python3 $here/auto_stop.py $minutes
TimeoutStartSec=3min
StandardOutput=append:/var/log/workbench.log
StandardError=append:/var/log/workbench.log
END

cat > "$units/$name.timer" << END
[Unit]
Description=Look every minute whether this notebook is idle

[Timer]
OnCalendar=minutely
AccuracySec=5s

[Install]
WantedBy=timers.target
END

systemctl daemon-reload
systemctl enable --now "$name.timer"
echo "auto stop: after $minutes idle minutes"
