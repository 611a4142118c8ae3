"""Starts `workbench up` and drives it as a user would: the API by HTTP, the local AWS by boto3.

Usage: python tests/boto3_drives_the_local_aws.py PATH_OF_WORKBENCH
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# A simulated minute takes a tenth of a second.
SPEED = "600"
# Real seconds that anything may take here.
PATIENCE = 60


def wait_for(what, ask, wanted):
    """Asks until the answer is the wanted one."""
    deadline = time.monotonic() + PATIENCE
    while (answer := ask()) != wanted:
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} stays {answer!r}; it should be {wanted!r}")
        time.sleep(0.1)


class Api:
    """The API as one person sees it."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def __call__(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": self.token, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None


class Aws:
    """Clients of the local AWS as one account's root, or as whoever the keys belong to."""

    def __init__(self, endpoint, region, keys):
        self.endpoint, self.region = endpoint, region
        self.session = boto3.Session(region_name=region, **keys)

    def client(self, service):
        config = Config(retries={"max_attempts": 1})
        return self.session.client(service, endpoint_url=self.endpoint, config=config)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{call} should have been refused with {code}")


def drive(ready):
    aws = ready["aws"]

    def account(name):
        keys = aws[name]
        return Aws(
            aws["endpointUrl"],
            aws["region"],
            {"aws_access_key_id": keys["accessKeyId"], "aws_secret_access_key": keys["secretAccessKey"]},
        )

    main, hosting = account("mainAccount"), account("hostingAccount")
    researcher = Api(ready["apiUrl"], ready["tokens"]["researcher"])

    assert hosting.client("sts").get_caller_identity()["Account"] == ready["hostingAccountId"]
    # Not even the main account's root gets in without the external id.
    role = f"arn:aws:iam::{ready['hostingAccountId']}:role/workbench-local-env-mgmt"
    refused("AccessDenied", main.client("sts").assume_role, RoleArn=role, RoleSessionName="stranger")

    offered = next(one for one in ready["envTypes"] if one["type"] == "sagemakerExample")
    environment = researcher(
        "POST",
        "/environments",
        {
            "description": "test-sagemakerExample AWS",
            "name": "test",
            "envTypeId": offered["envTypeId"],
            "envTypeConfigId": offered["envTypeConfigId"],
            "projectId": ready["projectId"],
            "datasetIds": [],
            "envType": "sagemakerExample",
        },
    )
    path = f"/environments/{environment['id']}"

    def status():
        return researcher("GET", path)["status"]

    assert environment["status"] == "PENDING", environment
    wait_for("the launch", status, "COMPLETED")

    instance = researcher("GET", path)["instanceId"]
    sagemaker = hosting.client("sagemaker")
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=instance)
    assert notebook["NotebookInstanceStatus"] == "InService", notebook
    products = hosting.client("servicecatalog").search_provisioned_products()["ProvisionedProducts"]
    assert [product["Status"] for product in products] == ["AVAILABLE"], products
    executions = hosting.client("ssm").describe_automation_executions()["AutomationExecutionMetadataList"]
    assert [one["AutomationExecutionStatus"] for one in executions] == ["Success"], executions
    table = main.client("dynamodb").list_tables()["TableNames"]
    assert len(table) == 1, table
    refused("ValidationException", sagemaker.delete_notebook_instance, NotebookInstanceName=instance)

    # Somebody stops it in the console: the API knows.
    sagemaker.stop_notebook_instance(NotebookInstanceName=instance)
    wait_for("the stop by boto3", status, "STOPPED")
    researcher("PUT", f"{path}/start")
    wait_for("the start", status, "COMPLETED")
    researcher("PUT", f"{path}/terminate")
    wait_for("the end", status, "TERMINATED")
    assert hosting.client("servicecatalog").search_provisioned_products()["ProvisionedProducts"] == []


def main(workbench):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "ready.json"
        command = [workbench, "up", "--port", "0", "--speed", SPEED, "--ready-file", str(file)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for("the ready file", file.exists, True)
            drive(json.loads(file.read_text()))
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)
    print("boto3 and the API agree: 1 passed, 0 failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
