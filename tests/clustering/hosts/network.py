"""Hosts: network namespaces on one bridge, with no route out, and the hosts files of Debian."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

PREFIX = "glassnet-test"
PORT = 1234


def _ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


def sweep():
    """Remove the hosts of test runs that were killed."""
    for line in _ip("netns", "list").stdout.splitlines():
        name = line.split()[0]
        if name.startswith(PREFIX) and not Path(f"/proc/{name.split('.')[1]}").exists():
            _remove(name)


def _remove(name):
    _ip("netns", "del", name, check=False)
    shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)


class Hosts:
    """Some hosts; host k has the address ``10.77.0.(k + 1)`` and the name ``host-k``.

    As on Debian, a host's own names mean 127.0.1.1 on it: that of the machine, which gloo looks up, and its own.
    """

    def __init__(self, n):
        self.n = n
        self._run = f"{PREFIX}.{os.getpid()}"
        self._switch = f"{self._run}.switch"
        _ip("netns", "add", self._switch)
        _ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "bridge", "up")
        for k in range(n):
            name, cable = self.namespace(k), f"cable{k}"
            folder = Path(f"/etc/netns/{name}")
            folder.mkdir(parents=True)
            others = "".join(f"{self.address(i)} host-{i}\n" for i in range(n) if i != k)
            (folder / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {socket.gethostname()} host-{k}\n{others}")
            _ip("netns", "add", name)
            _ip("-n", self._switch, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("-n", self._switch, "link", "set", cable, "master", "bridge", "up")
            _ip("-n", name, "address", "add", f"{self.address(k)}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")

    @staticmethod
    def address(k):
        return f"10.77.0.{k + 1}"

    def namespace(self, k):
        return f"{self._run}.host-{k}"

    def command(self, k, *words):
        """Return a command that runs on a host, in a process of its own id."""
        return ["ip", "netns", "exec", self.namespace(k), *words]

    def cut(self, k):
        """Pull a host's cable."""
        _ip("-n", self._switch, "link", "set", f"cable{k}", "down")

    def mend(self, k):
        _ip("-n", self._switch, "link", "set", f"cable{k}", "up")

    def close(self):
        for name in (*map(self.namespace, range(self.n)), self._switch):
            _remove(name)
