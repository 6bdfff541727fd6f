"""A compositor for screens on which little changes at a time: a key's echo, a clock."""

from collections.abc import Iterable, Iterator

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

__all__ = ["RowCompositor"]

#: A part of a row that changed: the row, the first column, and the column behind the last one.
Span = tuple[int, int, int]


class RowCompositor(Compositor):
    """Renders only the changed rows, and in them only the visible widgets.

    Textual's own renders all lines of all widgets between the first and the last row that changed.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        """Render what changed since the last update, if anything did."""
        regions = self._dirty_regions.copy()
        self._dirty_regions.clear()
        if not regions:
            return None
        spans = list(self._regions_to_spans(regions))
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [{} for _ in cuts]
        for row in {row for row, _, _ in spans}:
            chops[row] = dict.fromkeys(cuts[row][:-1])
        for band in _bands(spans):
            self._fill(chops, band)
        return ChopsUpdate(chops, spans, [row[1:] for row in cuts])

    def _fill(self, chops: list[dict[int, Strip | None]], band: Region) -> None:
        """Render the widgets within `band`, the topmost first, until they cover the band."""
        rows = Region(0, band.y, self.size.width, band.height)
        for widget, (region, clip) in self.visible_widgets.items():
            part = region.intersection(clip).intersection(rows)
            if not part.overlaps(band):
                continue
            first, last = part.column_span
            lines = widget.render_lines(part.translate((-region.x, -region.y)))
            for row, line in zip(part.line_range, lines, strict=False):
                cuts = [cut for cut in self.cuts[row] if first <= cut <= last]
                pieces = line.divide([cut - first for cut in cuts[1:]])
                for cut, piece in zip(cuts, pieces, strict=False):
                    if chops[row].get(cut) is None:
                        chops[row][cut] = piece
            if part.contains_region(band):
                return


def _bands(spans: Iterable[Span]) -> Iterator[Region]:
    """Return the regions that enclose spans of rows one below the other."""
    band = Region()
    for row, first, end in spans:
        span = Region(first, row, end - first, 1)
        if band and row > band.bottom:
            yield band
            band = span
        else:
            band = band.union(span) if band else span
    if band:
        yield band
