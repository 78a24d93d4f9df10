"""One process of a cluster: ``worker.py ADDRESS HEARTBEAT FOLDER SAVES DTYPE...`` trains; rank 0 writes the weights."""

import sys
from pathlib import Path

import numpy as np
from tests.clustering.hosts.problem import trained

from glassnet.clustering.addresses import parse_address
from glassnet.clustering.joining import join
from glassnet.clustering.leaving import TRY_AGAIN, Stopped, stop_requests


def main(address, heartbeat, folder, saves, *dtypes):
    comm = join(parse_address(address), heartbeat=float(heartbeat))
    print(f"joined as {comm.rank}", flush=True)
    with stop_requests() as stop:
        for dtype in dtypes:
            try:
                result = trained(dtype, comm, Path(folder) / f"{dtype}.ckpt" if saves == "saves" else None, stop)
            except Stopped as end:
                print(end, flush=True)
                comm.close()
                return TRY_AGAIN
            if comm.rank == 0:
                np.save(Path(folder) / f"{dtype}.npy", result.network.theta)
    comm.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
