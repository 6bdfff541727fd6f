"""Pure rules and models, without textual, docker or subprocess.

Begin with `scenario`, then `session` and `grading`. It imports nothing of the lab but `lab.errors`.
"""
