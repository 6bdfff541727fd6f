"""No module imports itself through others. Imports in functions and imports for types count too."""

from graphlib import TopologicalSorter

import grimp


def test_no_module_is_part_of_a_circle() -> None:
    graph = grimp.build_graph("lab", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)}
    # Raises CycleError with the modules of a circle.
    TopologicalSorter(imports).prepare()
