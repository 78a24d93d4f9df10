"""`glassnet warm-up`: compile the engine before it is needed."""

from glassnet.cli.console import emit_json, say
from glassnet.cli.options import Json


def warm_up(json: Json = False) -> None:
    """Compile the engine now, so that no later call has to: once for an installation, in some seconds.

    The machine code is kept beside glassnet, or where that folder cannot be written to in your cache folder; the
    environment variable NUMBA_CACHE_DIR names another one. What is there is checked, and replaced if it is damaged.
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
        say(f"compiled in {done.seconds:.1f} s; the machine code ({done.n_bytes / 1e6:.1f} MB) is kept in {where}")
    else:
        say(f"nothing to do: the machine code ({done.n_bytes / 1e6:.1f} MB) is in {where}")
