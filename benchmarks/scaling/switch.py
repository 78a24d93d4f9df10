"""A switch between hosts that delays packets and limits their rate, through TUN devices.

The kernel's own emulator, `tc netem`, is a module that small kernels lack; TUN devices and root are enough for this
one. The hosts' TCP is the kernel's: the switch sees its packets, up to 64 KiB of them at once (segmentation offload),
and passes them on unchanged when they are due.
"""

import ctypes
import fcntl
import heapq
import os
import select
import struct
import sys
import time
from typing import NamedTuple

TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
OFFLOADS = 0x01 | 0x02  # checksums and TCP segments over IPv4
CLONE_NEWNET = 0x40000000
HEADER = 10  # bytes of the virtio header before each packet
LONGEST = HEADER + 65536
DEVICE = "link0"


class Link(NamedTuple):
    """What connects the hosts: seconds in one direction, and bytes per second of each host's cable, 0 for no limit."""

    name: str
    delay: float = 0.0
    rate: float = 0.0


class Cables:
    """When a packet arrives: it waits for the sender's cable, travels, and waits for the receiver's cable.

    >>> cables = Cables(Link("1 MB/s, 1 ms", 0.001, 1e6))
    >>> [round(cables.arrival(0.0, source, 2, 500), 6) for source in (0, 0, 1)]
    [0.0015, 0.002, 0.0025]
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._sent: dict[int, float] = {}
        self._received: dict[int, float] = {}

    def arrival(self, now: float, source: int, target: int, n_bytes: int) -> float:
        """Return when a packet that is sent now has arrived; packets are given in the order of their sending."""
        seconds = n_bytes / self._link.rate if self._link.rate else 0.0
        sent = self._sent[source] = max(now, self._sent.get(source, 0.0)) + seconds
        received = max(sent + self._link.delay, self._received.get(target, 0.0) + seconds)
        self._received[target] = received
        return received


def open_device(namespace: str) -> int:
    """Return a TUN device in a network namespace, as a file descriptor; the calling process stays in that namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter the network namespace {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(device, TUNSETOFFLOAD, OFFLOADS)
    return device


def forward(devices: list[int], link: Link, stop: int) -> None:
    """Pass packets between devices until `stop` is closed; the last byte of an address is the device's place plus 1."""
    cables = Cables(link)
    waiting: list[tuple[float, int, int, bytes]] = []
    ports, count = {device: k for k, device in enumerate(devices)}, 0
    while True:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([*devices, stop], [], [], pause)
        if stop in ready:
            return
        for device in ready:
            packet = os.read(device, LONGEST)
            target = packet[HEADER + 19] - 1
            if packet[HEADER] >> 4 == 4 and 0 <= target < len(devices):
                due = cables.arrival(time.monotonic(), ports[device], target, len(packet) - HEADER)
                heapq.heappush(waiting, (due, count, target, packet))
                count += 1
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(waiting)
            os.write(devices[target], packet)


def main() -> None:
    """Serve the namespaces named in the arguments after delay and rate, until standard input is closed."""
    delay, rate, *namespaces = sys.argv[1:]
    devices = [open_device(name) for name in namespaces]
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # a cable does not wait for a processor
    print("ready", flush=True)
    forward(devices, Link("", float(delay), float(rate)), sys.stdin.fileno())


if __name__ == "__main__":
    main()
