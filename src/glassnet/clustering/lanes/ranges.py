"""Which lanes each process has, and how their sums are added in one order for any number of processes.

The lanes are the leaves of a balanced tree. A process adds what lies in subtrees that are its own, and hands over one
sum for each of them; the rest of the tree is added between the processes.
"""

from dataclasses import dataclass
from functools import cached_property

from glassnet.clustering.summing import Additions, pairwise


@dataclass(frozen=True)
class Ranges:
    """The lanes of all processes.

    Attributes
    ----------
    n_lanes, world : int
    """

    n_lanes: int
    world: int

    def of(self, rank: int) -> range:
        """Return the lanes of a process.

        >>> [list(Ranges(8, 3).of(rank)) for rank in range(3)]
        [[0, 1], [2, 3, 4], [5, 6, 7]]
        """
        return range(self.n_lanes * rank // self.world, self.n_lanes * (rank + 1) // self.world)

    def own_additions(self, rank: int) -> Additions:
        """Return the additions of lanes that a process has all of: lane j to lane i.

        >>> Ranges(8, 3).own_additions(1)
        ((2, 3),)
        """
        lanes = self.of(rank)
        return tuple(
            (i, j) for i, j in pairwise(self.n_lanes) if lanes.start <= i and min(2 * j - i, self.n_lanes) <= lanes.stop
        )

    def handed_over(self, rank: int) -> list[int]:
        """Return the lanes whose sums, with those added to them, a process hands over.

        >>> Ranges(8, 3).handed_over(1)
        [2, 4]
        """
        added = {j for _, j in self.own_additions(rank)}
        return [lane for lane in self.of(rank) if lane not in added]

    @cached_property
    def n_parts(self) -> int:
        """The most sums that a process hands over."""
        return max(len(self.handed_over(rank)) for rank in range(self.world))

    @cached_property
    def shared_additions(self) -> Additions:
        """The additions between processes: part i of rank r is number ``r * n_parts + i``.

        >>> Ranges(4, 2).shared_additions
        ((0, 1),)
        """
        own = {pair for rank in range(self.world) for pair in self.own_additions(rank)}
        place = {
            lane: rank * self.n_parts + part
            for rank in range(self.world)
            for part, lane in enumerate(self.handed_over(rank))
        }
        return tuple((place[i], place[j]) for i, j in pairwise(self.n_lanes) if (i, j) not in own)
