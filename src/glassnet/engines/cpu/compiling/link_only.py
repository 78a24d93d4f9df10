"""Compile functions that only become part of others: without machine code of their own.

Numba makes each function that is compiled ready to be called by itself, optimized and in machine code, before it links
it into those that call it, where it is optimized again. For kernels that Python never calls that takes a third of the
time of compiling.
"""

import weakref
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering


class _WithoutEnvironment:
    """The code generator, for functions that have no place in memory where their environment could be noted."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, env_name: str, env: Any) -> None:
        """Do nothing: an environment serves to raise exceptions, and kernels never raise."""


class _Library(JITCodeLibrary):
    """A function to be linked into others."""

    @property
    def codegen(self) -> Any:
        """Return the code generator."""
        return _WithoutEnvironment(self._codegen)

    def _optimize_final_module(self) -> None:
        """Leave that to those that it is linked into."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._final_module.__library = weakref.proxy(self)
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return no address: there is no machine code."""
        self._ensure_finalized()
        return 0


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    _name = "lowering_for_linking"

    def run_pass(self, state: Any) -> bool:
        state.library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)
        return bool(super().run_pass(state))


class LinkedOnly(CompilerBase):
    """What ``njit(pipeline_class=...)`` takes."""

    def define_pipelines(self) -> list[PassManager]:
        """Return Numba's own passes with another last one."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [(_Lowering if each is NativeLowering else each, why) for each, why in manager.passes]
        manager.finalize()
        return [manager]
