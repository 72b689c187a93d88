//! Raw files to typed tables, each misfit kept as a problem.
