"""Grading: from submissions to grades, with all that explains them.

Read in this order: ``reading`` (what came in), ``restoring`` (what of it counts),
``trying`` and ``examining`` (its code, in the sandbox), ``grader``, ``result``.
"""
