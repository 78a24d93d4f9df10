"""`glassnet warm-up`: compile the engine before it is needed."""

from glassnet.cli.console import emit_json, say
from glassnet.cli.options import Json


def warm_up(json: Json = False) -> None:
    """Compile the engine ahead of time; this takes some seconds, once per installation.

    The machine code is stored next to glassnet, or in your cache folder if that folder is not writable; the environment
    variable NUMBA_CACHE_DIR sets another one. Existing machine code is checked, and replaced if it is damaged.
    """
    from glassnet.engines.cpu.warming import warm_up as compile_everything

    done = compile_everything()
    where = " and ".join(map(str, done.folders))
    if json:
        emit_json(
            {
                "compiled": done.n_compiled,
                "seconds": done.seconds,
                "folders": [str(folder) for folder in done.folders],
                "bytes": done.n_bytes,
            }
        )
    elif done.n_compiled:
        say(f"compiled in {done.seconds:.1f} s; the machine code ({done.n_bytes / 1e6:.1f} MB) is in {where}")
    else:
        say(f"nothing to do: the machine code ({done.n_bytes / 1e6:.1f} MB) is in {where}")
