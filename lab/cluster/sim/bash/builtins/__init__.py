"""The shell's own commands, one module a family.

Begin with `catalog`. This package may import `running`, `expansion` and `language`.
"""
