"""A notebook's start: the lifecycle script of each template and the files that it fetches."""

import ast
import base64
import json
import re
import time
import unittest

from instance import COPY, FILES_URL, PACKAGES, TYPES, Instance, lifecycle_script, parameters, template

MOUNTS = [
    json.dumps({"name": "Study A", "bucket": "study-a-s3alias", "prefix": "a"}),
    json.dumps({"name": "It's $(touch /tmp/x) '\nEND", "bucket": "b-s3alias", "prefix": "b"}),
    json.dumps({"name": "Study C", "bucket": "study-c-s3alias", "prefix": ""}),
]


class Start(unittest.TestCase):
    def instance(self, package="sagemakerNotebook"):
        instance = Instance(package)
        self.addCleanup(instance.close)
        return instance

    def start(self, instance, package="sagemakerNotebook", **given):
        """Runs the lifecycle script, which must end at once and well; what is left to do goes on."""
        script = instance.root / "OnStart"
        script.write_text(instance.rooted(lifecycle_script(package, parameters(**given))))
        begun = time.monotonic()
        output, status = instance.run("bash", script)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(status, 0, output)
        self.assertIn("workbench.log", output)


class TheScript(Start):
    def test_it_says_with_time_stamps_what_was_done(self):
        for package in TYPES:
            instance = self.instance(package)
            self.start(instance, package, minutes="30")
            log = instance.wait_for_log("start: done")
            self.assertIn("auto stop: after 30 idle minutes", log)
            for line in log.splitlines():
                self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ")

    def test_it_fetches_the_files_of_the_package_by_name(self):
        for package in TYPES:
            instance = self.instance(package)
            self.start(instance, package, minutes="30", mounts=MOUNTS[:1])
            instance.wait_for_log("start: done")
            fetched = {call.split()[4] for call in instance.calls("aws")}
            files = (PACKAGES / package / "files").iterdir()
            self.assertEqual(fetched, {f"{FILES_URL}/{file.name}" for file in files})

    def test_a_failing_download_is_said_and_tried_again_until_it_gives_up(self):
        for package in TYPES:
            instance = self.instance(package)
            instance.does("aws", "echo 'fatal error: 403' >&2; exit 1")
            self.start(instance, package, minutes="30")
            log = instance.wait_for_log("start: gave up")
            self.assertIn("fatal error: 403", log)
            self.assertIn("start: failed, next try in 10 seconds", log)
            waits = [int(call.split()[1]) for call in instance.calls("sleep")]
            self.assertEqual(len(instance.calls("aws")), len(waits))
            self.assertTrue(45 * 60 < sum(waits) < 60 * 60, waits)
            self.assertEqual(list(instance.units.iterdir()), [])

    def test_a_download_that_works_later_is_enough(self):
        instance = self.instance()
        instance.does("aws", f'[[ $(grep -c ^sleep "$STUBS/calls") -ge 3 ]] || exit 1\n{COPY}')
        self.start(instance, minutes="30")
        log = instance.wait_for_log("start: done")
        self.assertEqual(log.count("start: failed"), 3)

    def test_a_download_that_hangs_does_not_hold_up_the_start(self):
        instance = self.instance()
        instance.does("aws", "/bin/sleep 20")
        self.start(instance, minutes="30")

    def test_no_text_of_a_dataset_is_taken_for_a_command(self):
        instance = self.instance()
        self.start(instance, mounts=MOUNTS)
        instance.wait_for_log("start: failed")
        mounts = (instance.root / "opt/workbench/mounts.json").read_text()
        self.assertEqual(json.loads(mounts), MOUNTS)

    def test_it_fits_into_a_lifecycle_configuration_with_the_longest_parameters(self):
        # The longest value of a CloudFormation parameter, and the longest content of a lifecycle script.
        longest, limit = 4096, 16384
        for package in TYPES:
            given = {**parameters(minutes="99999999"), "S3Mounts": "x" * longest}
            given["EnvironmentInstanceFiles"] = "s3://" + "x" * 200
            content = base64.b64encode(lifecycle_script(package, given).encode())
            self.assertLess(len(content), limit)

    def test_it_differs_between_the_example_and_the_notebook_only_in_the_mounts(self):
        packages = ["sagemakerExample", "sagemakerNotebook"]
        example, notebook = [lifecycle_script(package, parameters()).splitlines() for package in packages]
        more = [line.strip() for line in notebook if line not in example]
        self.assertEqual([line for line in example if line not in notebook], [])
        self.assertEqual(len(more), 2, more)
        self.assertIn("mounts.json", more[1])


class AutoStop(Start):
    def test_n_minutes_install_the_timer(self):
        for package in TYPES:
            instance = self.instance(package)
            self.start(instance, package, minutes="45")
            instance.wait_for_log("start: done")
            service = (instance.units / "workbench-auto-stop.service").read_text()
            auto_stop = instance.root / "opt/workbench/auto_stop.py"
            self.assertIn(f"ExecStart=/usr/bin/env python3 {auto_stop} 45\n", service)
            self.assertTrue(auto_stop.exists())
            self.assertTrue((instance.units / "workbench-auto-stop.timer").exists())
            calls = ["systemctl daemon-reload", "systemctl enable --now workbench-auto-stop.timer"]
            self.assertEqual(instance.calls("systemctl"), calls)

    def test_0_minutes_install_nothing(self):
        for package in TYPES:
            instance = self.instance(package)
            self.start(instance, package, minutes="0")
            self.assertIn("auto stop: off", instance.wait_for_log("start: done"))
            self.assertEqual(list(instance.units.iterdir()), [])
            self.assertEqual(instance.calls("systemctl"), [])

    def test_0_minutes_remove_what_an_earlier_start_installed(self):
        instance = self.instance()
        here = instance.install("install_auto_stop.sh")
        instance.run("bash", here / "install_auto_stop.sh", "30")
        self.start(instance, minutes="0")
        instance.wait_for_log("start: done")
        self.assertEqual(list(instance.units.iterdir()), [])
        self.assertIn("systemctl disable --now workbench-auto-stop.timer", instance.calls())

    def test_with_0_minutes_the_example_runs_no_script_at_all(self):
        example = template("sagemakerExample")
        condition = example["Conditions"]["AutoStop"]
        self.assertEqual(condition, {"Fn::Not": [{"Fn::Equals": [{"Ref": "AutoStopIdleTimeInMinutes"}, "0"]}]})
        config = "BasicNotebookInstanceLifecycleConfig"
        self.assertEqual(example["Resources"][config]["Condition"], "AutoStop")

    def test_what_is_no_number_of_minutes_is_refused(self):
        instance = self.instance()
        script = instance.install("install_auto_stop.sh") / "install_auto_stop.sh"
        for minutes in ["", "-1", "1.5", "ten", "1 2", "1;reboot"]:
            output, status = instance.run("bash", script, minutes)
            self.assertIn("is no number of minutes", output)
            self.assertEqual(status, 1)
        self.assertEqual((list(instance.units.iterdir()), instance.calls()), ([], []))

    def test_leading_zeros_are_no_octal_number(self):
        instance = self.instance()
        script = instance.install("install_auto_stop.sh") / "install_auto_stop.sh"
        self.assertIn("after 90 idle minutes", instance.run("bash", script, "090")[0])
        self.assertIn("auto stop: off", instance.run("bash", script, "00")[0])

    def test_a_timer_that_can_not_be_started_is_said_and_tried_again(self):
        instance = self.instance()
        instance.does("systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
        self.start(instance, minutes="30")
        log = instance.wait_for_log("start: gave up")
        self.assertIn("Failed to connect to bus", log)
        self.assertIn("auto stop: could not be installed", log)


class Datasets(Start):
    def test_without_datasets_nothing_is_mounted_or_installed(self):
        instance = self.instance()
        instance.without("mount-s3")
        self.start(instance)
        self.assertIn("datasets: none to mount", instance.wait_for_log("start: done"))
        self.assertEqual(instance.calls("dnf"), [])

    def test_each_dataset_is_mounted_below_studies_and_shown_in_jupyter(self):
        instance = self.instance()
        self.start(instance, mounts=[MOUNTS[0], MOUNTS[2]])
        log = instance.wait_for_log("start: done")
        self.assertIn("datasets: Study A is mounted", log)
        studies = instance.root / "home/ec2-user/studies"
        calls = [re.sub(r"--([ug])id=\d+", r"--\1id=N", call) for call in instance.calls("mount-s3")]
        self.assertEqual(
            calls,
            [
                f"mount-s3 --prefix=a/ --allow-other --uid=N --gid=N study-a-s3alias {studies}/Study A",
                f"mount-s3 --allow-other --uid=N --gid=N study-c-s3alias {studies}/Study C",
            ],
        )
        link = instance.root / "home/ec2-user/SageMaker/studies"
        self.assertEqual(link.resolve(), studies.resolve())

    def test_a_folder_of_the_user_is_left_alone(self):
        instance = self.instance()
        own = instance.root / "home/ec2-user/SageMaker/studies"
        own.mkdir()
        self.start(instance, mounts=MOUNTS[:1])
        instance.wait_for_log("start: done")
        self.assertFalse(own.is_symlink())

    def test_access_that_is_granted_later_is_waited_for(self):
        instance = self.instance()
        denied = "echo 'Error: Access Denied'; exit 1"
        instance.does("mount-s3", f'[[ $(grep -c ^sleep "$STUBS/calls") -ge 2 ]] || {{ {denied}; }}')
        self.start(instance, minutes="30", mounts=MOUNTS[:1])
        log = instance.wait_for_log("start: done")
        self.assertEqual(log.count("Access Denied"), 2)
        self.assertEqual(log.count("datasets: Study A: "), 2)
        # The timer does not wait for it.
        self.assertLess(log.index("auto stop: after 30"), log.index("Access Denied"))

    def test_one_dataset_that_fails_does_not_keep_others_out(self):
        instance = self.instance()
        instance.does("mount-s3", "[[ $* == *study-c* ]]")
        self.start(instance, mounts=[MOUNTS[0], MOUNTS[2]])
        log = instance.wait_for_log("start: gave up")
        self.assertIn("datasets: Study A: ", log)
        self.assertIn("datasets: Study C is mounted", log)

    def test_mountpoint_is_installed_from_the_latest_release_where_the_machine_has_none(self):
        instance = self.instance()
        instance.without("mount-s3")
        finds = 'printf "#!/bin/bash\\n" > "$STUBS/mount-s3"; chmod +x "$STUBS/mount-s3"'
        instance.does("dnf", f"[[ $* == *--releasever=latest* ]] || exit 1\n{finds}")
        self.start(instance, mounts=MOUNTS[:1])
        instance.wait_for_log("start: done")
        calls = ["dnf install -y --quiet mount-s3", "dnf install -y --quiet --releasever=latest mount-s3"]
        self.assertEqual(instance.calls("dnf"), calls)

    def test_a_failing_installation_is_said_and_auto_stop_still_works(self):
        instance = self.instance()
        instance.without("mount-s3")
        instance.does("dnf", "echo 'No match for argument: mount-s3'; exit 1")
        self.start(instance, minutes="30", mounts=MOUNTS[:1])
        log = instance.wait_for_log("start: gave up")
        self.assertIn("No match for argument", log)
        self.assertIn("datasets: not all are mounted", log)
        self.assertTrue((instance.units / "workbench-auto-stop.timer").exists())


class TheStubs(Start):
    def test_no_command_that_a_script_starts_is_a_real_one(self):
        instance = self.instance()
        look = "import shutil; print(*[shutil.which(name) for name in ['aws', 'dnf', 'mount-s3', 'systemctl']])"
        output, _ = instance.run("bash", "-c", f'python3 -c "{look}"')
        self.assertEqual({path.rpartition("/")[0] for path in output.split()}, {str(instance.stubs)})


class Files(unittest.TestCase):
    def test_python_files_are_read_by_the_python_of_amazon_linux_2023(self):
        for package in TYPES:
            for file in (PACKAGES / package / "files").glob("*.py"):
                ast.parse(file.read_text(), str(file), feature_version=(3, 9))

    def test_both_templates_name_the_only_platform_that_can_be_created(self):
        for package in TYPES:
            notebook = template(package)["Resources"]["BasicNotebookInstance"]
            self.assertEqual(notebook["Properties"]["PlatformIdentifier"], "notebook-al2023-v1")

    def test_the_notebooks_role_reads_the_files_of_its_package_and_no_others(self):
        url = {"Fn::Select": [1, {"Fn::Split": ["s3://", {"Ref": "EnvironmentInstanceFiles"}]}]}
        folder = {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Folder}/*", {"Folder": url}]}
        expected = [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": folder},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Ref": "MainAccountS3ArtifactKeyArn"}},
        ]
        for package in TYPES:
            policies = template(package)["Resources"]["IAMRole"]["Properties"]["Policies"]
            given = [policy.get("Fn::If", [None, policy])[1] for policy in policies]
            named = {"Fn::Sub": "${Namespace}-bootstrap"}
            found = [policy for policy in given if policy.get("PolicyName") == named]
            self.assertEqual([policy["PolicyDocument"]["Statement"] for policy in found], [expected])


if __name__ == "__main__":
    unittest.main()
