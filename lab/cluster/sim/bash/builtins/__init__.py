"""The shell's own commands: one module for each family of commands.

Begin with `catalog`. This package may import `running`, `expansion` and `language`.
"""
