#!/bin/sh
# A few letters of Droid Sans Fallback (Apache License 2.0), with fonttools 4, from Debian's
# package fonts-droid-fallback 1:6.0.1r16-1.1.
pyftsubset /usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf \
  --text='放疗北京无进展生存时间' --layout-features='' --no-hinting \
  --name-IDs='*' --output-file=DroidSansFallback-subset.ttf
