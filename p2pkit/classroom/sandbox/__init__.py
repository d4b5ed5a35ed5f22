"""The sandbox: student code runs in processes that can compute and talk, no more.

Read in this order: ``seccomp`` (what a process may ask of the kernel), ``limits`` (how
much of it), ``frames`` and ``values`` (what it may say), ``child`` (its inside),
``zygote`` (which forks it), ``sandbox`` (the grader's end), ``proxy`` (a protocol whose
nodes run there), ``subject`` (what checks see).
"""
