"""`python -m benchmarks`; see `benchmarks.speed.command`."""

# Imported below the guard: each worker process loads this module, and must not have what it does not need.
if __name__ == "__main__":
    from benchmarks.speed.command import main

    main()
