"""`StateOnDevice`: the state after a call, most of which nobody may ask for before the next one."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.engines.base import State
from glassnet.engines.xla.programs import Carry


class StateOnDevice(State):
    """A state whose solver memory comes to the host when it is asked for, since copying takes longer than some epochs.

    Its arrays on the devices are never overwritten.
    """

    _carry: Carry
    _n_devices: int

    @classmethod
    def of(cls, carry: Carry, step: int, n_devices: int) -> "StateOnDevice":
        """Return the state that lies on some devices."""
        state = cls.__new__(cls)
        known = {"theta": np.asarray(carry.theta), "step": step, "_carry": carry, "_n_devices": n_devices}
        for name, value in known.items():
            object.__setattr__(state, name, value)  # past the frozen dataclass, as its own __init__ does
        return state

    def __getattr__(self, name: str) -> Any:
        """Return the solver's memory, at its first use."""
        if name != "solver" or "_carry" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        solver = jax.tree.map(lambda each: np.asarray(each) if each.ndim else each.item(), self._carry.memory)
        object.__setattr__(self, "solver", solver)
        return solver

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the devices' arrays behind in a copy or a file."""
        return State, (self.theta, self.solver, self.step)

    def carry_on(self, n_devices: int) -> Carry | None:
        """Return a copy on so many devices, which a program may overwrite; None if it lies elsewhere."""
        if self.__dict__.get("_n_devices") != n_devices:
            return None
        copied: Carry = jax.tree.map(jnp.copy, self._carry)
        return copied

    def theta_there(self, theta: Any) -> Any:
        """Return the array on the devices of which `theta` is the copy, or `theta` itself."""
        return self._carry.theta if theta is self.theta else theta
