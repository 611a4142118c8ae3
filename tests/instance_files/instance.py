"""A make-believe notebook instance: a root folder, commands that only write down their calls, and a package's files.

Run as a program with the name of a package, prints the lifecycle script of its template.
"""

import base64
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

PACKAGES = Path(__file__).parents[2] / "templates" / "environments"
# The packages whose notebooks start by their bootstrap.sh.
TYPES = sorted(file.parts[-3] for file in PACKAGES.glob("*/files/bootstrap.sh"))
FILES_URL = "s3://workbench-artifacts/environment-files/aType/0123abcd"

# Writes down the call, then does what `$STUBS/<command>.does` says, if that is there.
STUB = """#!/bin/bash
echo "$(basename "$0") $*" >> "$STUBS/calls"
does=$STUBS/$(basename "$0").does
if [[ -e $does ]]; then source "$does"; fi
"""
COPY = 'name=${4##*/}; [[ $4 == "%s/$name" ]] && cp "$STUBS/bucket/$name" "$5"\n' % FILES_URL
COMMANDS = ["aws", "dnf", "mount-s3", "sleep", "systemctl"]


def load(path, name):
    """Imports a file of a package as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Instance:
    """The machine. Absolute paths in what runs on it are moved below its root."""

    def __init__(self, package):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name) / "root"
        self.stubs = Path(self.folder.name) / "stubs"
        self.log = self.root / "var/log/workbench.log"
        self.units = self.root / "etc/systemd/system"
        for made in ["etc/systemd/system", "home/ec2-user/SageMaker", "opt/ml/metadata", "run", "var/log"]:
            (self.root / made).mkdir(parents=True)
        bucket = self.stubs / "bucket"
        bucket.mkdir(parents=True)
        for file in (PACKAGES / package / "files").iterdir():
            (bucket / file.name).write_text(self.rooted(file.read_text()))
        for command in COMMANDS:
            stub = self.stubs / command
            stub.write_text(STUB)
            stub.chmod(0o755)
        # A python3 that a version manager provides would put its own folder, and a real aws in it, before the stubs.
        python = self.stubs / "python3"
        python.write_text(f'#!/bin/bash\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        self.does("aws", COPY)
        self.started = []

    def rooted(self, text):
        return re.sub(r"(?<![\w.~])/(etc/systemd|home|opt|run|var)/", rf"{self.root}/\1/", text)

    def does(self, command, script):
        (self.stubs / f"{command}.does").write_text(script)

    def without(self, command):
        (self.stubs / command).unlink()

    def install(self, *names):
        """Puts files of the package where bootstrap.sh puts them."""
        here = self.root / "opt/workbench"
        here.mkdir(exist_ok=True)
        for name in names:
            (here / name).write_text((self.stubs / "bucket" / name).read_text())
        return here

    def run(self, *command, timeout=60):
        """Runs a command to its end; its output and exit status."""
        environment = {"PATH": f"{self.stubs}:{os.environ['PATH']}", "STUBS": str(self.stubs)}
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self.started.append(process)
        # Waits for all that hold the output open, so work left in the background must have let go of it.
        output, _ = process.communicate(timeout=timeout)
        return output, process.returncode

    def calls(self, command=None):
        path = self.stubs / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if command in (None, line.split()[0])]

    def wait_for_log(self, text):
        """The log, once it has this text."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.log.exists() and text in self.log.read_text():
                return self.log.read_text()
            time.sleep(0.02)
        log = self.log.read_text() if self.log.exists() else "no log"
        raise AssertionError(f"{text!r} does not come up in: {log}")

    def close(self):
        for process in self.started:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.folder.cleanup()


class TemplateLoader(yaml.SafeLoader):
    """Reads short forms such as `!Sub` as `{"Fn::Sub": ...}`."""


def short_form(loader, tag, node):
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    kinds = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
        yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
    }
    return {name: kinds[type(node)](node)}


TemplateLoader.add_multi_constructor("!", short_form)


def template(package):
    return yaml.load((PACKAGES / package / f"{package}.cfn.yaml").read_text(), TemplateLoader)


def parameters(minutes="0", mounts=()):
    """Values for what the lifecycle script uses of the template's parameters."""
    return {
        "EnvironmentInstanceFiles": FILES_URL,
        "AutoStopIdleTimeInMinutes": minutes,
        "S3Mounts": json.dumps(mounts),
    }


def lifecycle_script(package, given):
    """The script that SageMaker runs at a start, as CloudFormation would write it."""
    config = template(package)["Resources"]["BasicNotebookInstanceLifecycleConfig"]
    sub = config["Properties"]["OnStart"][0]["Content"]["Fn::Base64"]["Fn::Sub"]
    text, variables = (sub, {}) if isinstance(sub, str) else sub
    values = dict(given)
    for name, value in variables.items():
        encoded = given[value["Fn::Base64"]["Ref"]].encode()
        values[name] = base64.b64encode(encoded).decode()
    return re.sub(r"\$\{([^}]*)\}", lambda found: values[found[1]], text)


if __name__ == "__main__":
    print(lifecycle_script(sys.argv[1], parameters()), end="")
