"""The installed timer's command, against a server that gives recorded answers: does it really stop the notebook?"""

import json
import sys
import unittest
from datetime import datetime, timedelta, timezone

from instance import Instance
from jupyter import Jupyter
from test_auto_stop import answers

STOP = "aws sagemaker stop-notebook-instance --region us-east-1 --notebook-instance-name BasicNotebookInstance-foo"


def ago(**duration):
    return (datetime.now(timezone.utc) - timedelta(**duration)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Stopping(unittest.TestCase):
    def setUp(self):
        self.instance = Instance("sagemakerNotebook")
        self.addCleanup(self.instance.close)
        arn = "arn:aws:sagemaker:us-east-1:111122223333:notebook-instance/basicnotebookinstance-foo"
        metadata = {"ResourceArn": arn, "ResourceName": "BasicNotebookInstance-foo"}
        (self.instance.root / "opt/ml/metadata/resource-metadata.json").write_text(json.dumps(metadata))
        self.here = self.instance.install("auto_stop.py")
        self.instance.does("aws", "")

    def serve(self, said):
        self.jupyter = Jupyter(self.instance.folder.name, said)
        self.addCleanup(self.jupyter.close)
        script = self.here / "auto_stop.py"
        script.write_text(script.read_text().replace("localhost:8443", f"localhost:{self.jupyter.port}"))

    def look(self, minutes):
        return self.instance.run(sys.executable, self.here / "auto_stop.py", minutes)

    def idle_for(self, **duration):
        said = answers("idle_kernel")
        said["status"]["started"] = ago(days=1)
        said["kernels"][0]["last_activity"] = ago(**duration)
        return said

    def test_a_notebook_idle_for_n_minutes_is_stopped(self):
        self.serve(self.idle_for(minutes=10))
        output, status = self.look(10)
        self.assertEqual(self.instance.calls("aws"), [STOP])
        self.assertRegex(output, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ auto stop: idle for 10 of 10 minutes, stopping")
        self.assertEqual(status, 0)

    def test_a_notebook_idle_for_less_is_not_stopped(self):
        self.serve(self.idle_for(minutes=9, seconds=30))
        output, status = self.look(10)
        self.assertEqual(self.instance.calls("aws"), [])
        self.assertIn("idle for 9 of 10 minutes", output)
        self.assertEqual(status, 0)

    def test_a_busy_notebook_is_not_stopped(self):
        self.serve(answers("busy_kernel"))
        self.look(1)
        self.assertEqual(self.instance.calls("aws"), [])

    def test_with_0_minutes_nothing_is_ever_stopped(self):
        self.serve(self.idle_for(days=1))
        _, status = self.look(0)
        self.assertEqual((self.instance.calls(), self.jupyter.asked, status), ([], [], 0))

    def test_the_questions_do_not_count_as_activity(self):
        self.serve(self.idle_for(minutes=1))
        self.look(10)
        paths = ["status", "kernels", "terminals"]
        self.assertEqual(self.jupyter.asked, [f"/api/{path}?no_track_activity=1" for path in paths])

    def test_a_kernel_closed_between_two_looks_is_remembered(self):
        said = self.idle_for(minutes=2)
        self.serve(said)
        self.look(10)
        said["kernels"] = []
        output, _ = self.look(10)
        self.assertIn("idle for 2 of 10 minutes", output)
        self.assertEqual(self.instance.calls("aws"), [])

    def test_a_spoilt_memory_is_made_anew(self):
        memory = self.instance.root / "run/workbench-last-activity"
        memory.write_text("spoilt")
        self.serve(self.idle_for(minutes=2))
        _, status = self.look(10)
        self.assertEqual(status, 0)
        self.assertRegex(memory.read_text(), r"^\d{4}-.*\+00:00$")

    def test_a_server_without_terminals_can_be_idle(self):
        self.serve({**self.idle_for(minutes=10), "terminals": 404})
        self.look(10)
        self.assertEqual(self.instance.calls("aws"), [STOP])

    def test_unreadable_answers_stop_nothing_and_the_log_says_so(self):
        idle = self.idle_for(days=1)
        for path, answer in [("status", 404), ("kernels", 403), ("kernels", "<html>Log in"), ("terminals", 500)]:
            with self.subTest(path=path, answer=answer):
                self.serve({**idle, path: answer})
                output, status = self.look(1)
                self.assertEqual(self.instance.calls("aws"), [])
                self.assertIn(f"not stopping, because Jupyter can not be read: /api/{path}: ", output)
                self.assertEqual(status, 1)
                self.here = self.instance.install("auto_stop.py")

    def test_a_server_that_is_down_stops_nothing_and_the_log_says_so(self):
        self.serve({})
        self.jupyter.server.server_close()
        output, status = self.look(1)
        self.assertEqual(self.instance.calls("aws"), [])
        self.assertIn("not stopping, because Jupyter can not be read: /api/status", output)
        self.assertEqual(status, 1)

    def test_a_refused_stop_is_said_and_tried_again(self):
        self.serve(self.idle_for(minutes=10))
        self.instance.does("aws", "echo AccessDenied; exit 254")
        output, status = self.look(10)
        self.assertIn("AccessDenied", output)
        self.assertIn("auto stop: failed: CalledProcessError", output)
        self.assertEqual(status, 1)
        self.look(10)
        self.assertEqual(self.instance.calls("aws"), [STOP, STOP])

    def test_a_machine_that_does_not_know_its_name_says_so(self):
        (self.instance.root / "opt/ml/metadata/resource-metadata.json").write_text("{}")
        self.serve(self.idle_for(minutes=10))
        output, status = self.look(10)
        self.assertIn("auto stop: failed: KeyError", output)
        self.assertEqual((self.instance.calls("aws"), status), ([], 1))


if __name__ == "__main__":
    unittest.main()
