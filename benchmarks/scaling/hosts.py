"""Hosts on one machine: network namespaces that reach each other over a link, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.scaling.switch import DEVICE, Link

PREFIX = "glassnet"
NETWORK = "10.77.0"


class Host(NamedTuple):
    """A network namespace and its address."""

    namespace: str
    address: str

    def start(self, *words: str, **settings: Any) -> subprocess.Popen[str]:
        """Start a command on this host."""
        return subprocess.Popen([*self._inside(), *words], text=True, **settings)

    def run(self, *words: str) -> str:
        """Run a command on this host to its end; return what it printed."""
        return subprocess.run([*self._inside(), *words], text=True, stdout=subprocess.PIPE, check=True).stdout

    def _inside(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.namespace)


def why_not() -> str | None:
    """Return why this machine cannot simulate hosts, and what to do; None if it can."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        return "simulated hosts are network namespaces, which need Linux and the program ip; try: apt install iproute2"
    if os.geteuid() != 0:
        return "simulated hosts are network namespaces, which only root can make; run this as root"
    if not os.path.exists("/dev/net/tun"):
        return "links with a delay or a rate need the device /dev/net/tun, which this machine lacks"
    return None


@contextmanager
def connected(n_hosts: int, link: Link) -> Iterator[list[Host]]:
    """Make hosts that are connected by a link, and remove them and everything that runs on them at the end.

    A link without delay and rate is a bridge of the kernel; any other one is a switch that runs beside the hosts.
    """
    remove_abandoned()
    hosts = [Host(f"{PREFIX}-{os.getpid()}-{k}", f"{NETWORK}.{k + 1}") for k in range(n_hosts)]
    with ExitStack() as stack:
        for host in hosts:
            stack.callback(remove, host.namespace)
            _ip("netns", "add", host.namespace)
            folder = Path("/etc/netns", host.namespace)
            folder.mkdir(parents=True, exist_ok=True)  # `ip netns exec` shows its files in place of those in /etc
            (folder / "hosts").write_text(f"127.0.0.1 localhost\n{host.address} {os.uname().nodename}\n")
        if link.delay or link.rate:
            stack.enter_context(_switched(hosts, link))
        else:
            _bridge(hosts, stack)
        for host in hosts:
            host.run("ip", "address", "add", f"{host.address}/24", "dev", DEVICE)
            host.run("ip", "link", "set", DEVICE, "up")
            host.run("ip", "link", "set", "lo", "up")
        yield hosts


@contextmanager
def _switched(hosts: Sequence[Host], link: Link) -> Iterator[None]:
    words = [str(link.delay), str(link.rate), *(host.namespace for host in hosts)]
    command = [sys.executable, "-m", "benchmarks.scaling.switch", *words]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as switch:
        assert switch.stdout is not None
        if switch.stdout.readline() != "ready\n":
            raise RuntimeError("the switch between the hosts did not start; its error is above")
        yield  # leaving the block closes its input, which ends it


def _bridge(hosts: Sequence[Host], stack: ExitStack) -> None:
    bridge = f"{PREFIX}-{os.getpid()}-bridge"
    stack.callback(remove, bridge)
    _ip("netns", "add", bridge)
    _ip("-netns", bridge, "link", "add", "bridge0", "type", "bridge")
    _ip("-netns", bridge, "link", "set", "bridge0", "up")
    for k, host in enumerate(hosts):
        peer = ("peer", "name", f"port{k}", "netns", bridge)
        _ip("-netns", host.namespace, "link", "add", DEVICE, "type", "veth", *peer)
        _ip("-netns", bridge, "link", "set", f"port{k}", "master", "bridge0", "up")


def remove(namespace: str) -> None:
    """Remove a namespace, its files, and the processes that run in it."""
    if Path("/run/netns", namespace).exists():
        for pid in _ip("netns", "pids", namespace).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), 9)
        _ip("netns", "delete", namespace)
    shutil.rmtree(Path("/etc/netns", namespace), ignore_errors=True)


def remove_abandoned() -> None:
    """Remove the namespaces of processes that were killed before they could."""
    for line in _ip("netns", "list").splitlines():
        found = re.match(rf"{PREFIX}-(\d+)-\w+", line)
        if found and not Path("/proc", found[1]).exists():
            remove(found[0])


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], text=True, stdout=subprocess.PIPE, check=True).stdout
