"""Makes the subsets of Inter: TTF and WOFF2 from the same outlines.

    python make_fonts.py "package/Inter (web)" .
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

# Latin with diacritics, Greek, punctuation, superscripts, arrows, mathematics, marks
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1CE), (0x218, 0x21B), (0x2B9, 0x2DD),
    (0x300, 0x304), (0x391, 0x3A9), (0x3B1, 0x3C9), (0x2000, 0x200A), (0x2010, 0x2027), (0x202F, 0x203A),
    (0x2044, 0x2044), (0x2070, 0x208E), (0x20AC, 0x20AC), (0x2113, 0x2126),
    (0x2190, 0x2199), (0x2202, 0x2265), (0x25A0, 0x25CF), (0x2605, 0x2606), (0x2713, 0x2717),
]
WEIGHTS = ["Regular", "SemiBold", "Italic"]



def tabular_digits(font):
    """Gives every digit the same width, so that columns of numbers align."""
    wide = {}
    gsub = font["GSUB"].table
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for lookup in record.Feature.LookupListIndex:
                for part in gsub.LookupList.Lookup[lookup].SubTable:
                    wide.update(getattr(part, "ExtSubTable", part).mapping)
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            if code in table.cmap:
                table.cmap[code] = wide.get(table.cmap[code], table.cmap[code])


source, target = map(pathlib.Path, sys.argv[1:])
for weight in WEIGHTS:
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "tnum"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = TTFont(source / f"Inter-{weight}.woff2", recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[u for first, last in RANGES for u in range(first, last + 1)])
    subsetter.subset(font)
    tabular_digits(font)
    for flavor, ending in [(None, "ttf"), ("woff2", "woff2")]:
        font.flavor = flavor
        font.save(target / f"Inter-{weight}.{ending}")
