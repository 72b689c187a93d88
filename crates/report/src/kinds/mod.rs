//! The kinds of the `report:` section, one file each.
