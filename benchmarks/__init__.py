"""What `make bench` measures: run one with ``python -m benchmarks.<name>``.

Each prints JSON lines on standard output, one a measurement. A line that has the key
``figure`` is a figure to reach: it names its ``target``, what was ``reached``, and
whether that is ``ok``; ``python -m benchmarks`` gathers those in one table.
"""
