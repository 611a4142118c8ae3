#!/usr/bin/env python3
"""Stops this notebook once it was idle for some minutes. Usage: auto_stop.py MINUTES

A timer runs this every minute as root. Activity is code that runs in a kernel, and input to or output of a
terminal. A busy kernel keeps the notebook up however long it runs.

Two things are no activity. An open browser tab: JupyterLab asks the server for its lists all the time, which
is why the server's own `last_activity` is not used. And a job in a terminal that prints nothing: it is not seen.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

JUPYTER = "https://localhost:8443/api/"
METADATA = "/opt/ml/metadata/resource-metadata.json"
# The last activity that was seen. It outlives kernels and terminals, not the machine.
MEMORY = "/run/workbench-last-activity"


class Unreadable(Exception):
    """Jupyter's answers do not say whether the notebook is idle."""


@dataclass(frozen=True)
class Observation:
    """What Jupyter says at one moment."""

    busy: tuple[str, ...]
    active_at: datetime


@dataclass(frozen=True)
class Decision:
    """Whether to stop, why, and since when the notebook is idle."""

    stop: bool
    reason: str
    active_at: datetime


def parse_time(text: object) -> datetime:
    """Reads a time of Jupyter, with or without a fraction of a second, which always has a zone."""
    pattern = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)"
    found = re.fullmatch(pattern, text) if isinstance(text, str) else None
    try:
        # Whole seconds are enough.
        return datetime.fromisoformat(found[1] + found[2].replace("Z", "+00:00"))
    except (TypeError, ValueError):
        raise Unreadable(f"{text!r} is no time") from None


def observe(status: object, kernels: object, terminals: object) -> Observation:
    """Reads the answers of `/api/status`, `/api/kernels` and `/api/terminals`."""
    try:
        if not isinstance(kernels, list) or not isinstance(terminals, list):
            raise TypeError("no list")
        times = [status["started"]]
        times += [each["last_activity"] for each in [*kernels, *terminals]]
        # A kernel that no one connects to stays "starting" for ever, so only "busy" is work.
        busy = tuple(each["name"] for each in kernels if each["execution_state"] == "busy")
    except (KeyError, TypeError) as error:
        raise Unreadable(f"not the answers of a Jupyter server ({error!r})") from None
    return Observation(busy, max(parse_time(time) for time in times))


def decide(now: datetime, limit: timedelta, seen: Observation, remembered: datetime | None) -> Decision:
    """Decides from what Jupyter says and from the last activity seen before, if any."""
    if seen.busy:
        return Decision(False, f"busy: {', '.join(seen.busy)}", now)
    active_at = max(seen.active_at, remembered or seen.active_at)
    idle = now - active_at
    reason = f"idle for {idle // timedelta(minutes=1)} of {limit // timedelta(minutes=1)} minutes"
    return Decision(idle >= limit, reason, active_at)


def ask(path: str) -> object:
    """Gets one answer of the Jupyter server."""
    # The server on this machine has a certificate of its own making.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        # Without this word the question itself would count as activity.
        url = JUPYTER + path + "?no_track_activity=1"
        with urllib.request.urlopen(url, timeout=10, context=context) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if path == "terminals" and error.code == 404:
            # A server without terminals.
            return []
        raise Unreadable(f"/api/{path}: {error}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreadable(f"/api/{path}: {error}") from None


def recall() -> datetime | None:
    """The last activity that an earlier run saw."""
    try:
        with open(MEMORY, encoding="utf-8") as memory:
            return parse_time(memory.read())
    except (OSError, Unreadable):
        return None


def remember(active_at: datetime) -> None:
    """Keeps the last activity for the next run."""
    with open(MEMORY + ".new", "w", encoding="utf-8") as memory:
        memory.write(active_at.isoformat(timespec="seconds"))
    os.replace(MEMORY + ".new", MEMORY)


def stop() -> None:
    """Stops the notebook that this machine is."""
    with open(METADATA, encoding="utf-8") as file:
        metadata = json.load(file)
    region = metadata["ResourceArn"].split(":")[3]
    name = metadata["ResourceName"]
    command = ["aws", "sagemaker", "stop-notebook-instance", "--region", region]
    subprocess.run([*command, "--notebook-instance-name", name], check=True, timeout=60)


def say(text: str) -> None:
    """Writes a line of the log."""
    print(f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ} auto stop: {text}", flush=True)


def main(minutes: str) -> int:
    """Looks once and stops the notebook if it is time; 1 if it could not be told or not be done."""
    limit = timedelta(minutes=int(minutes))
    if not limit:
        say("off")
        return 0
    try:
        seen = observe(ask("status"), ask("kernels"), ask("terminals"))
    except Unreadable as error:
        say(f"not stopping, because Jupyter can not be read: {error}")
        return 1
    decision = decide(datetime.now(timezone.utc), limit, seen, recall())
    say(decision.reason + (", stopping the notebook" if decision.stop else ""))
    try:
        remember(decision.active_at)
        if decision.stop:
            stop()
    except (OSError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as error:
        say(f"failed: {error!r}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
