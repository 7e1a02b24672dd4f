"""The device clock, with a device that is only pretended: what happens between the two events, and what does not."""

from __future__ import annotations

import pytest

from attn_core.timing.clock import Contender, measure
from attn_core.timing.cuda_clock import DeviceTimer


class FakeDevice:
    """Work is queued by the host in no time and done when the device is waited for."""

    def __init__(self) -> None:
        self.time, self.queue, self.log = 0.0, [], []

    def work(self, name: str, seconds: float) -> None:
        self.queue.append((name, seconds))

    def synchronize(self) -> None:
        for name, seconds in self.queue:
            self.log.append(name)
            self.time += seconds
            if name.startswith("event"):
                self.stamps[name] = self.time
        self.queue.clear()

    stamps: dict[str, float]

    def Event(self, enable_timing: bool) -> FakeEvent:
        assert enable_timing
        return FakeEvent(self)


class FakeEvent:
    made = 0

    def __init__(self, device: FakeDevice) -> None:
        FakeEvent.made += 1
        self.device, self.name = device, f"event {FakeEvent.made}"
        self.device.stamps = getattr(device, "stamps", {})

    def record(self) -> None:
        self.device.work(self.name, 0.0)

    def synchronize(self) -> None:
        self.device.synchronize()

    def elapsed_time(self, end: FakeEvent) -> float:
        return 1000 * (self.device.stamps[end.name] - self.device.stamps[self.name])


class FakeScratch:
    def __init__(self, device: FakeDevice) -> None:
        self.device = device

    def zero_(self) -> None:
        self.device.work("flush", 5.0)


def timer(device: FakeDevice) -> DeviceTimer:
    return DeviceTimer(device, FakeScratch(device), lambda: device.time)


def test_device_time_is_the_call_without_flush_and_preparation():
    device = FakeDevice()
    contender = Contender(
        "A", lambda: device.work("prepare", 7.0), lambda: device.work("run", 2.0)
    )
    reading = timer(device)(contender, 1)
    assert reading == (2.0, 2.0)
    names = [name.split()[0] for name in device.log]
    assert names == ["prepare", "flush", "event", "run", "event", "prepare", "run"]


def test_several_calls_give_their_mean_and_flush_before_each():
    device, seconds = FakeDevice(), iter([1.0, 10.0, 3.0, 20.0])
    contender = Contender("A", None, lambda: device.work("run", next(seconds)))
    found = timer(device)
    assert [found(contender, 1), found(contender, 1)] == [(1.0, 10.0), (3.0, 20.0)]
    assert device.log.count("flush") == 2


def test_it_drives_a_whole_measurement():
    device = FakeDevice()
    contenders = [
        Contender(name, None, lambda s=seconds: device.work("run", s))
        for name, seconds in (("A", 0.25), ("B", 0.5))
    ]
    found = measure(
        contenders,
        seconds=100.0,
        precision=0.02,
        now=lambda: device.time,
        timer=timer(device),
        turn_s=0.0,
    )
    assert [samples.values[0] for samples in found] == pytest.approx([0.25, 0.5])
    assert all(samples.converged for samples in found)
