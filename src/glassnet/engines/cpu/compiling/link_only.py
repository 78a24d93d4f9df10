"""Compiles functions that are only linked into others, without machine code of their own.

Numba optimizes each function and generates machine code for it before linking it into its callers, where it is
optimized again. For kernels that Python never calls, this takes a third of the compile time.
"""

import weakref
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import NativeLowering


class _WithoutEnvironment:
    """A code generator for functions without an environment in memory."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, env_name: str, env: Any) -> None:
        """Do nothing: environments serve exceptions, and kernels never raise."""


class _Library(JITCodeLibrary):
    """A function to link into others."""

    @property
    def codegen(self) -> Any:
        """Return the code generator."""
        return _WithoutEnvironment(self._codegen)

    def _optimize_final_module(self) -> None:
        """Do nothing: the callers are optimized."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._final_module.__library = weakref.proxy(self)
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return no address, since there is no machine code."""
        self._ensure_finalized()
        return 0


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    _name = "lowering_for_linking"

    def run_pass(self, state: Any) -> bool:
        state.library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)
        return bool(super().run_pass(state))


class LinkedOnly(CompilerBase):
    """The pipeline class for ``njit(pipeline_class=...)``."""

    def define_pipelines(self) -> list[PassManager]:
        """Return Numba's passes with a different last one."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [(_Lowering if each is NativeLowering else each, why) for each, why in manager.passes]
        manager.finalize()
        return [manager]
