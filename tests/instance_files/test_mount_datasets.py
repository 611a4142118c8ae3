"""What is mounted, and what is refused."""

import json
import unittest

from instance import PACKAGES, load

mount_datasets = load(PACKAGES / "sagemakerNotebook/files/mount_datasets.py", "mount_datasets")

ALIAS = "dataset-abc-mounted-on-env-1-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias"
ARN = "arn:aws:s3:us-east-1:111122223333:accesspoint/dataset-abc-mounted-on-env-1"


def item(**fields):
    return json.dumps({"name": "Study A", "bucket": ALIAS, "prefix": "study-a", **fields})


def read(*items):
    return mount_datasets.read_mounts(json.dumps(items))


class Mounts(unittest.TestCase):
    def test_each_dataset_becomes_one_command(self):
        mounts, faults = read(item(), item(name="Study B", bucket=ARN, prefix=""))
        self.assertEqual(faults, [])
        first, second = [mount_datasets.command(mount, "/f", 1000, 100) for mount in mounts]
        options = ["--allow-other", "--uid=1000", "--gid=100"]
        self.assertEqual(first, ["mount-s3", "--prefix=study-a/", *options, ALIAS, "/f"])
        self.assertEqual(second, ["mount-s3", *options, ARN, "/f"])

    def test_a_prefix_ends_in_one_slash(self):
        for prefix in ["a/b", "/a/b", "a/b/", "a/b//"]:
            self.assertEqual(read(item(prefix=prefix))[0][0].prefix, "a/b/", prefix)
        self.assertEqual(read(item(prefix="/"))[0][0].prefix, "")

    def test_an_empty_list_mounts_nothing(self):
        self.assertEqual(read(), ([], []))

    def test_a_refused_dataset_does_not_keep_others_out(self):
        mounts, faults = read(item(name=".."), item())
        self.assertEqual([mount.name for mount in mounts], ["Study A"])
        self.assertEqual(len(faults), 1)


class Refusals(unittest.TestCase):
    def test_what_could_lead_out_of_the_folder_or_be_an_option_is_refused(self):
        for fields in [
            {"name": ""},
            {"name": "."},
            {"name": ".."},
            {"name": "../a"},
            {"name": "/etc"},
            {"name": "a\nb"},
            {"name": 7},
            {"bucket": ""},
            {"bucket": "--endpoint-url=http://x"},
            {"bucket": "UPPER"},
            {"bucket": "arn:aws:s3:::a"},
            {"prefix": None},
            {"prefix": "a\0"},
        ]:
            mounts, faults = read(item(**fields))
            self.assertEqual((mounts, len(faults)), ([], 1), fields)

    def test_two_datasets_of_one_name_are_refused(self):
        mounts, faults = read(item(), item(prefix="other"))
        self.assertEqual(len(mounts), 1)
        self.assertEqual(faults, ["Study A: two datasets have this name"])

    def test_what_is_no_list_of_mounts_is_refused(self):
        for text in ["", "{}", "null", "[", '"[]"', "[1]", '["{}"]', '["no"]', "[{}]", '["[]"]', '["null"]']:
            mounts, faults = mount_datasets.read_mounts(text)
            self.assertEqual((mounts, len(faults)), ([], 1), text)


if __name__ == "__main__":
    unittest.main()
