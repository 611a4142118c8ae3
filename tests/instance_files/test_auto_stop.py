"""Auto stop's decisions, on what a Jupyter server really answered (jupyter_server 2.21, JupyterLab 4.6)."""

import copy
import json
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from instance import PACKAGES, TYPES, load

auto_stop = load(PACKAGES / "sagemakerNotebook/files/auto_stop.py", "auto_stop")

LIMIT = timedelta(minutes=30)


def at(text):
    """A time on the day of the recording."""
    return datetime.fromisoformat(f"2026-11-24T{text}+00:00")


def answers(name):
    return json.loads((Path(__file__).parent / "answers" / f"{name}.json").read_text())


def decide(now, said, remembered=None):
    return auto_stop.decide(now, LIMIT, auto_stop.observe(**said), remembered)


class WhatCountsAsActivity(unittest.TestCase):
    def assert_idle_since(self, time, name):
        """Says that the limit counts from that second on."""
        said, active_at = answers(name), at(time)
        self.assertFalse(decide(active_at + LIMIT - timedelta(seconds=1), said).stop)
        self.assertTrue(decide(active_at + LIMIT, said).stop)

    def test_without_kernels_the_start_of_the_server_counts(self):
        self.assert_idle_since("18:56:02", "no_kernels")

    def test_an_idle_kernel_counts_from_its_last_activity(self):
        self.assert_idle_since("18:57:15", "idle_kernel")

    def test_an_open_browser_tab_is_no_activity(self):
        self.assert_idle_since("18:57:15", "idle_kernel_with_open_tab")

    def test_requests_to_the_server_are_no_activity(self):
        said = answers("idle_kernel")
        said["status"]["last_activity"] = "2026-11-24T23:00:00.000001Z"
        self.assertTrue(decide(at("20:00:00"), said).stop)

    def test_a_kernel_that_never_left_starting_does_not_keep_the_notebook_up(self):
        self.assert_idle_since("18:57:14", "kernel_starting")

    def test_a_terminal_counts_from_its_last_input_or_output(self):
        self.assert_idle_since("18:57:27", "terminal_only")

    def test_a_busy_kernel_keeps_the_notebook_up_for_days(self):
        decision = decide(at("18:00:00") + timedelta(days=9), answers("busy_kernel"))
        self.assertFalse(decision.stop)
        self.assertEqual(decision.reason, "busy: python3")

    def test_the_newest_activity_counts(self):
        said = answers("idle_kernel")
        older = {"name": "1", "last_activity": "2026-11-24T18:00:00.5Z"}
        newer = {"name": "2", "last_activity": "2026-11-24T19:00:00.5Z"}
        said["terminals"] = [older, newer, older]
        self.assertEqual(decide(at("19:10:00"), said).active_at, at("19:00:00"))


class WhatWasSeenBefore(unittest.TestCase):
    def test_a_closed_kernel_is_remembered(self):
        said = answers("no_kernels")
        self.assertFalse(decide(at("20:00:00"), said, remembered=at("19:45:00")).stop)
        self.assertTrue(decide(at("20:15:00"), said, remembered=at("19:45:00")).stop)

    def test_a_restarted_server_counts_from_its_start(self):
        self.assertFalse(decide(at("19:00:00"), answers("no_kernels"), remembered=at("10:00:00")).stop)

    def test_after_a_busy_kernel_the_limit_counts_anew(self):
        busy = decide(at("23:00:00"), answers("busy_kernel"))
        self.assertEqual(busy.active_at, at("23:00:00"))
        after = decide(at("23:10:00"), answers("no_kernels"), busy.active_at)
        self.assertFalse(after.stop)
        self.assertEqual(after.reason, "idle for 10 of 30 minutes")

    def test_a_time_in_the_future_stops_nothing(self):
        self.assertFalse(decide(at("10:00:00"), answers("idle_kernel")).stop)


class Times(unittest.TestCase):
    def test_fractions_whole_seconds_and_offsets_are_read(self):
        for text in [
            "2026-11-24T18:57:15.521836Z",
            "2026-11-24T18:57:15.5Z",
            "2026-11-24T18:57:15Z",
            "2026-11-24T18:57:15+00:00",
            "2026-11-24T20:57:15.123456789+02:00",
        ]:
            self.assertEqual(auto_stop.parse_time(text).astimezone(timezone.utc), at("18:57:15"), text)

    def test_anything_else_is_refused(self):
        for text in [
            None,
            7,
            "",
            "yesterday",
            "2026-11-24",
            "2026-11-24T18:57:15",
            "2026-11-24 18:57:15Z",
            "2026-13-24T18:57:15Z",
            " 2026-11-24T18:57:15Z",
        ]:
            with self.assertRaises(auto_stop.Unreadable, msg=repr(text)):
                auto_stop.parse_time(text)


class UnreadableAnswers(unittest.TestCase):
    def test_what_no_jupyter_server_says_is_refused(self):
        # Jupyter's own refusal.
        forbidden = {"message": "Forbidden", "reason": None}
        no_time = [{"name": "1"}]
        wrong_time = [{"name": "1", "last_activity": "soon"}]
        no_state = [{"name": "python3", "last_activity": "2026-11-24T18:57:15Z"}]
        for key, wrong in [
            ("status", forbidden),
            ("status", None),
            ("status", []),
            ("status", {"started": None}),
            ("kernels", forbidden),
            ("kernels", {}),
            ("kernels", None),
            ("kernels", ["python3"]),
            ("kernels", no_state),
            ("terminals", {}),
            ("terminals", no_time),
            ("terminals", wrong_time),
        ]:
            said = copy.deepcopy(answers("idle_kernel"))
            said[key] = wrong
            with self.assertRaises(auto_stop.Unreadable, msg=f"{key}: {wrong}"):
                auto_stop.observe(**said)


class EveryPackage(unittest.TestCase):
    def test_auto_stop_is_the_same_in_every_package(self):
        for name in ["auto_stop.py", "install_auto_stop.sh"]:
            files = [*PACKAGES.glob(f"*/files/{name}")]
            self.assertGreaterEqual(len(files), len(TYPES))
            self.assertEqual(len({file.read_text() for file in files}), 1, f"{name} differs; copy the one that is meant over the other")


if __name__ == "__main__":
    unittest.main()
