#!/usr/bin/env python3
"""Mounts the project's datasets below ~/studies. Usage: mount_datasets.py MOUNTS_FILE

The file holds a JSON list of strings, each of them a JSON object with the dataset's `name`, its `bucket` (an
access point's alias or ARN) and its `prefix` there. Each dataset is tried once and a mounted one is left alone,
so whoever calls this repeats it until it succeeds: access to a dataset is granted a little after the launch.

The role decides what may be read and written. A mounted file can not be changed in place; write a new one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

HOME = "/home/ec2-user"
STUDIES = HOME + "/studies"
# JupyterLab shows only what is below this folder.
SHOWN = HOME + "/SageMaker"

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]+|arn:[a-z-]+:s3:[a-z0-9-]+:[0-9]{12}:accesspoint/[a-z0-9-]+")


class Refused(Exception):
    """A mount that makes no sense."""


@dataclass(frozen=True)
class Mount:
    """A dataset, its access point and the place of its files there."""

    name: str
    bucket: str
    prefix: str


def read_mount(item: object) -> Mount:
    """Reads one item of the list."""
    try:
        fields = json.loads(item)
        name, bucket, prefix = fields["name"], fields["bucket"], fields["prefix"]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(f"{item!r} is no mount ({error!r})") from None
    if not all(isinstance(text, str) and text.isprintable() for text in (name, bucket, prefix)):
        raise Refused(f"{item!r} is no mount: name, bucket and prefix are printable texts")
    if name in ("", ".", "..") or "/" in name:
        raise Refused(f"{name!r} can not be the name of a folder")
    if not BUCKET.fullmatch(bucket):
        raise Refused(f"{name}: {bucket!r} is no bucket and no access point")
    prefix = prefix.strip("/")
    return Mount(name, bucket, prefix and prefix + "/")


def read_mounts(text: str) -> tuple[list[Mount], list[str]]:
    """Reads the whole list: the mounts, and what is wrong with the items that are none."""
    try:
        items = json.loads(text)
    except ValueError as error:
        return [], [f"the list of mounts is no JSON ({error})"]
    if not isinstance(items, list):
        return [], ["the list of mounts is no list"]
    mounts: dict[str, Mount] = {}
    faults = []
    for item in items:
        try:
            mount = read_mount(item)
            if mount.name in mounts:
                raise Refused(f"{mount.name}: two datasets have this name")
            mounts[mount.name] = mount
        except Refused as error:
            faults.append(str(error))
    return list(mounts.values()), faults


def command(mount: Mount, folder: str, uid: int, gid: int) -> list[str]:
    """What mounts a dataset for the user who runs Jupyter."""
    prefix = [f"--prefix={mount.prefix}"] if mount.prefix else []
    # Without --allow-other only root could see the files.
    return ["mount-s3", *prefix, "--allow-other", f"--uid={uid}", f"--gid={gid}", mount.bucket, folder]


def mount_dataset(mount: Mount) -> str | None:
    """Mounts a dataset unless it is mounted; the reason if that fails."""
    folder = os.path.join(STUDIES, mount.name)
    try:
        if os.path.ismount(folder):
            return None
        owner = os.stat(HOME)
        os.makedirs(folder, exist_ok=True)
        os.chown(STUDIES, owner.st_uid, owner.st_gid)
        subprocess.run(command(mount, folder, owner.st_uid, owner.st_gid), check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{mount.name}: {error}"
    print(f"datasets: {mount.name} is mounted", flush=True)
    return None


def show_in_jupyter() -> None:
    """Links the folder to where JupyterLab shows it, unless something of that name is there."""
    link = os.path.join(SHOWN, os.path.basename(STUDIES))
    if os.path.isdir(SHOWN) and not os.path.lexists(link):
        os.symlink(STUDIES, link)


def main(file: str) -> int:
    """Mounts all that can be mounted; 1 if one is missing."""
    with open(file, encoding="utf-8") as text:
        mounts, faults = read_mounts(text.read())
    for mount in mounts:
        fault = mount_dataset(mount)
        if fault:
            faults.append(fault)
    if mounts:
        show_in_jupyter()
    for fault in faults:
        print(f"datasets: {fault}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
