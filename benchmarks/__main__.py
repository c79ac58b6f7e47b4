"""Run the benchmarks: ``make bench``."""

from __future__ import annotations

import sys

from threadpoolctl import threadpool_limits

from benchmarks import bench_plan

if __name__ == "__main__":
    with threadpool_limits(1):
        sys.exit(not bench_plan.main())
