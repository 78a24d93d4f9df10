"""A driver of Ray: ``ray_driver.py FOLDER by-address`` or ``by-records``; it writes which epoch ended first.

In the first attempt, rank 0 kills rank 1 after the second epoch, in the second one after the third.
"""

import os
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tests.clustering.hosts.problem import run_arguments

from glassnet.clustering.addresses import parse_address
from glassnet.clustering.joining import work_together
from glassnet.clustering.lanes.training import TrainTogether
from glassnet.clustering.ray.configs import with_records
from glassnet.errors import ClusterError


@dataclass(frozen=True)
class Work:
    """The training of the other tests, on each worker."""

    folder: Path

    def __call__(self, comm):
        attempt = len(list(self.folder.glob("attempt-*")))
        if comm.rank == 1:
            (self.folder / "rank-1").write_text(str(os.getpid()))
        comm.allreduce(np.zeros(1))  # both have counted, and the number is written
        first = []

        def hear(epoch, network):
            if not first:
                first.append(epoch.epoch)
                (self.folder / f"attempt-{attempt}").write_text(f"{epoch.epoch}")
            if attempt < 2 and epoch.epoch == attempt + 2:
                os.kill(int((self.folder / "rank-1").read_text()), signal.SIGKILL)

        run = run_arguments("float32")
        run = replace(
            run,
            settings=replace(run.settings, callback=hear),
            checkpoint=self.folder / "run1.ckpt",
            checkpoint_every=0.0,
        )
        return comm.world, TrainTogether(comm)(run).network.theta


def main(folder, how):
    work = Work(Path(folder))
    try:
        if how == "by-address":
            address = parse_address("ray://auto?workers=1..2&retries=1")
            world, theta = work_together(address, work, heartbeat=20.0, folder=work.folder / "run1")
        else:
            from ray.train import FailureConfig, RunConfig, ScalingConfig

            run_config = RunConfig(name="run1", storage_path=folder, failure_config=FailureConfig(max_failures=1))
            address = parse_address("ray://auto")
            records = with_records(address, None, ScalingConfig(num_workers=2), run_config)
            world, theta = work_together(records[0], work, heartbeat=20.0, folder=records[1])
    except ClusterError as error:
        print(error)
        return 1
    np.save(work.folder / "theta.npy", theta)
    print(f"trained by {world}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
